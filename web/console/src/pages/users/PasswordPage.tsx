import { Button, Form, Input } from "antd"
import { session } from "../../api/calls"
import { useLanguage } from "../../i18n"
import { useAct } from "../../parts/act"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSession } from "../../session/Session"
import { LEAST_PASSWORD, MOST_PASSWORD } from "./password"

type Values = { old: string; fresh: string; again: string }

export default function PasswordPage() {
  const { t } = useLanguage()
  const { user } = useSession()
  const [form] = Form.useForm<Values>()
  const act = useAct((values: Values) => session.password(values.old, values.fresh), t("password.done"))
  return (
    <Page title={t("account.password")} note={t("password.note", { name: user.name })}>
      <Panel className="narrow-panel">
        <ProblemBox error={act.error} />
        <Form
          form={form}
          name="password"
          layout="vertical"
          requiredMark={false}
          onFinish={(values: Values) => void act.run(values).then((done) => done && form.resetFields())}
        >
          <input type="text" autoComplete="username" value={user.name} readOnly hidden />
          <Form.Item name="old" label={t("password.old")} rules={[{ required: true, message: t("sign_in.password.missing") }]}>
            <Input.Password autoComplete="current-password" />
          </Form.Item>
          <Form.Item
            name="fresh"
            label={t("password.new")}
            extra={t("users.password.help", { n: LEAST_PASSWORD })}
            rules={[{ required: true, min: LEAST_PASSWORD, message: t("users.password.short", { n: LEAST_PASSWORD }) }]}
          >
            <Input.Password autoComplete="new-password" maxLength={MOST_PASSWORD} />
          </Form.Item>
          <Form.Item
            name="again"
            label={t("password.again")}
            dependencies={["fresh"]}
            rules={[
              ({ getFieldValue }) => ({
                validator: (_rule, value) =>
                  value === getFieldValue("fresh") ? Promise.resolve() : Promise.reject(new Error(t("password.differs"))),
              }),
            ]}
          >
            <Input.Password autoComplete="new-password" maxLength={MOST_PASSWORD} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={act.doing}>
            {t("password.go")}
          </Button>
        </Form>
      </Panel>
    </Page>
  )
}
