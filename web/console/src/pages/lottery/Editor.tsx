import { Alert, Button, Form, Select, Tooltip } from "antd"
import dayjs from "dayjs"
import { useRef, useState } from "react"
import { useNavigate } from "react-router-dom"
import { newKey } from "../../api/client"
import { type Campaign, type CampaignBody, campaigns } from "../../api/lottery"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { Field, Words } from "../../parts/fields"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { CountInput, MoneyInput, MomentInput } from "../../rules/Inputs"
import { noonOf } from "../../rules/samples"
import { BUSINESS_ZONE } from "../../i18n/format"
import { useMay } from "../../session/Session"
import { Forecast } from "./Forecast"
import { fill, MILLION, newPrize, spoken } from "./odds"
import { OddsBar } from "./OddsBar"
import { PrizeFields } from "./PrizeFields"

const MOST = 1_000_000
const NAMES = [
  "title", "rules", "price_points", "draws_a_day", "draws_a_member", "starts_at", "ends_at", "minimum_prize_id", "guarantee_every", "budget_fen",
] as const

/** What of a campaign is its terms. */
function termsOf(campaign: Campaign): CampaignBody {
  const prizes = campaign.prizes.map(({ won: _won, ...prize }) => prize)
  return { ...Object.fromEntries(NAMES.map((name) => [name, campaign[name]])), prizes } as CampaignBody
}

/** A week from tomorrow's midnight of business time, and one prize: nothing. */
function fresh(on: string): Partial<CampaignBody> {
  const midnight = (days: number) => noonOf(dayjs(on).add(days, "day").format("YYYY-MM-DD"), BUSINESS_ZONE).replace("T12:", "T00:")
  const nothing = { ...newPrize([]), prize_id: "thanks", kind: "nothing" as const, points: null, odds_ppm: MILLION }
  return { price_points: 100, starts_at: midnight(1), ends_at: midnight(8), prizes: [nothing] }
}

/** What a draft says, with its odds and what it would cost beside it. `on`: today's business date. */
export function Editor({ campaign, on, reload }: { campaign: Campaign | null; on: string; reload: () => void }) {
  const { t, name } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const [form] = Form.useForm<CampaignBody>()
  const [first] = useState<Partial<CampaignBody>>(() => (campaign ? termsOf(campaign) : fresh(on)))
  const [seen, setSeen] = useState(first)
  const key = useRef(newKey())
  const writes = may("write.lottery")
  const prizes = seen.prizes ?? []
  const save = useAct(async (values: CampaignBody) => {
    const body = spoken({ ...(first as CampaignBody), ...values })
    if (campaign) {
      await campaigns.edit(campaign.campaign_id, campaign.revision, body)
      reload()
    } else go(`/lottery/${(await campaigns.add(body, key.current)).campaign_id}`, { replace: true })
  }, t("form.saved"))
  const balance = () => {
    form.setFieldValue("prizes", fill(form.getFieldValue("prizes")))
    setSeen(form.getFieldsValue())
  }
  const field = (called: string, required = false) => ({ group: "lottery", name: called, required })
  const named = prizes.filter((one) => one?.prize_id).map((one) => ({ value: one.prize_id, label: (one.name && name(one.name)) || one.prize_id }))
  return (
    <Form
      form={form}
      name="lottery"
      layout="vertical"
      requiredMark={false}
      disabled={!writes}
      initialValues={first}
      onValuesChange={(_changed, values: CampaignBody) => {
        key.current = newKey()
        setSeen(values)
      }}
      onFinish={(values) => void save.run(values)}
    >
      <div className="edit edit-last">
        <div>
          <Panel title={t("lottery.part.what")}>
            <div className="grid">
              <Words group="lottery" name="title" max={60} required />
              <Words group="lottery" name="rules" max={4_000} rows={4} />
              <Field {...field("starts_at", true)}><MomentInput /></Field>
              <Field {...field("ends_at", true)}><MomentInput /></Field>
            </div>
          </Panel>
          <Panel title={t("lottery.part.draws")}>
            <div className="grid">
              <Field {...field("price_points", true)}><CountInput unit={t("unit.points")} max={1_000_000_000} /></Field>
              <Field {...field("budget_fen")}><MoneyInput /></Field>
              <Field {...field("draws_a_day")}><CountInput unit={t("unit.times")} min={1} max={MOST} /></Field>
              <Field {...field("draws_a_member")}><CountInput unit={t("unit.times")} min={1} max={MOST} /></Field>
              <Field {...field("minimum_prize_id")}><Select allowClear options={named} /></Field>
              <Field {...field("guarantee_every")}><CountInput unit={t("unit.times")} min={1} max={MOST} /></Field>
            </div>
          </Panel>
          <Panel title={t("lottery.part.prizes")} note={t("lottery.part.prizes.note")}><PrizeFields writes={writes} /></Panel>
        </div>
        <aside className="reads">
          {!!campaign?.faults.length && (
            <Alert
              className="gap"
              type="warning"
              title={t("lottery.faults")}
              description={<ul className="fault-list">{campaign.faults.map((one) => <li key={one.place + one.code}>{name(one.text)} <small><code>{one.place}</code></small></li>)}</ul>}
            />
          )}
          <Panel title={t("odds.title")}><OddsBar prizes={prizes} fill={writes ? balance : undefined} /></Panel>
          <Panel title={t("forecast.title")} note={t("forecast.note")}>
            <Forecast terms={seen} />
            <ProblemBox error={save.error} />
            <Tooltip title={writes ? undefined : t("may.not")}>
              <Button type="primary" block htmlType="submit" loading={save.doing}>{t(campaign ? "form.save" : "coupon.make")}</Button>
            </Tooltip>
          </Panel>
        </aside>
      </div>
    </Form>
  )
}
