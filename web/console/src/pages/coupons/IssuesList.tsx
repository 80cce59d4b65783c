import { SendOutlined } from "@ant-design/icons"
import { Button, Form, Input, Modal, Segmented, type TableColumnsType, Tooltip } from "antd"
import { useRef, useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { newKey } from "../../api/client"
import { issues, type IssueState, type IssueView } from "../../api/coupons"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { Id, Moment, State } from "../../parts/bits"
import { CsvInput } from "../../parts/CsvInput"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"
import { TemplatePick } from "../mall/ItemFields"

const EXAMPLE = "member_id\nu-1001\nu-1002\n"
const STATES: ("" | IssueState)[] = ["", "preview", "running", "stopped", "finished"]
const WHOM = ["list", "filter", "everybody"] as const
type Values = { template_id: string; whom: (typeof WHOM)[number]; text?: string; city?: string; tier?: string; reason: string }

/** A header is not wanted of who pastes ids. */
export const csvOf = (text: string) => (/^\s*"?member_id\b/.test(text) ? text : `member_id\n${text}`)

function Make({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const [form] = Form.useForm<Values>()
  const [file, setFile] = useState<File | null>(null)
  const whom = Form.useWatch("whom", form) ?? "list"
  const key = useRef("")
  const act = useAct(async ({ template_id, reason, city, tier, text, whom }: Values) => {
    key.current ||= newKey()
    const why = reason.trim()
    const made =
      whom === "list" ? await issues.upload(file ?? csvOf(text ?? ""), template_id, why, key.current)
      : await issues.make({ template_id, reason: why, ...(whom === "everybody" ? { everybody: true } : { city: city?.trim() || null, tier: tier?.trim() || null }) }, key.current)
    go(`/coupons/issues/${made.issue_id}`)
  })
  return (
    <Modal
      open={open}
      title={t("issues.make")}
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
      <p className="ask-text">{t("issues.make.text")}</p>
      <ProblemBox error={act.error} />
      <Form form={form} name="issue" layout="vertical" requiredMark={false} preserve={false} initialValues={{ whom: "list" }} onValuesChange={() => { key.current = "" }}>
        <Form.Item name="template_id" label={t("coupons.template")} rules={[{ required: true, message: t("form.missing") }]}><TemplatePick /></Form.Item>
        <Form.Item name="whom" label={t("issues.whom")}>
          <Segmented block options={WHOM.map((value) => ({ value, label: t(`issues.whom.${value}`) }))} />
        </Form.Item>
        {whom === "list" && (
          <CsvInput
            file={file}
            setFile={(chosen) => {
              setFile(chosen)
              key.current = ""
            }}
            example={EXAMPLE}
            help={t("issues.file.help")}
          />
        )}
        {whom === "filter" && (
          <div className="grid">
            <Form.Item name="city" label={t("members.city")} extra={t("issues.filter.help")} dependencies={["tier"]} rules={[({ getFieldValue }) => ({ validator: (_rule, city) => city || getFieldValue("tier") ? Promise.resolve() : Promise.reject(new Error(t("form.missing"))) })]}>
              <Input maxLength={64} />
            </Form.Item>
            <Form.Item name="tier" label={t("cart.tier")}><Input maxLength={64} /></Form.Item>
          </div>
        )}
        <Form.Item name="reason" label={t("reason.label")} extra={t("reason.help")} rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}>
          <Input.TextArea rows={2} maxLength={500} showCount />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** Coupons given to many at once. */
export function IssuesList() {
  const { t, code } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const { tick } = useLive()
  const [making, setMaking] = useState(false)
  const { asked, choose, key } = useAsked(["state"])
  const list = useList((cursor, signal) => issues.list({ ...asked, cursor, signal }), [key, tick])
  const to = (one: IssueView) => `/coupons/issues/${one.issue_id}`
  const columns: TableColumnsType<IssueView> = [
    { title: t("reason.label"), render: (_value, one) => <Link to={to(one)}>{one.reason}</Link> },
    { title: t("coupons.template"), width: 160, render: (_value, one) => <Id>{one.template_id}</Id> },
    { title: t("drafts.state"), width: 104, render: (_value, one) => <State group="issue_state" code={one.state} /> },
    { title: t("issues.members"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.lines) },
    { title: t("issues.done"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.done) },
    { title: t("issues.failed"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.failed + one.faulty) },
    { title: t("backtest.by"), width: 110, dataIndex: "by" },
    { title: t("backtest.created"), width: 150, render: (_value, one) => <Moment at={one.created_at} /> },
  ]
  const writes = may("write.coupons")
  return (
    <>
      <div className="bar">
        <Segmented
          value={asked.state as "" | IssueState}
          onChange={(state) => choose({ state })}
          options={STATES.map((value) => ({ value, label: value ? code("issue_state", value) : t("standing.all") }))}
        />
        <span className="bar-rest" />
        <Tooltip title={writes ? undefined : t("may.not")}>
          <Button type="primary" icon={<SendOutlined />} disabled={!writes} onClick={() => setMaking(true)}>{t("issues.make")}</Button>
        </Tooltip>
      </div>
      <Panel flush>
        <ListTable
          label={t("coupons.tab.issues")}
          list={list}
          columns={columns}
          width={920}
          rowKey={(one) => one.issue_id}
          onOpen={(one) => go(to(one))}
          empty={t("issues.none")}
          card={(one) => (
            <Link className="card" to={to(one)}>
              <span className="card-line">
                <b>{one.reason}</b>
                <State group="issue_state" code={one.state} />
              </span>
              <span className="card-more"><Id>{one.template_id}</Id> {t("issues.line", { done: number(one.done), lines: number(one.lines) })}</span>
              <span className="card-more">{one.by} · <Moment at={one.created_at} /></span>
            </Link>
          )}
        />
      </Panel>
      <Make open={making} close={() => setMaking(false)} />
    </>
  )
}
