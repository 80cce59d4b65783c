import { MenuOutlined, UserOutlined } from "@ant-design/icons"
import { Badge as Dot, Button, Drawer, Dropdown, Menu, type MenuProps } from "antd"
import { useEffect, useState } from "react"
import { Link, useLocation, useNavigate } from "react-router-dom"
import { type Key, useLanguage } from "../i18n"
import { useLive } from "../live/Live"
import { useAct } from "../parts/act"
import { Badge } from "../parts/bits"
import { useNarrow } from "../parts/narrow"
import { useDoor, useMay, useSession } from "../session/Session"
import { Choices } from "./Choices"
import { Pages } from "./Pages"
import { GROUPS, type Place, placeOf } from "./places"

/** A place's name, and what waits there. */
function NavText({ place: { at, text } }: { place: Place }) {
  const { t } = useLanguage()
  const { pulse } = useLive()
  const budget = pulse?.budget_state
  return (
    <span className="nav-text">
      {t(text)}
      {at === "/events" && !!pulse?.parked_waiting && (
        <Dot count={pulse.parked_waiting} overflowCount={99} size="small" title={t("nav.parked_waiting")} />
      )}
      {at === "/budget" && (budget === "warning" || budget === "paused") && (
        <Badge tone={budget === "paused" ? "bad" : "warn"}>{t(`nav.budget.${budget}`)}</Badge>
      )}
    </span>
  )
}

function Navigation({ onGo }: { onGo?: () => void }) {
  const { t } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const { pathname } = useLocation()
  const groups = GROUPS.map(({ text, places }) => ({ text, places: places.filter((place) => may(place.act)) }))
  const item = (place: Place) => ({ key: place.at, icon: place.icon, label: <NavText place={place} /> })
  return (
    <nav aria-label={t("nav.label")}>
      <Link className="brand" to="/" onClick={onGo}>
        <img src="/console/linli.svg" alt="" width={32} height={32} />
        <span>
          <b>{t("app.name")}</b>
          <small>{t("app.part")}</small>
        </span>
      </Link>
      <Menu
        mode="inline"
        inlineIndent={14}
        selectedKeys={[placeOf(pathname)]}
        items={groups
          .filter(({ places }) => places.length)
          .flatMap<NonNullable<MenuProps["items"]>[number]>(({ text, places }) =>
            text ? [{ key: text, type: "group" as const, label: t(text), children: places.map(item) }] : places.map(item),
          )}
        onClick={({ key }) => {
          go(key)
          onGo?.()
        }}
      />
    </nav>
  )
}

function LiveSign() {
  const { t } = useLanguage()
  const { mode } = useLive()
  return (
    <span className={`live live-${mode}`} title={t(`live.${mode}.title` as Key)} role="status">
      <i aria-hidden />
      {t(`live.${mode}` as Key)}
    </span>
  )
}

function Account() {
  const { t, code } = useLanguage()
  const { user } = useSession()
  const { signOut } = useDoor()
  const go = useNavigate()
  const act = useAct(signOut)
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: [
          { key: "who", disabled: true, label: `${user.name} · ${code("role", user.role)}` },
          { key: "password", label: t("account.password") },
          { type: "divider" },
          { key: "out", label: t("account.sign_out") },
        ],
        onClick: ({ key }) => (key === "out" ? void act.run() : go("/password")),
      }}
    >
      <Button type="text" icon={<UserOutlined />} className="account">
        <span className="account-name">{user.display_name || user.name}</span>
      </Button>
    </Dropdown>
  )
}

/** Navigation beside the page; on a phone it comes from a drawer. */
export function Shell() {
  const { t } = useLanguage()
  const narrow = useNarrow()
  const [open, setOpen] = useState(false)
  const { pathname } = useLocation()
  useEffect(() => {
    // Newer browsers give a promise, which React would take for a clean-up.
    void window.scrollTo(0, 0)
  }, [pathname])
  return (
    <div className="shell">
      {!narrow && (
        <aside className="side">
          <Navigation />
        </aside>
      )}
      <div className="main">
        <header className="top">
          {narrow && (
            <Button type="text" icon={<MenuOutlined />} aria-label={t("nav.open")} onClick={() => setOpen(true)} />
          )}
          <LiveSign />
          <span className="top-rest" />
          <Choices />
          <Account />
        </header>
        <main>
          <Pages />
        </main>
      </div>
      <Drawer open={narrow && open} onClose={() => setOpen(false)} placement="left" size={264} closable={false} rootClassName="side-drawer">
        <Navigation onGo={() => setOpen(false)} />
      </Drawer>
    </div>
  )
}
