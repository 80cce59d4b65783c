import { Alert, Form, Input } from "antd"
import { useMemo } from "react"
import { useLanguage } from "../../i18n"
import { Panel } from "../../parts/Page"
import { placeFaults } from "../../rules/faults"
import { CodesInput, CountInput } from "../../rules/Inputs"
import { type Programme, SETTINGS_FIELDS, shellToForm, tidyProgramme } from "../../rules/model"
import { programmeHas } from "../../rules/parts"
import { useDesk } from "./context"
import { Faults, FaultText, Item } from "./fields"
import { Policies } from "./Policies"

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

/** What holds for the whole programme: names, validity, tiers, stacking, limits. */
export function SettingsForm() {
  const { t } = useLanguage()
  const desk = useDesk()
  const [form] = Form.useForm<Programme>()
  const placed = useMemo(() => {
    const faults = desk.draft ? desk.check.faults.filter((fault) => !/^\/(rules|deduction)(\/|$)/.test(fault.place)) : []
    return placeFaults(faults, "", SETTINGS_FIELDS)
  }, [desk.check.faults, desk.draft])
  const editable = !!desk.draft
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
        <Policies editable={editable} programme={desk.document} />
      </Form>
    </Faults.Provider>
  )
}
