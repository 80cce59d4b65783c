import { Form } from "antd"
import { createContext, type ReactNode, useContext } from "react"
import { Link } from "react-router-dom"
import type { Fault } from "../../api/types"
import { type Key, useLanguage } from "../../i18n"
import zh from "../../i18n/zh.json"
import { Panel } from "../../parts/Page"
import { type Placed, steps } from "../../rules/faults"

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

function placeLink(place: string): string {
  const [first, at] = steps(place)
  if (first === "rules" && typeof at === "number") return `/rules/edit/${at}`
  return first === "deduction" ? "/rules/deduction" : "/rules/settings"
}

/** What is wrong with a document, with the way to each place where `linked`. */
export function FaultList({ faults, linked }: { faults: readonly Fault[]; linked?: boolean }) {
  const { t } = useLanguage()
  if (!faults.length) return null
  return (
    <Panel title={t("publish.faults", { n: faults.length })}>
      <ul className="fault-list">
        {faults.map((fault) => {
          const place = <code>{fault.place || "/"}</code>
          return (
            <li key={fault.place + fault.code + fault.reason}>
              {linked ? <Link to={placeLink(fault.place)}>{place}</Link> : place} <FaultText fault={fault} />
            </li>
          )
        })}
      </ul>
    </Panel>
  )
}

/** A field of a document's form: its name, its help, and what is wrong with it. */
export function Item({ name, relative, children, wide, bare, label, ...rest }: {
  name: string
  /** The name as antd wants it inside a list. */
  relative?: (string | number)[]
  children: ReactNode
  wide?: boolean
  /** Its panel says what it is. */
  bare?: boolean
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
      label={bare ? undefined : t(`field.${label ?? name}` as Key)}
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
