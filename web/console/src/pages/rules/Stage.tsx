import { Form, Input, Modal, Radio } from "antd"
import { useState } from "react"
import type { Guardrails, Trial } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { ProblemBox } from "../../parts/Problem"
import { CodesInput, CountInput, MomentInput, PercentInput } from "../../rules/Inputs"

export type StageValues = {
  stage: Trial; cities?: string[]; percent?: number | null; reason: string; guardrails?: Guardrails
  when?: "now" | "later"; effective_from?: string
}
const TRIALS: Trial[] = ["shadow", "cities", "percent", "all"]

function Guards() {
  const { t } = useLanguage()
  return (
    <fieldset className="guards">
      <legend>{t("guard.title")}</legend>
      <p className="faint">{t("guard.note")}</p>
      <div className="grid">
        <Form.Item name={["guardrails", "max_cost_basis_points"]} label={t("guard.cost")}><PercentInput /></Form.Item>
        <Form.Item name={["guardrails", "max_refund_basis_points"]} label={t("guard.refund")}><PercentInput /></Form.Item>
        <Form.Item name={["guardrails", "least_orders"]} label={t("guard.least")} extra={t("guard.least.help")}>
          <CountInput min={1} max={1_000_000_000} />
        </Form.Item>
      </div>
    </fieldset>
  )
}

/** For whom a version is to hold next: its first step when it is released, or another. */
export function AskStage({ open, title, first, initial, ok, done, work, close }: {
  open: boolean
  title: string
  /** The first step, which also sets the guardrails and may wait. */
  first?: boolean
  initial: Partial<StageValues>
  ok: string
  done: string
  work: (values: StageValues) => Promise<unknown>
  close: (done: boolean) => void
}) {
  const { t } = useLanguage()
  const [form] = Form.useForm<StageValues>()
  // What is chosen, and nothing beside it: set again after the dialogue had opened, it lost what was clicked meanwhile.
  const stage: Trial = Form.useWatch("stage", form) ?? initial.stage ?? "shadow"
  const [later, setLater] = useState(false)
  const act = useAct(work, done)
  const submit = async () => {
    const values = await form.validateFields().catch(() => null)
    if (values && (await act.run({ ...values, reason: values.reason.trim() }))) close(true)
  }
  return (
    <Modal
      open={open}
      title={title}
      okText={ok}
      width={620}
      confirmLoading={act.doing}
      onOk={() => void submit()}
      onCancel={() => close(false)}
      mask={{ closable: false }}
      afterOpenChange={(shown) => {
        if (!shown) act.forget()
      }}
      destroyOnHidden
    >
      <ProblemBox error={act.error} />
      <Form
        form={form}
        name="stage"
        layout="vertical"
        requiredMark={false}
        preserve={false}
        initialValues={{ stage: "shadow", when: "now", guardrails: { least_orders: 100 }, ...initial }}
        onValuesChange={(changed: Partial<StageValues>) => {
          if (changed.when) setLater(changed.when === "later")
        }}
      >
        <Form.Item name="stage" label={t("stage.for")}>
          <Radio.Group className="stages">
            {TRIALS.map((one) => (
              <Radio key={one} value={one}>
                <b>{t(`stage.${one}`)}</b>
                <small>{t(`stage.${one}.help`)}</small>
              </Radio>
            ))}
          </Radio.Group>
        </Form.Item>
        {stage === "cities" && (
          <Form.Item name="cities" label={t("field.cities")} rules={[{ required: true, message: t("stage.cities.missing") }]}>
            <CodesInput />
          </Form.Item>
        )}
        {(stage === "cities" || stage === "percent") && (
          <Form.Item
            name="percent"
            label={t(stage === "cities" ? "stage.percent_there" : "stage.percent_of")}
            extra={stage === "cities" ? t("stage.percent_there.help") : undefined}
            rules={stage === "percent" ? [{ required: true, message: t("stage.percent.missing") }] : []}
          >
            <CountInput unit="%" min={1} max={100} />
          </Form.Item>
        )}
        {first && stage !== "shadow" && stage !== "all" && <Guards />}
        {first && (
          <Form.Item name="when" label={t("publish.when")}>
            <Radio.Group options={[{ value: "now", label: t("publish.now") }, { value: "later", label: t("publish.later") }]} />
          </Form.Item>
        )}
        {first && later && (
          <Form.Item name="effective_from" label={t("publish.effective")} rules={[{ required: true, message: t("publish.effective.missing") }]}>
            <MomentInput />
          </Form.Item>
        )}
        <Form.Item name="reason" label={t("reason.label")} extra={t("reason.help")} rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}>
          <Input.TextArea rows={2} maxLength={500} showCount />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** The body of a request from what the form says: only what its stage asks for. */
export function stepOf({ stage, cities, percent, reason }: StageValues) {
  return {
    stage, reason,
    ...(stage === "cities" ? { cities } : {}),
    ...((stage === "cities" || stage === "percent") && percent ? { percent } : {}),
  }
}
