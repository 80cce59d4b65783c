import { Alert, Button, Empty, Form, Input, Segmented, Select } from "antd"
import { useEffect, useState } from "react"
import { programme } from "../../api/calls"
import type { DryRun } from "../../api/types"
import { useLanguage } from "../../i18n"
import { BUSINESS_ZONE } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { Explained } from "../../parts/Explained"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { EVENT_TYPES, sampleEvent } from "../../rules/samples"
import { useDesk } from "./context"

const KEPT = "linli.console.try"

/** Try an event on the draft, or on what is live: which rules fire, which do not, and why. Nothing is written. */
export function TryPage() {
  const { t, code } = useLanguage()
  const { businessOn } = useLive()
  const desk = useDesk()
  const [type, setType] = useState("order.paid")
  const [text, setText] = useState(() => sessionStorage.getItem(KEPT) ?? "")
  const [on, setOn] = useState<"draft" | "live">("draft")
  const [fault, setFault] = useState("")
  const [found, setFound] = useState<DryRun | null>(null)
  const uses = desk.draft ? on : "live"
  useEffect(() => {
    if (!text && businessOn) setText(JSON.stringify(sampleEvent("order.paid", businessOn, BUSINESS_ZONE), null, 2))
  }, [text, businessOn])
  useEffect(() => {
    if (text) sessionStorage.setItem(KEPT, text)
  }, [text])
  const act = useAct(async (event: unknown) => {
    setFound(null)
    setFound(await programme.dryRun({ event, ...(uses === "draft" ? { document: desk.draft?.document } : {}) }))
  })
  const run = () => {
    try {
      const event: unknown = JSON.parse(text)
      setFault("")
      void act.run(event)
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error))
    }
  }
  const choose = (next: string) => {
    setType(next)
    setText(JSON.stringify(sampleEvent(next, businessOn ?? "2026-01-01", BUSINESS_ZONE), null, 2))
  }
  const named = (id: string) => desk.document.rules?.find((rule) => rule.id === id)?.name
  return (
    <div className="halves">
      <Panel title={t("try.event")} note={t("try.event.note")}>
        <Form layout="vertical" component="div">
          {desk.draft && (
            <Form.Item label={t("try.on")}>
              <Segmented
                value={uses}
                onChange={setOn}
                options={[{ value: "draft", label: t("try.on.draft") }, { value: "live", label: t("try.on.live") }]}
              />
            </Form.Item>
          )}
          <Form.Item label={t("try.type")} htmlFor="try-type">
            <Select
              id="try-type"
              value={type}
              onChange={choose}
              options={EVENT_TYPES.map((value) => ({ value, label: `${code("event", value)} · ${value}` }))}
            />
          </Form.Item>
          <Form.Item label="CloudEvent" htmlFor="try-json" validateStatus={fault ? "error" : undefined} help={fault || undefined}>
            <Input.TextArea
              id="try-json"
              className="mono"
              rows={20}
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </Form.Item>
        </Form>
        <Button type="primary" onClick={run} loading={act.doing}>
          {t("try.go")}
        </Button>
      </Panel>
      <Panel title={t("try.result")}>
        <ProblemBox error={act.error} />
        {found ? (
          <>
            <Alert
              className="gap"
              type="info"
              title={found.programme_version ? t("try.by_version", { version: found.programme_version }) : t("try.by_draft")}
            />
            <Explained outcome={found.outcome} nameOf={named} sentenceOf={desk.sentence} />
          </>
        ) : (
          !act.error && <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("try.nothing")} />
        )}
      </Panel>
    </div>
  )
}
