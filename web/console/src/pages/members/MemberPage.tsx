import { Button, Empty, Segmented, Tooltip } from "antd"
import { useMemo, useState } from "react"
import { useParams, useSearchParams } from "react-router-dom"
import { members } from "../../api/calls"
import type { ShopOrder } from "../../api/mall"
import type { BalanceView, LotState, Member } from "../../api/types"
import { MonthBars } from "../../charts/MonthBars"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { Face, Facts, Id, Moment } from "../../parts/bits"
import { useCalm, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { Tablist } from "../../parts/Tablist"
import { useMay } from "../../session/Session"
import { CouponsTable } from "../coupons/CouponsTable"
import { DeductionsTable } from "../deductions/DeductionsPage"
import { OrdersTable } from "../mall/OrdersList"
import { Adjust } from "./Adjust"
import { Grants } from "./Grants"
import { Holds } from "./Holds"
import { Orders } from "./Orders"
import { Statement } from "./Statement"

const WALLETS = ["points", "team"]
const CALM_MS = 4_000
const MOST_LOT_PAGES = 5

function Profile({ member }: { member: Member }) {
  const { t } = useLanguage()
  return (
    <Panel title={t("member.profile")}>
      <Facts
        items={[
          [t("members.city"), member.city],
          [t("members.community"), member.community_id && <Id>{member.community_id}</Id>],
          [t("members.leader"), member.leader_id && <Id>{member.leader_id}</Id>],
          [t("members.enrolled"), <Moment at={member.enrolled_at} />],
          [t("member.registered"), member.registered_at && <Moment at={member.registered_at} />],
        ]}
      />
    </Panel>
  )
}

function Balance({ balance }: { balance: BalanceView }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const pending = balance.pending.reduce((sum, one) => sum + one.points, 0)
  return (
    <div className="figures">
      <Figure
        name={t("member.available")}
        value={number(balance.available)}
        note={
          balance.next_expiry
            ? t("member.next_expiry", { n: number(balance.next_expiry.points), on: balance.next_expiry.expires_on })
            : t("member.no_expiry")
        }
      />
      <Figure
        name={t("member.pending")}
        value={number(pending)}
        note={balance.pending[0] ? t("member.settles", { on: balance.pending[0].settle_on }) : t("member.nothing_pending")}
      />
      <Figure name={t("member.held")} value={number(balance.held)} note={t("member.held.note")} />
      <Figure name={t("member.debt")} value={number(balance.debt)} tone={balance.debt ? "bad" : undefined} note={t("member.debt.note")} />
      <Figure name={t("member.expired")} value={number(balance.expired)} note={t("member.expired.note")} />
    </div>
  )
}

/** All lots with something left; soonest to lapse first. */
async function lotsOf(member: string, wallet: string, signal: AbortSignal): Promise<LotState[]> {
  const found: LotState[] = []
  let cursor: string | undefined
  for (let n = 0; n < MOST_LOT_PAGES; n++) {
    const page = await members.lots(member, { wallet, cursor, limit: 200, signal })
    found.push(...page.items)
    if (page.next_cursor === null) break
    cursor = page.next_cursor
  }
  return found.filter((lot) => lot.remaining > 0)
}

function LotChart({ lots }: { lots: LotState[] }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const months = useMemo(() => {
    const sums = new Map<string, number>()
    for (const lot of lots) {
      const month = lot.expires_on.slice(0, 7)
      sums.set(month, (sums.get(month) ?? 0) + lot.remaining)
    }
    return [...sums].sort(([a], [b]) => a.localeCompare(b))
  }, [lots])
  if (!lots.length) return <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("member.lots.none")} />
  return (
    <>
      <MonthBars label={t("member.lots")} name={t("member.lots.left")} months={months} height={180} widest={26} />
      <p className="sr">{months.map(([month, points]) => `${month}: ${number(points)}`).join(", ")}</p>
    </>
  )
}

function MallOrders({ member, turn }: { member: string; turn: number }) {
  const [shown, show] = useState<ShopOrder | null>(null)
  return <OrdersTable own asked={{ member_id: member }} turn={turn} shown={shown} show={show} />
}

export default function MemberPage() {
  const { t } = useLanguage()
  const may = useMay()
  const member = useParams().member ?? ""
  const [search] = useSearchParams()
  const { pulse, tick } = useLive()
  const [wallet, setWallet] = useState("points")
  const [adjusting, setAdjusting] = useState(false)
  const [acted, setActed] = useState(0)
  const turn = useCalm((pulse?.events_total ?? 0) + tick, CALM_MS) + acted
  const profile = useLoad((signal) => members.get(member, signal), [member])
  const balance = useLoad((signal) => members.balance(member, wallet, signal), [member, wallet, turn])
  const lots = useLoad((signal) => lotsOf(member, wallet, signal), [member, wallet, turn])
  const title = profile.data?.nickname ?? member
  const adjusts = may("adjust.points")
  return (
    <Page
      title={
        <span className="who who-large">
          <Face name={profile.data?.nickname ?? null} id={member} />
          <span className="clip">{title}</span>
        </span>
      }
      note={<Id>{member}</Id>}
      back={{ to: "/members", text: t("nav.members") }}
      acts={
        <>
          <Segmented
            value={wallet}
            onChange={setWallet}
            options={WALLETS.map((value) => ({ value, label: t(`wallet.${value as "points" | "team"}`) }))}
          />
          <Tooltip title={adjusts ? undefined : t("may.not")}>
            <Button disabled={!adjusts || !balance.data} onClick={() => setAdjusting(true)}>
              {t("adjust.open")}
            </Button>
          </Tooltip>
        </>
      }
    >
      <Show of={profile} rows={3}>
        {(found) => (
          <>
            <Show of={balance} rows={3}>{(one) => <Balance balance={one} />}</Show>
            <div className="halves halves-wide">
              <Panel title={t("member.lots")} note={t("member.lots.note")}>
                <Show of={lots}>{(one) => <LotChart lots={one} />}</Show>
              </Panel>
              <Profile member={found} />
            </div>
            <Panel>
              <Tablist
                label={t("member.sheets")}
                first={search.has("order") ? "order" : "statement"}
                sheets={[
                  { key: "statement", label: t("member.statement"), children: <Statement member={member} wallet={wallet} turn={turn} /> },
                  { key: "grants", label: t("member.grants"), children: <Grants member={member} turn={turn} /> },
                  { key: "order", label: t("member.order"), children: <Orders member={member} /> },
                  { key: "mall", label: t("mall.tab.orders.of_member"), children: <MallOrders member={member} turn={turn} /> },
                  { key: "deductions", label: t("nav.deductions"), children: <DeductionsTable own asked={{ member_id: member }} turn={turn} /> },
                  { key: "coupons", label: t("nav.coupons"), children: <CouponsTable own member={member} turn={turn} /> },
                  { key: "holds", label: t("member.holds"), children: <Holds member={member} turn={turn} /> },
                ]}
              />
            </Panel>
          </>
        )}
      </Show>
      {balance.data && (
        <Adjust
          open={adjusting}
          member={member}
          name={title}
          balance={balance.data}
          close={(done) => {
            setAdjusting(false)
            if (done) setActed((n) => n + 1)
          }}
        />
      )}
    </Page>
  )
}
