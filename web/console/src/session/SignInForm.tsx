import { Button, Form, Input } from "antd"
import { useLanguage } from "../i18n"
import { useAct } from "../parts/act"
import { ProblemBox } from "../parts/Problem"
import { useDoor } from "./Session"

/** Name and password. With `name` given it is somebody's return, and the name stands. */
export function SignInForm({ name }: { name?: string }) {
  const { t } = useLanguage()
  const { signIn } = useDoor()
  const act = useAct(async ({ name, password }: { name: string; password: string }) => signIn(name.trim(), password))
  return (
    <Form
      name={name ? "sign-in-again" : "sign-in"}
      layout="vertical"
      requiredMark={false}
      initialValues={{ name }}
      onFinish={(values: { name: string; password: string }) => void act.run(values)}
    >
      <ProblemBox error={act.error} />
      <Form.Item name="name" label={t("sign_in.name")} rules={[{ required: true, message: t("sign_in.name.missing") }]}>
        <Input size="large" autoComplete="username" readOnly={!!name} autoFocus={!name} maxLength={64} />
      </Form.Item>
      <Form.Item
        name="password"
        label={t("sign_in.password")}
        rules={[{ required: true, message: t("sign_in.password.missing") }]}
      >
        <Input.Password size="large" autoComplete="current-password" autoFocus={!!name} />
      </Form.Item>
      <Button type="primary" size="large" htmlType="submit" block loading={act.doing}>
        {t("sign_in.go")}
      </Button>
    </Form>
  )
}
