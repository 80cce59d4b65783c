import { DatePicker, Form, Input, InputNumber, Modal, Segmented } from "antd"
import dayjs, { type Dayjs } from "dayjs"
import { useRef, useState } from "react"
import { members } from "../../api/calls"
import { newKey } from "../../api/client"
import type { BalanceView } from "../../api/types"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { useAct } from "../../parts/act"
import { ProblemBox } from "../../parts/Problem"

type Values = { way: "add" | "take"; points: number; reason: string; expires_on?: Dayjs | null }
const MOST = 1_000_000_000

/** A correction by hand: typed, then looked at once more, then done once. */
export function Adjust({ open, member, name, balance, close }: {
  open: boolean
  member: string
  name: string
  balance: BalanceView
  close: (done: boolean) => void
}) {
  const { t } = useLanguage()
  const { number, signed } = useFormats()
  const { businessOn } = useLive()
  const [form] = Form.useForm<Values>()
  const [sure, setSure] = useState<Values | null>(null)
  const way = Form.useWatch("way", form)
  const key = useRef(newKey())
  const change = (values: Values) => (values.way === "take" ? -values.points : values.points)
  const act = useAct(async (values: Values) => {
    const expires_on = (values.way === "add" && values.expires_on?.format("YYYY-MM-DD")) || null
    const body = { points: change(values), wallet: balance.wallet, reason: values.reason.trim(), expires_on }
    await members.adjust(member, body, key.current)
  }, t("adjust.done"))
  const next = async () => {
    const values = await form.validateFields().catch(() => null)
    if (!values) return
    if (!sure) {
      // Whatever was typed anew is a new intent; the same intent sent twice keeps its key.
      key.current = newKey()
      setSure(values)
    } else if (await act.run(values)) {
      setSure(null)
      form.resetFields()
      close(true)
    }
  }
  return (
    <Modal
      open={open}
      title={t("adjust.title", { name })}
      okText={t(sure ? "adjust.go" : "adjust.next")}
      okButtonProps={{ danger: !!sure && sure.way === "take" }}
      cancelText={sure ? t("adjust.back") : undefined}
      confirmLoading={act.doing}
      mask={{ closable: false }}
      onOk={() => void next()}
      onCancel={() => {
        act.forget()
        if (sure) setSure(null)
        else close(false)
      }}
    >
      <ProblemBox error={act.error} />
      {sure && (
        <div className="sure">
          <p>{t("adjust.sure")}</p>
          <p className="sure-figure num">
            {number(balance.available)} <span className={change(sure) > 0 ? "num-in" : "num-out"}>{signed(change(sure))}</span> ={" "}
            {number(balance.available + change(sure))}
          </p>
          <p>{sure.reason}</p>
        </div>
      )}
      <Form form={form} name="adjust" layout="vertical" requiredMark={false} hidden={!!sure} initialValues={{ way: "add" }}>
        <Form.Item name="way">
          <Segmented block options={[{ value: "add", label: t("adjust.add") }, { value: "take", label: t("adjust.take") }]} />
        </Form.Item>
        <Form.Item name="points" label={t("adjust.points")} rules={[{ required: true, message: t("adjust.points.missing") }]}>
          <InputNumber min={1} max={MOST} precision={0} controls={false} className="wide" inputMode="numeric" />
        </Form.Item>
        {way === "add" && (
          <Form.Item name="expires_on" label={t("adjust.expires_on")} extra={t("adjust.expires_on.help")}>
            <DatePicker className="wide" minDate={businessOn ? dayjs(businessOn).add(1, "day") : undefined} />
          </Form.Item>
        )}
        <Form.Item
          name="reason"
          label={t("reason.label")}
          extra={t("adjust.reason.help")}
          rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}
        >
          <Input.TextArea rows={3} maxLength={500} showCount />
        </Form.Item>
      </Form>
    </Modal>
  )
}
