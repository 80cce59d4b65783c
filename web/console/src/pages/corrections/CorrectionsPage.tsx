import { UploadOutlined } from "@ant-design/icons"
import { Button, Form, Input, Modal, Segmented, type TableColumnsType, Tooltip } from "antd"
import { useRef, useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { type Correction, corrections, type CorrectionState } from "../../api/office"
import { newKey } from "../../api/client"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { Moment, Points, State } from "../../parts/bits"
import { CsvInput } from "../../parts/CsvInput"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"

const STATES: ("" | CorrectionState)[] = ["", "waiting", "running", "finished", "preview"]
const EXAMPLE = "member_id,points,reason\nu-1001,50,make-up\nu-1002,-20,granted twice\n"

function Make({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const [form] = Form.useForm<{ reason: string; text: string }>()
  const [file, setFile] = useState<File | null>(null)
  const key = useRef("")
  const act = useAct(async ({ reason, text }: { reason: string; text?: string }) => {
    key.current ||= newKey()
    const made = await corrections.upload(file ?? text ?? "", reason.trim(), key.current)
    go(`/corrections/${made.correction_id}`)
  })
  return (
    <Modal
      open={open}
      title={t("corrections.make")}
      okText={t("corrections.preview")}
      confirmLoading={act.doing}
      onCancel={close}
      onOk={() => void form.validateFields().then((values) => act.run(values), () => null)}
      mask={{ closable: false }}
      afterClose={() => {
        act.forget()
        setFile(null)
      }}
      destroyOnHidden
    >
      <p className="ask-text">{t("corrections.make.text")}</p>
      <ProblemBox error={act.error} />
      <Form
        form={form}
        name="correction"
        layout="vertical"
        requiredMark={false}
        preserve={false}
        // Another file or reason is another intent.
        onValuesChange={() => { key.current = "" }}
      >
        <CsvInput
          file={file}
          setFile={(chosen) => {
            setFile(chosen)
            key.current = ""
          }}
          example={EXAMPLE}
          help={t("corrections.file.help")}
        />
        <Form.Item name="reason" label={t("reason.label")} extra={t("reason.help")} rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}>
          <Input.TextArea rows={2} maxLength={500} showCount />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** Corrections of many balances at once. */
export default function CorrectionsPage() {
  const { t, code } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const { tick } = useLive()
  const [state, setState] = useState<"" | CorrectionState>("")
  const [making, setMaking] = useState(false)
  const list = useList((cursor, signal) => corrections.list({ state, cursor, signal }), [state, tick])
  const to = (one: Correction) => `/corrections/${one.correction_id}`
  const columns: TableColumnsType<Correction> = [
    { title: t("reason.label"), render: (_value, one) => <Link to={to(one)}>{one.reason}</Link> },
    { title: t("drafts.state"), width: 110, render: (_value, one) => <State group="correction_state" code={one.state} /> },
    { title: t("corrections.lines"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.lines) },
    { title: t("corrections.credit"), width: 110, align: "right", render: (_value, one) => <Points signed value={one.credit_points} /> },
    { title: t("corrections.debit"), width: 110, align: "right", render: (_value, one) => <Points signed value={-one.debit_points} /> },
    { title: t("backtest.by"), width: 110, dataIndex: "by" },
    { title: t("backtest.created"), width: 150, render: (_value, one) => <Moment at={one.created_at} /> },
  ]
  const adjusts = may("adjust.points")
  return (
    <Page
      title={t("nav.corrections")}
      note={t("corrections.note")}
      acts={
        <Tooltip title={adjusts ? undefined : t("may.not")}>
          <Button type="primary" icon={<UploadOutlined />} disabled={!adjusts} onClick={() => setMaking(true)}>{t("corrections.make")}</Button>
        </Tooltip>
      }
    >
      <div className="bar">
        <Segmented value={state} onChange={setState} options={STATES.map((value) => ({ value, label: value ? code("correction_state", value) : t("standing.all") }))} />
      </div>
      <Panel flush>
        <ListTable
          label={t("nav.corrections")}
          list={list}
          columns={columns}
          width={920}
          rowKey={(one) => one.correction_id}
          onOpen={(one) => go(to(one))}
          empty={t("corrections.none")}
          card={(one) => (
            <Link className="card" to={to(one)}>
              <span className="card-line">
                <b>{one.reason}</b>
                <State group="correction_state" code={one.state} />
              </span>
              <span className="card-line">
                <span className="faint">{t("corrections.n_lines", { n: number(one.lines) })}</span>
                <span><Points signed value={one.credit_points} /> <Points signed value={-one.debit_points} /></span>
              </span>
              <span className="card-more">{one.by} · <Moment at={one.created_at} /></span>
            </Link>
          )}
        />
      </Panel>
      <Make open={making} close={() => setMaking(false)} />
    </Page>
  )
}
