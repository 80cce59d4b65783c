import { Form, Input } from "antd"
import type { ReactNode } from "react"
import { type Key, useLanguage } from "../i18n"
import zh from "../i18n/zh.json"

type Step = string | number

/** A field of a form: its words are `<group>.<name>`, its help `<group>.<name>.help`. */
export function Field({ group, name, children, required, wide, at, ...rest }: {
  group: string
  /** The path of the value, joined by dots; within a list (`at`), the path from there. */
  name: string
  children: ReactNode
  required?: boolean
  wide?: boolean
  at?: Step[]
  valuePropName?: string
  dependencies?: Step[][]
  initialValue?: unknown
}) {
  const { t } = useLanguage()
  const help = `${group}.${name}.help`
  return (
    <Form.Item
      {...rest}
      className={wide ? "item-wide" : undefined}
      name={[...(at ?? []), ...name.split(".")]}
      label={t(`${group}.${name}` as Key)}
      extra={help in zh ? t(help as Key) : undefined}
      rules={required ? [{ required: true, message: t("form.missing") }] : undefined}
    >
      {children}
    </Form.Item>
  )
}

/** The same in both languages. Both are wanted, or, where it may be left out, neither. */
export function Words({ group, name, max, rows, required, at }: {
  group: string
  name: string
  max: number
  rows?: number
  required?: boolean
  at?: Step[]
}) {
  return (
    <>
      {(["zh", "en"] as const).map((language) => (
        <Field key={language} group={group} name={`${name}.${language}`} required={required} at={at}>
          {rows ? <Input.TextArea rows={rows} maxLength={max} lang={language} /> : <Input maxLength={max} lang={language} />}
        </Field>
      ))}
    </>
  )
}

/** What a form holds, as an API takes it: what is empty is null, words that are said in neither language are none. */
export function tidied<T extends object>(values: T): T {
  const one = (value: unknown): unknown => {
    if (value === undefined || value === "") return null
    if (typeof value === "string") return value.trim() || null
    if (Array.isArray(value)) return value.length ? value : null
    if (typeof value === "object" && value !== null) {
      const inner = Object.fromEntries(Object.entries(value).map(([name, found]) => [name, one(found)]))
      return Object.values(inner).every((found) => found === null) ? null : inner
    }
    return value
  }
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, one(value)])) as T
}
