import { Alert, Form, Input, Select } from "antd"
import { useMemo } from "react"
import { type Key, useLanguage } from "../../i18n"
import { Panel } from "../../parts/Page"
import { placeFaults } from "../../rules/faults"
import { CodesInput, CountInput, MoneyInput } from "../../rules/Inputs"
import { type Deduction, deductionFields, type Experiment, type Programme, shellToForm, tidyProgramme } from "../../rules/model"
import { OptionalInput, RowsInput } from "../../rules/Rows"
import { WhatIf } from "../deductions/WhatIf"
import { useMay } from "../../session/Session"
import { useDesk } from "./context"
import { Faults, FaultText, Item } from "./fields"
import { Rates } from "./RateFields"

const MOST = 1_000_000
const NEW_EXPERIMENT: Experiment = { salt: "deduction-1", arms: [{ id: "a", percent: 50 }, { id: "b", percent: 50 }] }

function ExperimentInput({ editable, ...rest }: { editable: boolean; value?: Experiment | null; onChange?: (value: Experiment | null) => void; id?: string }) {
  return (
    <OptionalInput<Experiment>
      {...rest}
      fresh={NEW_EXPERIMENT}
      label="experiment.on"
      specs={[{ name: "salt", label: "experiment.salt", input: <Input className="mono" maxLength={64} disabled={!editable} /> }]}
    >
      {(value, onChange) => (
        <RowsInput
          editable={editable}
          value={value.arms}
          onChange={(arms) => onChange({ ...value, arms })}
          add="experiment.add"
          none="experiment.none"
          fresh={{ id: "", percent: 10 }}
          specs={[
            { name: "id", label: "experiment.arm", input: <Input className="mono" maxLength={64} disabled={!editable} /> },
            { name: "percent", label: "experiment.percent", input: <CountInput unit="%" min={1} max={100} disabled={!editable} /> },
          ]}
        />
      )}
    </OptionalInput>
  )
}

function Policy({ editable, document }: { editable: boolean; document: Programme }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<Programme>()
  const experiment = Form.useWatch(["deduction", "experiment"], form) as Experiment | null | undefined
  const choices = (group: string, codes: string[]) => <Select options={codes.map((value) => ({ value, label: t(`${group}.${value}` as Key) }))} />
  const percent = <CountInput unit="%" max={100} />
  return (
    <>
      <Panel title={t("settings.part.deduction")} note={t("settings.part.deduction.note")}>
        <div className="grid">
          <Item name="deduction.ordinary.points"><CountInput unit={t("unit.points")} min={1} max={MOST} /></Item>
          <Item name="deduction.ordinary.fen"><MoneyInput /></Item>
          <Item name="deduction.pick">{choices("pick", ["best", "first"])}</Item>
          <Item name="deduction.first_deduction_bonus_points"><CountInput unit={t("unit.points")} max={MOST} /></Item>
        </div>
      </Panel>
      <Panel title={t("settings.part.caps")} note={t("settings.part.caps.note")}>
        <div className="grid">
          <Item name="deduction.cap_percent">{percent}</Item>
          <Item name="deduction.cap_per">{choices("cap_per", ["order", "product"])}</Item>
          <Item name="deduction.line_cap_percent">{percent}</Item>
          <Item name="deduction.order_cap_percent">{percent}</Item>
          <Item name="deduction.most_fen_per_order"><MoneyInput /></Item>
          <span />
          <Item name="deduction.min_points"><CountInput unit={t("unit.points")} max={MOST} /></Item>
          <Item name="deduction.step_points"><CountInput unit={t("unit.points")} min={1} max={MOST} /></Item>
        </div>
      </Panel>
      <Panel title={t("settings.part.rates")} note={t("settings.part.rates.note")}>
        <Rates editable={editable} tiers={document.tiers ?? []} experiment={experiment} />
      </Panel>
      <Panel title={t("settings.part.excluded")} note={t("settings.part.excluded.note")}>
        <div className="grid">
          <Item name="deduction.excluded.categories"><CodesInput /></Item>
          <Item name="deduction.excluded.tags"><CodesInput /></Item>
          <Item name="deduction.excluded.skus" wide><CodesInput /></Item>
        </div>
      </Panel>
      <Panel title={t("settings.part.experiment")} note={t("settings.part.experiment.note")}>
        <Item name="deduction.experiment" bare><ExperimentInput editable={editable} /></Item>
      </Panel>
    </>
  )
}

/** The document with what the form says of deductions; what the form does not show stays as it is. */
function merged(document: Programme, { deduction }: Programme): Programme {
  return { ...document, deduction: { ...document.deduction, ...(deduction as Deduction) } }
}

/** How points pay: the policy, and beside it a cart on which it is tried while it changes. */
export function DeductionPage() {
  const desk = useDesk()
  const may = useMay()
  const [form] = Form.useForm<Programme>()
  const rates = desk.document.deduction?.rates?.length ?? 0
  const placed = useMemo(() => {
    const faults = desk.draft ? desk.check.faults.filter((fault) => /^\/deduction(\/|$)/.test(fault.place)) : []
    return placeFaults(faults, "", deductionFields(rates))
  }, [desk.check.faults, desk.draft, rates])
  const editable = !!desk.draft
  return (
    <Faults.Provider value={placed}>
      {placed.general.map((fault) => (
        <Alert key={fault.place + fault.code} type="error" className="gap" title={<FaultText fault={fault} />} />
      ))}
      <div className={may("edit.rules") ? "edit edit-even edit-last" : undefined}>
        <Form
          key={editable ? "draft" : "live"}
          form={form}
          name="deduction"
          layout="vertical"
          requiredMark={false}
          disabled={!editable}
          initialValues={shellToForm(desk.document)}
          onValuesChange={(_changed, values: Programme) => desk.change((document) => tidyProgramme(merged(document, values)))}
        >
          <Policy editable={editable} document={desk.document} />
        </Form>
        {may("edit.rules") && (
          <aside className="reads"><WhatIf deduction={desk.document.deduction ?? {}} tiers={desk.document.tiers ?? []} /></aside>
        )}
      </div>
    </Faults.Provider>
  )
}
