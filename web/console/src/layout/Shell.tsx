import {
  AuditOutlined, BarChartOutlined, ClockCircleOutlined, DiffOutlined, FilterOutlined, MenuOutlined, ReadOutlined,
  SafetyOutlined, TeamOutlined, ThunderboltOutlined, UserOutlined, WalletOutlined,
} from "@ant-design/icons"
import { Badge as Dot, Button, Drawer, Dropdown, Menu, Skeleton } from "antd"
import { lazy, Suspense, useEffect, useState } from "react"
import { Link, Navigate, Route, Routes, useLocation, useNavigate } from "react-router-dom"
import { type Key, useLanguage } from "../i18n"
import { useLive } from "../live/Live"
import { useAct } from "../parts/act"
import { useNarrow } from "../parts/narrow"
import { Broken } from "./Broken"
import type { Act } from "../session/permissions"
import { useDoor, useMay, useSession } from "../session/Session"
import { Choices } from "./Choices"

const DashboardPage = lazy(() => import("../pages/dashboard/DashboardPage"))
const RulesPages = lazy(() => import("../pages/rules/RulesPages"))
const MembersPage = lazy(() => import("../pages/members/MembersPage"))
const MemberPage = lazy(() => import("../pages/members/MemberPage"))
const EventsPage = lazy(() => import("../pages/events/EventsPage"))
const EventPage = lazy(() => import("../pages/events/EventPage"))
const ParkedPage = lazy(() => import("../pages/events/ParkedPage"))
const RunsPage = lazy(() => import("../pages/runs/RunsPage"))
const CorrectionsPage = lazy(() => import("../pages/corrections/CorrectionsPage"))
const CorrectionPage = lazy(() => import("../pages/corrections/CorrectionPage"))
const BudgetPage = lazy(() => import("../pages/budget/BudgetPage"))
const CutsPage = lazy(() => import("../pages/screening/CutsPage"))
const ActsPage = lazy(() => import("../pages/acts/ActsPage"))
const UsersPage = lazy(() => import("../pages/users/UsersPage"))
const PasswordPage = lazy(() => import("../pages/users/PasswordPage"))
const MissingPage = lazy(() => import("../pages/MissingPage"))

const PLACES: { at: string; text: Key; icon: React.ReactNode; act: Act }[] = [
  { at: "/", text: "nav.dashboard", icon: <BarChartOutlined />, act: "see.dashboard" },
  { at: "/rules", text: "nav.rules", icon: <ReadOutlined />, act: "see.rules" },
  { at: "/budget", text: "nav.budget", icon: <WalletOutlined />, act: "see.dashboard" },
  { at: "/members", text: "nav.members", icon: <TeamOutlined />, act: "see.members" },
  { at: "/events", text: "nav.events", icon: <ThunderboltOutlined />, act: "see.events" },
  { at: "/runs", text: "nav.runs", icon: <ClockCircleOutlined />, act: "see.runs" },
  { at: "/screening", text: "nav.screening", icon: <FilterOutlined />, act: "see.runs" },
  { at: "/corrections", text: "nav.corrections", icon: <DiffOutlined />, act: "see.corrections" },
  { at: "/acts", text: "nav.acts", icon: <AuditOutlined />, act: "see.acts" },
  { at: "/users", text: "nav.users", icon: <SafetyOutlined />, act: "see.users" },
]

function Navigation({ onGo }: { onGo?: () => void }) {
  const { t } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const { pathname } = useLocation()
  const { pulse } = useLive()
  const places = PLACES.filter((place) => may(place.act))
  const here = places.findLast((place) => pathname === place.at || pathname.startsWith(`${place.at}/`))?.at ?? "/"
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
        selectedKeys={[here]}
        items={places.map((place) => ({
          key: place.at,
          icon: place.icon,
          label: (
            <span className="nav-text">
              {t(place.text)}
              {place.at === "/events" && !!pulse?.parked_waiting && (
                <Dot count={pulse.parked_waiting} overflowCount={99} size="small" title={t("nav.parked_waiting")} />
              )}
            </span>
          ),
        }))}
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

function Pages() {
  const { pathname } = useLocation()
  const may = useMay()
  const guard = (act: Act, page: React.ReactNode) => (may(act) ? page : <MissingPage forbidden />)
  return (
    <Broken at={pathname}>
      <Suspense fallback={<Skeleton className="page" active paragraph={{ rows: 8 }} />}>
        <Routes>
          <Route path="/" element={may("see.dashboard") ? <DashboardPage /> : <Navigate to="/events" replace />} />
          <Route path="/rules/*" element={guard("see.rules", <RulesPages />)} />
          <Route path="/members" element={guard("see.members", <MembersPage />)} />
          <Route path="/members/:member" element={guard("see.members", <MemberPage />)} />
          <Route path="/events" element={guard("see.events", <EventsPage />)} />
          <Route path="/events/one" element={guard("see.events", <EventPage />)} />
          <Route path="/events/parked" element={guard("see.events", <ParkedPage />)} />
          <Route path="/runs" element={guard("see.runs", <RunsPage />)} />
          <Route path="/budget" element={guard("see.dashboard", <BudgetPage />)} />
          <Route path="/screening" element={guard("see.runs", <CutsPage />)} />
          <Route path="/corrections" element={guard("see.corrections", <CorrectionsPage />)} />
          <Route path="/corrections/:correction" element={guard("see.corrections", <CorrectionPage />)} />
          <Route path="/acts" element={guard("see.acts", <ActsPage />)} />
          <Route path="/users" element={guard("see.users", <UsersPage />)} />
          <Route path="/password" element={<PasswordPage />} />
          <Route path="*" element={<MissingPage />} />
        </Routes>
      </Suspense>
    </Broken>
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
