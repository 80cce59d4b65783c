import { Alert, App, Button, Form, Input, Radio } from "antd"
import { useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { programme } from "../../api/calls"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { steps } from "../../rules/faults"
import { MomentInput } from "../../rules/Inputs"
import { Changes } from "./Changes"
import { useDesk } from "./context"
import { FaultText } from "./fields"

type Values = { note: string; when: "now" | "later"; effective_from?: string }

function placeLink(place: string): string {
  const [first, at] = steps(place)
  return first === "rules" && typeof at === "number" ? `/rules/edit/${at}` : "/rules/settings"
}

/** The last look before a draft becomes what holds: what changes, what is wrong, why, and from when. */
export function PublishPage() {
  const { t } = useLanguage()
  const { message } = App.useApp()
  const go = useNavigate()
  const desk = useDesk()
  const [form] = Form.useForm<Values>()
  const [later, setLater] = useState(false)
  const { draft, changes, check } = desk
  const act = useAct(async (values: Values) => {
    const published = await programme.publish({
      document: draft?.document,
      note: values.note.trim(),
      ...(values.when === "later" && values.effective_from ? { effective_from: values.effective_from } : {}),
    })
    desk.discard()
    desk.reloadLive()
    void message.success(t("publish.done", { version: published.version }))
    go(`/rules/versions/${published.version}`)
  })
  const back = { to: "/rules", text: t("rules.back") }
  if (!draft) {
    return (
      <Page title={t("publish.title")} back={back}>
        <Alert type="info" showIcon title={t("publish.no_draft")} />
      </Page>
    )
  }
  const faulty = check.faults.length > 0
  const hindrance = faulty ? t("publish.faulty") : !changes.length ? t("diff.none") : check.stale ? t("draft.checking") : ""
  return (
    <Page title={t("publish.title")} note={t("publish.text", { base: draft.base })} back={back}>
      <ProblemBox error={check.error} />
      {(desk.live?.version ?? 0) !== draft.base && (
        <Alert type="warning" showIcon className="gap" title={t("draft.overtaken", { version: desk.live?.version ?? 0 })} />
      )}
      {faulty && (
        <Panel title={t("publish.faults", { n: check.faults.length })}>
          <ul className="fault-list">
            {check.faults.map((fault) => (
              <li key={fault.place + fault.code + fault.reason}>
                <Link to={placeLink(fault.place)}>
                  <code>{fault.place || "/"}</code>
                </Link>{" "}
                <FaultText fault={fault} />
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title={t("publish.changes", { n: changes.length })}>
        <Changes changes={changes} />
      </Panel>
      <Panel title={t("publish.part")}>
        <ProblemBox error={act.error} />
        <Form
          form={form}
          name="publish"
          layout="vertical"
          requiredMark={false}
          initialValues={{ when: "now", note: draft.note }}
          onValuesChange={(changed: Partial<Values>) => {
            if (changed.note !== undefined) desk.noteDown(changed.note)
            if (changed.when) setLater(changed.when === "later")
          }}
          onFinish={(values: Values) => void act.run(values)}
        >
          <Form.Item
            name="note"
            label={t("publish.note")}
            extra={t("publish.note.help")}
            rules={[{ required: true, whitespace: true, message: t("publish.note.missing") }]}
          >
            <Input.TextArea rows={3} maxLength={1000} showCount />
          </Form.Item>
          <Form.Item name="when" label={t("publish.when")}>
            <Radio.Group options={[{ value: "now", label: t("publish.now") }, { value: "later", label: t("publish.later") }]} />
          </Form.Item>
          {later && (
            <Form.Item name="effective_from" label={t("publish.effective")} rules={[{ required: true, message: t("publish.effective.missing") }]}>
              <MomentInput />
            </Form.Item>
          )}
          <Button type="primary" size="large" htmlType="submit" loading={act.doing} disabled={!!hindrance}>
            {t("publish.go")}
          </Button>
          {hindrance && <span className="hindrance">{hindrance}</span>}
        </Form>
      </Panel>
    </Page>
  )
}
