import { Form } from "antd"
import { createContext, type ReactNode, useContext } from "react"
import type { Fault } from "../../api/types"
import { type Key, useLanguage } from "../../i18n"
import zh from "../../i18n/zh.json"
import type { Placed } from "../../rules/faults"

export const Faults = createContext<Placed>({ at: {}, general: [] })

/** A fault as a person reads it: by its code, and the checker's own words where they say more. */
export function FaultText({ fault }: { fault: Fault }) {
  const { code } = useLanguage()
  return (
    <span className="fault">
      {code("fault", fault.code)} <small lang="en">{fault.reason}</small>
    </span>
  )
}

/** A field of a document's form: its name, its help, and what is wrong with it. */
export function Item({ name, relative, children, wide, label, ...rest }: {
  name: string
  /** The name as antd wants it inside a list. */
  relative?: (string | number)[]
  children: ReactNode
  wide?: boolean
  /** The key of its texts, where that is not its name. */
  label?: string
  valuePropName?: string
}) {
  const { t } = useLanguage()
  const { at } = useContext(Faults)
  const faults = at[name] ?? []
  const helpKey = `field.${label ?? name}.help`
  return (
    <Form.Item
      {...rest}
      className={wide ? "item-wide" : undefined}
      name={relative ?? name.split(".")}
      label={t(`field.${label ?? name}` as Key)}
      validateStatus={faults.length ? "error" : undefined}
      help={
        faults.length ? faults.map((fault) => <FaultText key={fault.place + fault.code} fault={fault} />) : undefined
      }
      extra={helpKey in zh ? t(helpKey as Key) : undefined}
    >
      {children}
    </Form.Item>
  )
}
