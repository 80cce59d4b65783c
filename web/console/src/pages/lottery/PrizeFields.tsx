import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { Button, Form, Input, Select } from "antd"
import { type CampaignBody, PRIZE_KINDS } from "../../api/lottery"
import { items } from "../../api/mall"
import { type Key, useLanguage } from "../../i18n"
import { Field, Words } from "../../parts/fields"
import { useLoad } from "../../parts/load"
import { CountInput, MoneyInput } from "../../rules/Inputs"
import { TemplatePick } from "../mall/ItemFields"
import { newPrize } from "./odds"
import { OddsInput } from "./OddsInput"

const MOST = 1_000_000_000

/** Goods that can be won: of the mall. */
function ItemPick(props: { value?: string; onChange?: (value: string) => void; id?: string; disabled?: boolean }) {
  const { t, name } = useLanguage()
  const found = useLoad((signal) => items.list({ kind: "goods", limit: 100, signal }), [])
  const known = found.data?.items.map((one) => ({
    value: one.item_id, label: one.stock.left === null ? name(one.title) : t("lottery.item_left", { title: name(one.title), n: one.stock.left }),
  })) ?? []
  const missing = props.value && !known.some((one) => one.value === props.value) ? [{ value: props.value, label: props.value }] : []
  return <Select {...props} showSearch={{ optionFilterProp: "label" }} className="wide" loading={found.loading} options={[...missing, ...known]} />
}

/** One prize. Inside a list antd wants names relative to it. */
function PrizeRow({ at }: { at: number }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<CampaignBody>()
  const kind = Form.useWatch(["prizes", at, "kind"], form) ?? "points"
  const field = (name: string, required = false) => ({ group: "prize", name, at: [at], required })
  return (
    <div className="grid">
      <Words group="prize" name="name" max={60} required at={[at]} />
      <Field {...field("kind")}>
        <Select className="wide" options={PRIZE_KINDS.map((value) => ({ value, label: t(`prize_kind.${value}` as Key) }))} />
      </Field>
      <Field {...field("odds_ppm", true)}><OddsInput /></Field>
      {kind === "points" && <Field {...field("points", true)}><CountInput unit={t("unit.points")} min={1} max={MOST} /></Field>}
      {kind === "coupon" && <Field {...field("template_id", true)}><TemplatePick /></Field>}
      {kind === "goods" && <Field {...field("item_id", true)}><ItemPick /></Field>}
      {kind !== "nothing" && <Field {...field("stock", kind === "goods")}><CountInput unit={t("unit.pieces")} max={MOST} /></Field>}
      {kind !== "nothing" && <Field {...field("cost_fen")}><MoneyInput /></Field>}
      <Field {...field("prize_id", true)}><Input className="mono" maxLength={32} /></Field>
    </div>
  )
}

/** The prizes, in the order in which they are shown. */
export function PrizeFields({ writes }: { writes: boolean }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<CampaignBody>()
  return (
    <Form.List name="prizes">
      {(prizes, { add, remove, move }) => (
        <>
          {prizes.map((prize) => (
            <div className="rate" key={prize.key} role="group" aria-label={t("lottery.prize_nth", { n: prize.name + 1 })}>
              <PrizeRow at={prize.name} />
              {writes && (
                <div className="part-acts">
                  <Button type="text" danger icon={<DeleteOutlined />} onClick={() => remove(prize.name)}>{t("rules.remove")}</Button>
                  <Button type="text" icon={<ArrowUpOutlined />} aria-label={t("rules.up")} disabled={prize.name === 0} onClick={() => move(prize.name, prize.name - 1)} />
                  <Button type="text" icon={<ArrowDownOutlined />} aria-label={t("rules.down")} disabled={prize.name === prizes.length - 1} onClick={() => move(prize.name, prize.name + 1)} />
                </div>
              )}
            </div>
          ))}
          {writes && (
            <Button icon={<PlusOutlined />} onClick={() => add(newPrize((form.getFieldValue("prizes") ?? []) as CampaignBody["prizes"]))}>{t("lottery.add_prize")}</Button>
          )}
        </>
      )}
    </Form.List>
  )
}
