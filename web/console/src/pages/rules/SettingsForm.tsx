import { DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { Alert, Button, Form, Input, Select } from "antd"
import { type ReactNode, useMemo } from "react"
import { type Key, useLanguage } from "../../i18n"
import { Panel } from "../../parts/Page"
import { placeFaults } from "../../rules/faults"
import { CodesInput, CountInput, MoneyInput, WeekdaysInput } from "../../rules/Inputs"
import { type Programme, type Rate, SETTINGS_FIELDS, shellToForm, tidyProgramme } from "../../rules/model"
import { programmeHas } from "../../rules/parts"
import { useDesk } from "./context"
import { Faults, FaultText, Item } from "./fields"
import { Policies } from "./Policies"

const RATE = ["id", "name.zh", "name.en", "points", "fen", "categories", "tags", "weekdays"]

function settingsFields(rates: number): string[] {
  const ofRates = Array.from({ length: rates }, (_rate, at) => RATE.map((one) => `deduction.rates.${at}.${one}`))
  return [...SETTINGS_FIELDS, ...ofRates.flat()]
}

function Rates({ editable }: { editable: boolean }) {
  const { t } = useLanguage()
  return (
    <Form.List name={["deduction", "rates"]}>
      {(rates, { add, remove }) => (
        <>
          {rates.map((rate) => (
            <div className="rate" key={rate.key}>
              <div className="grid">
                {RATE.map((one) => (
                  <RateItem key={one} at={rate.name} field={one} />
                ))}
              </div>
              {editable && (
                <Button type="text" danger icon={<DeleteOutlined />} onClick={() => remove(rate.name)}>
                  {t("settings.rate.remove")}
                </Button>
              )}
            </div>
          ))}
          {!rates.length && <p className="faint">{t("settings.rates.none")}</p>}
          {editable && (
            <Button icon={<PlusOutlined />} onClick={() => add({ points: 100, fen: 100 } satisfies Partial<Rate>)}>
              {t("settings.rate.add")}
            </Button>
          )}
        </>
      )}
    </Form.List>
  )
}

/** Inside a list antd wants names relative to it; faults stand by the whole path. */
function RateItem({ at, field }: { at: number; field: string }) {
  const { t } = useLanguage()
  const inputs: Record<string, ReactNode> = {
    id: <Input className="mono" maxLength={64} />,
    "name.zh": <Input maxLength={100} />,
    "name.en": <Input maxLength={100} lang="en" />,
    points: <CountInput unit={t("unit.points")} min={1} max={1_000_000} />,
    fen: <MoneyInput />,
    categories: <CodesInput />,
    tags: <CodesInput options={["promotion", "high_margin"]} />,
    weekdays: <WeekdaysInput />,
  }
  return (
    <Item name={`deduction.rates.${at}.${field}`} relative={[at, ...field.split(".")]} label={`rate.${field}`}>
      {inputs[field]}
    </Item>
  )
}

/** The document with what the form says of it; fields that the form does not show stay as they are. */
function merged(document: Programme, values: Programme): Programme {
  const { rules, screening, reminders, stacking, rounding, check_in } = document
  const parts = { screening, reminders, stacking, rounding, check_in } as Record<string, object | undefined>
  const kept = Object.entries(parts).map(([name, part]) => {
    const said = (values as unknown as Record<string, object | undefined>)[name]
    return [name, part || said ? { ...part, ...said } : undefined]
  })
  return { ...document, ...values, ...Object.fromEntries(kept), rules }
}

/** What holds for the whole programme: names, validity, and how points pay. */
export function SettingsForm() {
  const { t } = useLanguage()
  const desk = useDesk()
  const [form] = Form.useForm<Programme>()
  const rates = Form.useWatch(["deduction", "rates"], form)?.length ?? desk.document.deduction?.rates?.length ?? 0
  const placed = useMemo(() => {
    const faults = desk.draft ? desk.check.faults.filter((fault) => !/^\/rules(\/|$)/.test(fault.place)) : []
    return placeFaults(faults, "", settingsFields(rates))
  }, [desk.check.faults, desk.draft, rates])
  const editable = !!desk.draft
  const choices = (group: string, codes: string[]) => codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))
  return (
    <Faults.Provider value={placed}>
      {placed.general.map((fault) => (
        <Alert key={fault.place + fault.code} type="error" className="gap" title={<FaultText fault={fault} />} />
      ))}
      <Form
        key={editable ? "draft" : "live"}
        form={form}
        name="settings"
        layout="vertical"
        requiredMark={false}
        disabled={!editable}
        initialValues={shellToForm(desk.document)}
        onValuesChange={(_changed, values: Programme) =>
          desk.change((document) => tidyProgramme(merged(document, values)))
        }
      >
        <Panel title={t("settings.part.name")}>
          <div className="grid">
            <Item name="title.zh"><Input maxLength={100} /></Item>
            <Item name="title.en"><Input maxLength={100} lang="en" /></Item>
            <Item name="name" label="programme.name"><Input className="mono" maxLength={64} /></Item>
            <Item name="timezone"><Input className="mono" maxLength={64} /></Item>
            <Item name="wallets" wide><CodesInput /></Item>
          </div>
        </Panel>
        <Panel title={t("settings.part.time")}>
          <div className="grid">
            <Item name="settle_after_days"><CountInput unit={t("unit.days")} max={366} /></Item>
            <Item name="validity_months"><CountInput unit={t("unit.months")} min={1} max={120} /></Item>
            <Item name="hold_minutes"><CountInput unit={t("unit.minutes")} min={1} max={44_640} /></Item>
            <Item name="lapsed_grace_days"><CountInput unit={t("unit.days")} max={366} /></Item>
            {programmeHas("return_window_days") && (
              <Item name="return_window_days"><CountInput unit={t("unit.days")} max={366} /></Item>
            )}
          </div>
        </Panel>
        <Panel title={t("settings.part.deduction")} note={t("settings.part.deduction.note")}>
          <div className="grid">
            <Item name="deduction.ordinary.points"><CountInput unit={t("unit.points")} min={1} max={1_000_000} /></Item>
            <Item name="deduction.ordinary.fen"><MoneyInput /></Item>
            <Item name="deduction.cap_percent"><CountInput unit="%" max={100} /></Item>
            <Item name="deduction.cap_per"><Select options={choices("cap_per", ["order", "product"])} /></Item>
            <Item name="deduction.pick"><Select options={choices("pick", ["best", "first"])} /></Item>
            <Item name="deduction.first_deduction_bonus_points"><CountInput unit={t("unit.points")} max={1_000_000} /></Item>
          </div>
        </Panel>
        <Panel title={t("settings.part.rates")} note={t("settings.part.rates.note")}>
          <Rates editable={editable} />
        </Panel>
        <Policies editable={editable} programme={desk.document} />
      </Form>
    </Faults.Provider>
  )
}
