import { Alert, Button, Steps, Tooltip } from "antd"
import { useState } from "react"
import { useNavigate, useParams } from "react-router-dom"
import { type DraftDetail, drafts } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Facts, Moment, State } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { useNarrow } from "../../parts/narrow"
import { Page, Panel, Show } from "../../parts/Page"
import type { Programme, Rule } from "../../rules/model"
import { useSure } from "../../parts/sure"
import { useMay, useSession } from "../../session/Session"
import { Changes } from "./Changes"
import { useDesk } from "./context"
import { FaultList } from "./fields"
import { AskStage, stepOf } from "./Stage"

const AT: Record<DraftDetail["state"], number> = { draft: 0, rejected: 0, checked: 1, approved: 2, released: 3 }

function Way({ draft }: { draft: DraftDetail }) {
  const { t } = useLanguage()
  const narrow = useNarrow()
  const names = ["written", "checked", "approved", "released"] as const
  return (
    <Panel>
      <Steps
        size="small"
        orientation={narrow ? "vertical" : "horizontal"}
        current={draft.state === "released" ? 4 : AT[draft.state] + 1}
        status={draft.state === "rejected" ? "error" : "process"}
        items={names.map((one) => ({ title: t(`drafts.way.${one}`) }))}
      />
    </Panel>
  )
}

function Acts({ draft, reload }: { draft: DraftDetail; reload: () => void }) {
  const { t } = useLanguage()
  const { user } = useSession()
  const desk = useDesk()
  const go = useNavigate()
  const sure = useSure()
  const [asking, setAsking] = useState<"approve" | "reject" | "release" | null>(null)
  const check = useAct(async () => {
    await drafts.check(draft.draft_id, draft.revision)
    reload()
  }, t("drafts.check.done"))
  const own = draft.author === user.name || draft.editor === user.name
  const edit = () => {
    desk.begin(draft.document as Programme, { kept: { draft_id: draft.draft_id, revision: draft.revision }, note: draft.note })
    go("/rules")
  }
  const close = (done: boolean) => {
    setAsking(null)
    if (done) reload()
  }
  const { draft_id, revision, state } = draft
  return (
    <>
      {state !== "released" && typeof draft.document === "object" && (
        <Button onClick={desk.draft ? () => sure({ title: t("drafts.edit.replaces"), ok: t("drafts.edit"), work: edit }) : edit}>
          {t("drafts.edit")}
        </Button>
      )}
      {state === "draft" && (
        <Button type="primary" loading={check.doing} disabled={draft.faults.length > 0} onClick={() => void check.run()}>
          {t("drafts.ask")}
        </Button>
      )}
      {state === "checked" && (
        <>
          <Button danger onClick={() => setAsking("reject")}>{t("drafts.reject")}</Button>
          <Tooltip title={own ? t("drafts.four_eyes") : undefined}>
            <Button type="primary" disabled={own} onClick={() => setAsking("approve")}>{t("drafts.approve")}</Button>
          </Tooltip>
        </>
      )}
      {state === "approved" && (
        <Button type="primary" onClick={() => setAsking("release")}>{t("drafts.release")}</Button>
      )}
      <AskReason
        open={asking === "approve" || asking === "reject"}
        title={t(asking === "reject" ? "drafts.reject" : "drafts.approve")}
        text={t(asking === "reject" ? "drafts.reject.text" : "drafts.approve.text")}
        ok={t(asking === "reject" ? "drafts.reject" : "drafts.approve")}
        done={t(asking === "reject" ? "drafts.reject.done" : "drafts.approve.done")}
        danger={asking === "reject"}
        work={({ reason }) => asking === "reject" ? drafts.reject(draft_id, revision, reason) : drafts.approve(draft_id, revision, reason)}
        close={close}
      />
      <AskStage
        open={asking === "release"}
        first
        title={t("drafts.release")}
        initial={{ stage: "shadow", reason: draft.note }}
        ok={t("drafts.release")}
        done={t("drafts.release.done")}
        work={async (values) => {
          const guarded = values.stage === "cities" || values.stage === "percent"
          const rollout = await drafts.release(draft_id, {
            ...stepOf(values), revision, ...(guarded ? { guardrails: values.guardrails } : {}),
            ...(values.when === "later" && values.effective_from ? { effective_from: values.effective_from } : {}),
          })
          desk.reloadLive()
          go(`/rules/rollouts/${rollout.version}`)
        }}
        close={close}
      />
    </>
  )
}

/** One draft: what it changes, whether anything is wrong with it, and the way by which it comes to hold. */
export function DraftPage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const id = useParams().draft ?? ""
  const found = useLoad((signal) => drafts.get(id, signal), [id])
  const draft = found.data
  return (
    <Page
      title={draft?.note || draft?.title || t("rules.tab.drafts")}
      note={draft && <State group="draft_state" code={draft.state} />}
      back={{ to: "/rules/drafts", text: t("rules.tab.drafts") }}
      acts={draft && may("edit.rules") ? <Acts draft={draft} reload={found.reload} /> : null}
    >
      <Show of={found} rows={8}>
        {(one) => (
          <>
            <Way draft={one} />
            {one.rejected && <Alert className="gap" type="error" showIcon title={t("drafts.rejected_for")} description={one.rejected} />}
            {one.state === "checked" && <Alert className="gap" type="info" showIcon title={t("drafts.waits")} />}
            <Panel>
              <Facts
                columns={3}
                items={[
                  [t("drafts.author"), <>{one.author} · <Moment at={one.created_at} /></>],
                  [t("drafts.editor"), <>{one.editor} · <Moment at={one.updated_at} /></>],
                  [t("drafts.approved_by"), one.approved_by && <>{one.approved_by} · <Moment at={one.approved_at} /></>],
                  [t("drafts.revision"), one.revision],
                ]}
              />
            </Panel>
            <FaultList faults={one.faults} />
            <Panel title={t("publish.changes", { n: one.changes.length })}>
              <Changes changes={one.changes} />
            </Panel>
            {one.sentences.length > 0 && (
              <Panel title={t("versions.says")}>
                <ul className="says">
                  {one.sentences.map((said) => {
                    const rule = ((one.document as Programme).rules ?? []).find((rule: Rule) => rule.id === said.rule)
                    return (
                      <li key={said.rule}>
                        <b>{rule?.name ? name(rule.name) : said.rule}</b>
                        <p>{name(said)}</p>
                      </li>
                    )
                  })}
                </ul>
              </Panel>
            )}
          </>
        )}
      </Show>
    </Page>
  )
}
