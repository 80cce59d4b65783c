import { Form, Input, Modal } from "antd"
import type { ReactNode } from "react"
import { useLanguage } from "../i18n"
import { ProblemBox } from "./Problem"
import { useAct } from "./act"

/** A dangerous act: says what will happen, and wants to know why. */
export function AskReason(props: {
  open: boolean
  title: string
  text?: ReactNode
  ok: string
  done?: string
  danger?: boolean
  /** More fields above the reason. */
  children?: ReactNode
  initial?: Record<string, unknown>
  work: (values: { reason: string } & Record<string, unknown>) => Promise<unknown>
  close: (done: boolean) => void
}) {
  const { t } = useLanguage()
  const [form] = Form.useForm<{ reason: string }>()
  const act = useAct(props.work, props.done)
  const submit = async () => {
    const values = await form.validateFields().catch(() => null)
    if (values && (await act.run({ ...values, reason: values.reason.trim() }))) props.close(true)
  }
  return (
    <Modal
      open={props.open}
      title={props.title}
      okText={props.ok}
      okButtonProps={{ danger: props.danger }}
      confirmLoading={act.doing}
      onOk={() => void submit()}
      onCancel={() => props.close(false)}
      maskClosable={false}
      afterClose={act.forget}
      destroyOnHidden
    >
      {props.text && <p className="ask-text">{props.text}</p>}
      <ProblemBox error={act.error} />
      <Form form={form} name="ask-reason" layout="vertical" requiredMark={false} preserve={false} initialValues={props.initial}>
        {props.children}
        <Form.Item
          name="reason"
          label={t("reason.label")}
          extra={t("reason.help")}
          rules={[{ required: true, whitespace: true, message: t("reason.missing") }]}
        >
          <Input.TextArea rows={3} maxLength={500} showCount autoFocus />
        </Form.Item>
      </Form>
    </Modal>
  )
}
