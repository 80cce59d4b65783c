import { PlusOutlined } from "@ant-design/icons"
import { Button, DatePicker, Form, Input, Modal, Select, type TableColumnsType } from "antd"
import dayjs, { type Dayjs } from "dayjs"
import { useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { type BackTest, backTests } from "../../api/backTests"
import { useLanguage } from "../../i18n"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { Moment, Points, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"
import { useDesk } from "./context"

type Values = { span: [Dayjs, Dayjs]; what: "draft" | number; against: 0 | number; title?: string }
const DAYS = 90

function Start({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLanguage()
  const desk = useDesk()
  const go = useNavigate()
  const { businessOn } = useLive()
  const [form] = Form.useForm<Values>()
  const act = useAct(async ({ span, what, against, title }: Values) => {
    const begun = await backTests.start({
      from: span[0].format("YYYY-MM-DD"), to: span[1].format("YYYY-MM-DD"),
      ...(what === "draft" ? { document: desk.draft?.document } : { version: what }),
      ...(against ? { against_version: against } : {}),
      ...(title?.trim() ? { title: title.trim() } : {}),
    })
    go(`/rules/back-tests/${begun.back_test_id}`)
  })
  const latest = desk.live?.version ?? 0
  const versions = Array.from({ length: latest }, (_one, at) => latest - at).map((version) => ({
    value: version, label: t("versions.number", { version }),
  }))
  const today = businessOn ? dayjs(businessOn) : dayjs()
  return (
    <Modal
      open={open}
      title={t("backtest.start")}
      okText={t("backtest.go")}
      confirmLoading={act.doing}
      onCancel={close}
      onOk={() => void form.validateFields().then((values) => act.run(values), () => null)}
      mask={{ closable: false }}
      afterClose={act.forget}
      destroyOnHidden
    >
      <p className="ask-text">{t("backtest.text")}</p>
      <ProblemBox error={act.error} />
      <Form
        form={form}
        name="backtest"
        layout="vertical"
        requiredMark={false}
        preserve={false}
        initialValues={{ span: [today.subtract(DAYS, "day"), today.subtract(1, "day")], what: desk.draft ? "draft" : latest, against: 0 }}
      >
        <Form.Item name="what" label={t("backtest.what")}>
          <Select options={[...(desk.draft ? [{ value: "draft" as const, label: t("backtest.draft") }] : []), ...versions]} />
        </Form.Item>
        <Form.Item name="against" label={t("backtest.against")}>
          <Select options={[{ value: 0, label: t("backtest.as_was") }, ...versions]} />
        </Form.Item>
        <Form.Item name="span" label={t("backtest.span")} rules={[{ required: true, message: t("runs.run_on.missing") }]}>
          <DatePicker.RangePicker className="wide" allowClear={false} maxDate={today} />
        </Form.Item>
        <Form.Item name="title" label={t("backtest.name")} extra={t("backtest.name.help")}>
          <Input maxLength={100} />
        </Form.Item>
      </Form>
    </Modal>
  )
}

/** Programmes tried on what has happened, beside what held. */
export function BackTestsList() {
  const { t } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const { pulse, tick } = useLive()
  const [starting, setStarting] = useState(false)
  const list = useList((cursor, signal) => backTests.list({ cursor, signal }), [tick, !!pulse])
  const to = (one: BackTest) => `/rules/back-tests/${one.back_test_id}`
  const difference = (one: BackTest) => one.result ? <Points signed value={one.result.difference_points} /> : <span className="faint">–</span>
  const columns: TableColumnsType<BackTest> = [
    { title: t("backtest.title"), render: (_value, one) => <Link to={to(one)}>{one.title}</Link> },
    { title: t("drafts.state"), width: 110, render: (_value, one) => <State group="backtest_state" code={one.state} /> },
    { title: t("backtest.span"), width: 220, className: "num-left", render: (_value, one) => `${one.from} – ${one.to}` },
    { title: t("backtest.difference"), width: 130, align: "right", render: (_value, one) => difference(one) },
    { title: t("backtest.by"), width: 120, dataIndex: "by" },
    { title: t("backtest.created"), width: 160, render: (_value, one) => <Moment at={one.created_at} /> },
  ]
  return (
    <>
      <div className="bar">
        <span className="faint">{t("backtest.note")}</span>
        <span className="bar-rest" />
        {may("edit.rules") && (
          <Button type="primary" ghost icon={<PlusOutlined />} onClick={() => setStarting(true)}>
            {t("backtest.start")}
          </Button>
        )}
      </div>
      <Panel flush>
        <ListTable
          label={t("rules.tab.back-tests")}
          list={list}
          columns={columns}
          width={900}
          rowKey={(one) => one.back_test_id}
          onOpen={(one) => go(to(one))}
          empty={t("backtest.none")}
          card={(one) => (
            <Link className="card" to={to(one)}>
              <span className="card-line">
                <b>{one.title}</b>
                <State group="backtest_state" code={one.state} />
              </span>
              <span className="card-line">
                <span className="num">{one.from} – {one.to}</span>
                {difference(one)}
              </span>
            </Link>
          )}
        />
      </Panel>
      <Start open={starting} close={() => setStarting(false)} />
    </>
  )
}
