import { Button, Form, Input, Modal, Select, type TableColumnsType, Tag } from "antd"
import { useState } from "react"
import { users } from "../../api/calls"
import type { Role, User } from "../../api/types"
import { type Key, useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { AskReason } from "../../parts/AskReason"
import { Badge, Id, Moment } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSession } from "../../session/Session"
import { LEAST_PASSWORD, MOST_PASSWORD, NAME } from "./password"

const ROLES: Role[] = ["admin", "operator", "auditor"]
type NewUser = { name: string; display_name: string; role: Role; password: string }
type Asking = { user: User; act: "change" | "password" | "disable" | "enable" }

function useRoles() {
  const { t } = useLanguage()
  return ROLES.map((value) => ({ value, label: `${t(`role.${value}`)} · ${t(`role.${value}.help` as Key)}` }))
}

function PasswordItem({ name = "password", label }: { name?: string; label: string }) {
  const { t } = useLanguage()
  return (
    <Form.Item
      name={name}
      label={label}
      extra={t("users.password.help", { n: LEAST_PASSWORD })}
      rules={[{ required: true, min: LEAST_PASSWORD, message: t("users.password.short", { n: LEAST_PASSWORD }) }]}
    >
      <Input.Password autoComplete="new-password" maxLength={MOST_PASSWORD} />
    </Form.Item>
  )
}

function Add({ open, close }: { open: boolean; close: (done: boolean) => void }) {
  const { t } = useLanguage()
  const roles = useRoles()
  const [form] = Form.useForm<NewUser>()
  const act = useAct((values: NewUser) => users.create(values), t("users.add.done"))
  const submit = async () => {
    const values = await form.validateFields().catch(() => null)
    if (values && (await act.run(values))) {
      form.resetFields()
      close(true)
    }
  }
  return (
    <Modal open={open} title={t("users.add")} okText={t("users.add")} confirmLoading={act.doing} mask={{ closable: false }} onOk={() => void submit()} onCancel={() => close(false)} afterClose={act.forget}>
      <ProblemBox error={act.error} />
      <Form form={form} name="new-user" layout="vertical" requiredMark={false} initialValues={{ role: "operator" }}>
        <Form.Item name="name" label={t("users.name")} extra={t("users.name.help")} rules={[{ required: true, pattern: NAME, message: t("users.name.wrong") }]}>
          <Input autoComplete="off" maxLength={64} />
        </Form.Item>
        <Form.Item name="display_name" label={t("users.display_name")} rules={[{ required: true, whitespace: true, message: t("users.display_name.missing") }]}>
          <Input autoComplete="off" maxLength={100} />
        </Form.Item>
        <Form.Item name="role" label={t("users.role")}>
          <Select options={roles} />
        </Form.Item>
        <PasswordItem label={t("users.password")} />
      </Form>
    </Modal>
  )
}

function Change({ asking, close }: { asking: Asking | null; close: (done: boolean) => void }) {
  const { t } = useLanguage()
  const roles = useRoles()
  const work = ({ reason, ...values }: { reason: string } & Record<string, unknown>) => {
    if (!asking) return Promise.resolve()
    const change = asking.act === "disable" ? { disabled: true } : asking.act === "enable" ? { disabled: false } : values
    return users.change(asking.user.user_id, { ...change, reason })
  }
  return (
    <AskReason
      key={asking ? asking.user.user_id + asking.act : ""}
      open={!!asking}
      title={asking ? t(`users.${asking.act}.title`, { name: asking.user.display_name }) : ""}
      text={asking && t(`users.${asking.act}.text`)}
      ok={asking ? t(`users.${asking.act}`) : ""}
      done={t("users.changed")}
      danger={asking?.act === "disable"}
      initial={asking?.act === "change" ? { display_name: asking.user.display_name, role: asking.user.role } : {}}
      work={work}
      close={close}
    >
      {asking?.act === "change" && (
        <>
          <Form.Item name="display_name" label={t("users.display_name")} rules={[{ required: true, whitespace: true, message: t("users.display_name.missing") }]}>
            <Input maxLength={100} />
          </Form.Item>
          <Form.Item name="role" label={t("users.role")}>
            <Select options={roles} />
          </Form.Item>
        </>
      )}
      {asking?.act === "password" && <PasswordItem label={t("users.password")} />}
    </AskReason>
  )
}

export default function UsersPage() {
  const { t } = useLanguage()
  const { user: me } = useSession()
  const [adding, setAdding] = useState(false)
  const [asking, setAsking] = useState<Asking | null>(null)
  const list = useList((cursor, signal) => users.list({ cursor, limit: 50, signal }), [])
  const who = (one: User) => (
    <>
      <b className="clip">{one.display_name}</b> {one.user_id === me.user_id && <Tag>{t("users.you")}</Tag>}
      {one.disabled && <Badge tone="bad">{t("users.disabled")}</Badge>}
    </>
  )
  const acts = (one: User) => (
    <span className="row-acts">
      <Button size="small" onClick={() => setAsking({ user: one, act: "change" })}>{t("users.change")}</Button>
      <Button size="small" onClick={() => setAsking({ user: one, act: "password" })}>{t("users.password")}</Button>
      <Button size="small" danger={!one.disabled} disabled={one.user_id === me.user_id} onClick={() => setAsking({ user: one, act: one.disabled ? "enable" : "disable" })}>
        {t(one.disabled ? "users.enable" : "users.disable")}
      </Button>
    </span>
  )
  const columns: TableColumnsType<User> = [
    { title: t("users.display_name"), render: (_value, one) => who(one) },
    { title: t("users.name"), width: 160, render: (_value, one) => <Id>{one.name}</Id> },
    { title: t("users.role"), width: 120, render: (_value, one) => <Badge tone={one.role === "admin" ? "accent" : "plain"}>{t(`role.${one.role}`)}</Badge> },
    { title: t("users.last"), width: 160, render: (_value, one) => <Moment at={one.last_sign_in_at} /> },
    { title: t("users.acts"), width: 270, render: (_value, one) => acts(one) },
  ]
  return (
    <Page title={t("nav.users")} note={t("users.note")} acts={<Button type="primary" onClick={() => setAdding(true)}>{t("users.add")}</Button>}>
      <Panel flush>
        <ListTable
          label={t("nav.users")}
          list={list}
          columns={columns}
          width={900}
          rowKey={(one) => one.user_id}
          card={(one) => (
            <div className="card">
              <span className="card-line">
                <span>{who(one)}</span>
                <Badge>{t(`role.${one.role}`)}</Badge>
              </span>
              <span className="card-more">
                <Id>{one.name}</Id> <Moment at={one.last_sign_in_at} />
              </span>
              {acts(one)}
            </div>
          )}
        />
      </Panel>
      <Add open={adding} close={(done) => { setAdding(false); if (done) list.reload() }} />
      <Change asking={asking} close={(done) => { setAsking(null); if (done) list.reload() }} />
    </Page>
  )
}
