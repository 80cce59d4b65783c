import { DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { Button, Form, Input, Select } from "antd"
import type { ReactNode } from "react"
import { useLanguage } from "../../i18n"
import { CodesInput, CountInput, MoneyInput, WeekdaysInput } from "../../rules/Inputs"
import type { Experiment, Rate } from "../../rules/model"
import type { Tier } from "../../rules/parts"
import { RowsInput } from "../../rules/Rows"
import { Item } from "./fields"

type Props = { editable: boolean; tiers: Tier[]; experiment: Experiment | null | undefined }

/** Inside a list antd wants names relative to it; faults stand by the whole path. */
function RateFields({ at, editable, tiers, experiment }: Props & { at: number }) {
  const { t, name } = useLanguage()
  const pick = (options: { value: string; label?: string }[]) => <Select mode="tags" className="wide" options={options} />
  const inputs: Record<string, ReactNode> = {
    "name.zh": <Input maxLength={100} />,
    "name.en": <Input maxLength={100} lang="en" />,
    id: <Input className="mono" maxLength={64} />,
    points: <CountInput unit={t("unit.points")} min={1} max={1_000_000} />,
    fen: <MoneyInput />,
    cap_percent: <CountInput unit="%" max={100} />,
    categories: <CodesInput />,
    tags: <CodesInput options={["promotion", "high_margin"]} />,
    weekdays: <WeekdaysInput />,
    cities: <CodesInput />,
    tiers: pick(tiers.map((one) => ({ value: one.id, label: one.name ? name(one.name) : one.id }))),
    segments: <CodesInput />,
    arms: pick((experiment?.arms ?? []).map((one) => ({ value: one.id }))),
  }
  const field = (one: string) => ({ name: `deduction.rates.${at}.${one}`, relative: [at, ...one.split(".")], label: `rate.${one}` })
  return (
    <>
      <div className="grid">
        {Object.entries(inputs).map(([one, input]) => <Item key={one} {...field(one)}>{input}</Item>)}
      </div>
      <Item {...field("funders")}>
        <RowsInput
          editable={editable}
          add="rate.funders.add"
          none="rate.funders.none"
          fresh={{ funder: "", percent: 50 }}
          specs={[
            { name: "funder", label: "rate.funder", input: <Input maxLength={64} disabled={!editable} /> },
            { name: "percent", label: "rate.percent", input: <CountInput unit="%" min={1} max={100} disabled={!editable} /> },
          ]}
        />
      </Item>
    </>
  )
}

/** Rates for some goods, days or people. */
export function Rates(props: Props) {
  const { t } = useLanguage()
  return (
    <Form.List name={["deduction", "rates"]}>
      {(rates, { add, remove }) => (
        <>
          {rates.map((rate) => (
            <div className="rate" key={rate.key} role="group" aria-label={t("settings.rate.nth", { n: rate.name + 1 })}>
              <RateFields at={rate.name} {...props} />
              {props.editable && (
                <Button type="text" danger icon={<DeleteOutlined />} onClick={() => remove(rate.name)}>
                  {t("settings.rate.remove")}
                </Button>
              )}
            </div>
          ))}
          {!rates.length && <p className="faint gap">{t("settings.rates.none")}</p>}
          {props.editable && (
            <Button icon={<PlusOutlined />} onClick={() => add({ points: 100, fen: 100 } satisfies Partial<Rate>)}>
              {t("settings.rate.add")}
            </Button>
          )}
        </>
      )}
    </Form.List>
  )
}
