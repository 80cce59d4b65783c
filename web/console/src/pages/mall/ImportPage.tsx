import { Alert, Button, Segmented, type TableColumnsType } from "antd"
import { useState } from "react"
import { useParams } from "react-router-dom"
import { type ImportLine, imports, type ItemImport } from "../../api/mall"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Badge, Id, Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList, useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"

const ACTS: ("" | ImportLine["act"])[] = ["", "faulty", "new", "change", "same"]
const TONES = { new: "good", change: "accent", same: "plain", faulty: "bad" } as const

function Lines({ one }: { one: ItemImport }) {
  const { t, code, name } = useLanguage()
  const [act, setAct] = useState<"" | ImportLine["act"]>("")
  const list = useList((cursor, signal) => imports.lines(one.import_id, { act, cursor, signal }), [one.import_id, one.state, act])
  const sign = (line: ImportLine) => <Badge tone={TONES[line.act]}>{code("import_act", line.act)}</Badge>
  const why = (line: ImportLine) =>
    line.faults.length ? (
      <span className="fault">{line.faults.map((fault) => (fault.column ? `${fault.column}: ${name(fault.text)}` : name(fault.text))).join(" · ")}</span>
    ) : line.differs.map((field) => code("item", field)).join(" · ")
  const columns: TableColumnsType<ImportLine> = [
    { title: t("corrections.no"), width: 70, dataIndex: "no", className: "num-left" },
    { title: t("item.sku"), width: 150, render: (_value, line) => <Id>{line.sku}</Id> },
    { title: t("mall.item"), dataIndex: "title" },
    { title: t("corrections.what"), width: 100, render: (_value, line) => sign(line) },
    { title: t("imports.why"), render: (_value, line) => why(line) },
  ]
  return (
    <Panel flush title={t("imports.lines")} extra={<Segmented value={act} onChange={setAct} options={ACTS.map((value) => ({ value, label: value ? code("import_act", value) : t("standing.all") }))} />}>
      <ListTable
        label={t("imports.lines")}
        list={list}
        columns={columns}
        width={760}
        rowKey={(line) => line.no}
        card={(line) => (
          <div className="card">
            <span className="card-line"><b>#{line.no} {line.title}</b>{sign(line)}</span>
            <span className="card-more"><Id>{line.sku}</Id> {why(line)}</span>
          </div>
        )}
      />
    </Panel>
  )
}

/** One import: what it would add and change, what is wrong with it; then it is applied, or thrown away. */
export function ImportPage() {
  const { t } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const sure = useSure()
  const id = useParams().import ?? ""
  const found = useLoad((signal) => imports.get(id, signal), [id])
  const act = useAct(async (what: "apply" | "cancel") => {
    await imports.act(id, what)
    found.reload()
  })
  const one = found.data
  const doable = one ? one.new + one.changed : 0
  const ask = (what: "apply" | "cancel") =>
    sure({ title: t(`imports.${what}.sure`, { n: number(doable) }), ok: t(`imports.${what}`), danger: what === "cancel", work: () => act.run(what) })
  return (
    <Page
      title={t("imports.one")}
      note={one && <><State group="import_state" code={one.state} /> {one.by} · <Moment at={one.created_at} /></>}
      back={{ to: "/mall/imports", text: t("mall.tab.imports") }}
      acts={
        one?.state === "preview" && may("write.mall") ? (
          <>
            <Button onClick={() => ask("cancel")}>{t("imports.cancel")}</Button>
            <Button type="primary" loading={act.doing} disabled={!doable} onClick={() => ask("apply")}>{t("imports.apply")}</Button>
          </>
        ) : null
      }
    >
      <ProblemBox error={act.error} />
      <Show of={found} rows={8}>
        {(now) => (
          <>
            {now.state === "preview" && now.faulty > 0 && <Alert className="gap" type="warning" showIcon title={t("imports.some_faulty", { n: number(now.faulty) })} />}
            <div className="figures">
              <Figure name={t("imports.lines")} value={number(now.lines)} />
              <Figure name={t("imports.new")} value={number(now.new)} tone="good" />
              <Figure name={t("imports.changed")} value={number(now.changed)} />
              <Figure name={t("imports.faulty")} value={number(now.faulty)} tone={now.faulty ? "bad" : undefined} />
            </div>
            <Lines one={now} />
          </>
        )}
      </Show>
    </Page>
  )
}
