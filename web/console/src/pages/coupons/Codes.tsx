import { DownloadOutlined, PlusOutlined } from "@ant-design/icons"
import { Button, Form, Modal, Segmented, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { type CodeView, type CouponTemplate, templates } from "../../api/coupons"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Badge, Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { CountInput } from "../../rules/Inputs"

const MOST = 10_000
const CLAIMED = ["", "false", "true"] as const

function MakeCodes({ template, open, close }: { template: string; open: boolean; close: (done: boolean) => void }) {
  const { t } = useLanguage()
  const [form] = Form.useForm<{ number: number }>()
  const act = useAct(({ number }: { number: number }) => templates.makeCodes(template, number), t("codes.made"))
  const go = async () => {
    const values = await form.validateFields().catch(() => null)
    if (values && (await act.run(values))) close(true)
  }
  return (
    <Modal open={open} title={t("codes.make")} okText={t("codes.make")} confirmLoading={act.doing} onOk={() => void go()} onCancel={() => close(false)} afterClose={act.forget} destroyOnHidden>
      <p className="ask-text">{t("codes.make.text")}</p>
      <ProblemBox error={act.error} />
      <Form form={form} name="codes" layout="vertical" requiredMark={false} preserve={false} initialValues={{ number: 100 }}>
        <Form.Item name="number" label={t("codes.number")} rules={[{ required: true, message: t("form.missing") }]}>
          <CountInput min={1} max={MOST} />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** The codes by which members claim, each good once. Who knows one can claim by it, so they are for those who may make them. */
export function Codes({ template }: { template: CouponTemplate }) {
  const { t } = useLanguage()
  const { number } = useFormats()
  const [claimed, setClaimed] = useState<(typeof CLAIMED)[number]>("")
  const [making, setMaking] = useState(false)
  const id = template.template_id
  const [counted, setCounted] = useState<{ codes: number; claimed: number } | null>(null)
  const list = useList(async (cursor, signal) => {
    const page = await templates.codes(id, { claimed, cursor, signal })
    setCounted(page)
    return page
  }, [id, claimed])
  const who = (one: CodeView) => one.member_id ? <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link> : <span className="faint">–</span>
  const state = (one: CodeView) => <Badge tone={one.claimed_at ? "good" : "plain"}>{t(one.claimed_at ? "codes.claimed" : "codes.free")}</Badge>
  const columns: TableColumnsType<CodeView> = [
    { title: t("codes.code"), render: (_value, one) => <Id>{one.code}</Id> },
    { title: t("drafts.state"), width: 100, render: (_value, one) => state(one) },
    { title: t("shadow.member"), render: (_value, one) => who(one) },
    { title: t("codes.claimed_at"), width: 150, render: (_value, one) => <Moment at={one.claimed_at} /> },
    { title: t("codes.made_at"), width: 150, render: (_value, one) => <Moment at={one.made_at} /> },
  ]
  return (
    <Panel
      flush
      title={t("codes.title")}
      note={counted && t("codes.counted", { codes: number(counted.codes), claimed: number(counted.claimed) })}
      extra={
        <div className="row-acts">
          <Segmented value={claimed} onChange={setClaimed} options={CLAIMED.map((value) => ({ value, label: t(value === "" ? "standing.all" : value === "true" ? "codes.claimed" : "codes.free") }))} />
          <Button icon={<DownloadOutlined />} href={templates.codesFile(id, claimed)} download>{t("form.export")}</Button>
          <Button icon={<PlusOutlined />} onClick={() => setMaking(true)}>{t("codes.make")}</Button>
        </div>
      }
    >
      <ListTable
        label={t("codes.title")}
        list={list}
        columns={columns}
        width={700}
        rowKey={(one) => one.code}
        empty={t("codes.none")}
        card={(one) => (
          <div className="card">
            <span className="card-line"><Id>{one.code}</Id>{state(one)}</span>
            <span className="card-more">{who(one)} <Moment at={one.claimed_at} /></span>
          </div>
        )}
      />
      <MakeCodes
        template={id}
        open={making}
        close={(done) => {
          setMaking(false)
          if (done) list.reload()
        }}
      />
    </Panel>
  )
}
