import { UploadOutlined } from "@ant-design/icons"
import { Button, Form, Modal, type TableColumnsType, Tooltip } from "antd"
import { useRef, useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { imports, type ItemImport } from "../../api/mall"
import { newKey } from "../../api/client"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Moment, State } from "../../parts/bits"
import { CsvInput } from "../../parts/CsvInput"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useMay } from "../../session/Session"

const EXAMPLE = "sku,title_zh,title_en,category,price_points,price_fen,worth_fen,cost_fen,stock\n"

function Make({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const [form] = Form.useForm<{ text?: string }>()
  const [file, setFile] = useState<File | null>(null)
  const key = useRef("")
  const act = useAct(async ({ text }: { text?: string }) => {
    key.current ||= newKey()
    go(`/mall/imports/${(await imports.upload(file ?? text ?? "", key.current)).import_id}`)
  })
  return (
    <Modal
      open={open}
      title={t("imports.make")}
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
      <p className="ask-text">{t("imports.make.text")}</p>
      <ProblemBox error={act.error} />
      <Form form={form} name="import" layout="vertical" requiredMark={false} preserve={false} onValuesChange={() => { key.current = "" }}>
        <CsvInput
          file={file}
          setFile={(chosen) => {
            setFile(chosen)
            key.current = ""
          }}
          example={EXAMPLE}
          help={t("imports.file.help")}
        />
      </Form>
    </Modal>
  )
}

/** Lists of items that were brought in. */
export function ImportsList() {
  const { t } = useLanguage()
  const { number } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const [making, setMaking] = useState(false)
  const list = useList((cursor, signal) => imports.list({ cursor, signal }), [])
  const to = (one: ItemImport) => `/mall/imports/${one.import_id}`
  const columns: TableColumnsType<ItemImport> = [
    { title: t("backtest.created"), render: (_value, one) => <Link to={to(one)}><Moment at={one.created_at} /></Link> },
    { title: t("drafts.state"), width: 110, render: (_value, one) => <State group="import_state" code={one.state} /> },
    { title: t("imports.lines"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.lines) },
    { title: t("imports.new"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.new) },
    { title: t("imports.changed"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.changed) },
    { title: t("imports.faulty"), width: 100, align: "right", className: "num", render: (_value, one) => number(one.faulty) },
    { title: t("backtest.by"), width: 130, dataIndex: "by" },
  ]
  const writes = may("write.mall")
  return (
    <>
      <div className="bar">
        <span className="bar-rest" />
        <Tooltip title={writes ? undefined : t("may.not")}>
          <Button type="primary" icon={<UploadOutlined />} disabled={!writes} onClick={() => setMaking(true)}>{t("imports.make")}</Button>
        </Tooltip>
      </div>
      <Panel flush>
        <ListTable
          label={t("mall.tab.imports")}
          list={list}
          columns={columns}
          width={780}
          rowKey={(one) => one.import_id}
          onOpen={(one) => go(to(one))}
          empty={t("imports.none")}
          card={(one) => (
            <Link className="card" to={to(one)}>
              <span className="card-line">
                <b>{t("imports.n_lines", { n: number(one.lines) })}</b>
                <State group="import_state" code={one.state} />
              </span>
              <span className="card-more">{t("imports.line", { new: number(one.new), changed: number(one.changed), faulty: number(one.faulty) })}</span>
              <span className="card-more">{one.by} · <Moment at={one.created_at} /></span>
            </Link>
          )}
        />
      </Panel>
      <Make open={making} close={() => setMaking(false)} />
    </>
  )
}
