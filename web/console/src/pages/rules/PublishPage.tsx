import { Alert, App, Button, Form, Input } from "antd"
import { useState } from "react"
import { useNavigate } from "react-router-dom"
import { programme } from "../../api/calls"
import { type DraftDetail, drafts } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"
import { Changes } from "./Changes"
import { useDesk } from "./context"
import { FaultList } from "./fields"

type Values = { note: string }

/** The draft goes to the server: as the one that it was taken from, or as a new one. */
function useKeep() {
  const { draft } = useDesk()
  return async (note: string): Promise<DraftDetail> => {
    const document = draft?.document
    if (draft?.kept) return drafts.edit(draft.kept.draft_id, { document, note, revision: draft.kept.revision })
    return drafts.add({ document, note })
  }
}

/** The last look before a draft leaves one's own hands: what changes, what is wrong, why. A second person approves it. */
export function PublishPage() {
  const { t } = useLanguage()
  const { message } = App.useApp()
  const may = useMay()
  const go = useNavigate()
  const desk = useDesk()
  const keep = useKeep()
  const [form] = Form.useForm<Values>()
  const [straight, setStraight] = useState(false)
  const { draft, changes, check } = desk
  const leave = (to: string, said: string) => {
    desk.discard()
    void message.success(said)
    go(to)
  }
  const ask = useAct(async ({ note }: Values) => {
    const kept = await keep(note.trim())
    await drafts.check(kept.draft_id, kept.revision)
    leave(`/rules/drafts/${kept.draft_id}`, t("drafts.check.done"))
  })
  const save = useAct(async () => {
    const kept = await keep((form.getFieldValue("note") as string | undefined)?.trim() ?? "")
    leave(`/rules/drafts/${kept.draft_id}`, t("drafts.save.done"))
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
      <FaultList faults={check.faults} linked />
      <Panel title={t("publish.changes", { n: changes.length })}>
        <Changes changes={changes} />
      </Panel>
      <Panel title={t("publish.part")} note={t("publish.part.note")}>
        <ProblemBox error={ask.error ?? save.error} />
        <Form
          form={form}
          name="publish"
          layout="vertical"
          requiredMark={false}
          initialValues={{ note: draft.note }}
          onValuesChange={({ note }: Partial<Values>) => note !== undefined && desk.noteDown(note)}
          onFinish={(values: Values) => void ask.run(values)}
        >
          <Form.Item
            name="note"
            label={t("publish.note")}
            extra={t("publish.note.help")}
            rules={[{ required: true, whitespace: true, message: t("publish.note.missing") }]}
          >
            <Input.TextArea rows={3} maxLength={1000} showCount />
          </Form.Item>
          <div className="bar">
            <Button type="primary" size="large" htmlType="submit" loading={ask.doing} disabled={!!hindrance}>
              {t("drafts.ask")}
            </Button>
            <Button size="large" loading={save.doing} onClick={() => void save.run()}>
              {t("drafts.save")}
            </Button>
            {hindrance && <span className="hindrance">{hindrance}</span>}
            <span className="bar-rest" />
            {may("publish.rules") && (
              <Button type="text" danger disabled={!!hindrance} onClick={() => setStraight(true)}>
                {t("publish.straight")}
              </Button>
            )}
          </div>
        </Form>
      </Panel>
      <AskReason
        open={straight}
        danger
        title={t("publish.straight")}
        text={t("publish.straight.text")}
        ok={t("publish.go")}
        initial={{ reason: draft.note }}
        work={async ({ reason }) => {
          const published = await programme.publish({ document: draft.document, note: reason })
          desk.reloadLive()
          leave(`/rules/versions/${published.version}`, t("publish.done", { version: published.version }))
        }}
        close={() => setStraight(false)}
      />
    </Page>
  )
}
