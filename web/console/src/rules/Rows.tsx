import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { Button, Switch } from "antd"
import { cloneElement, type ReactElement, useId, useState } from "react"
import { type Key, useLanguage } from "../i18n"
import zh from "../i18n/zh.json"

type Thing = Record<string, unknown>
/** A field of a part: its path, its texts (`field.<label>`), and what it is typed in. */
export type Spec = { name: string; label: string; input: ReactElement<Record<string, unknown>> }

function at(thing: Thing, path: string): unknown {
  return path.split(".").reduce<unknown>((found, step) => (found as Thing | undefined)?.[step], thing)
}

function put(thing: Thing, path: string, value: unknown): Thing {
  const [first, ...rest] = path.split(".") as [string, ...string[]]
  const inner = rest.length ? put((thing[first] ?? {}) as Thing, rest.join("."), value) : value
  return { ...thing, [first]: inner }
}

/** What an input gives: its value, or the event of a plain one. */
function given(value: unknown): unknown {
  const target = (value as { target?: { value?: unknown } } | null)?.target
  return target ? target.value : value
}

function Fields({ specs, value, onChange }: { specs: Spec[]; value: Thing; onChange: (value: Thing) => void }) {
  const { t } = useLanguage()
  const own = useId()
  return (
    <div className="grid">
      {specs.map(({ name, label, input }) => {
        const id = `${own}${name}`
        const help = `field.${label}.help`
        return (
          <div className="part-field" key={name}>
            <label htmlFor={id}>{t(`field.${label}` as Key)}</label>
            {cloneElement(input, {
              id, value: at(value, name), onChange: (next: unknown) => onChange(put(value, name, given(next))),
            })}
            {help in zh && <small>{t(help as Key)}</small>}
          </div>
        )
      })}
    </div>
  )
}

type ListProps<T> = {
  value?: T[]
  onChange?: (value: T[]) => void
  id?: string
  specs: Spec[]
  fresh: T
  add: Key
  none: Key
  /** Their order says something. */
  ordered?: boolean
  editable: boolean
}

/** A list of things of some fields each. */
export function RowsInput<T extends object>({ value = [], onChange, specs, fresh, add, none, ordered, editable, id }: ListProps<T>) {
  const { t } = useLanguage()
  const move = (from: number, to: number) => {
    const next = [...value]
    next.splice(to, 0, ...next.splice(from, 1))
    onChange?.(next)
  }
  return (
    <div id={id}>
      {value.map((one, n) => (
        <div className="rate" key={n}>
          <Fields
            specs={specs}
            value={one as Thing}
            onChange={(next) => onChange?.(value.map((old, m) => (m === n ? (next as T) : old)))}
          />
          {editable && (
            <div className="part-acts">
              <Button type="text" danger icon={<DeleteOutlined />} onClick={() => onChange?.(value.filter((_old, m) => m !== n))}>
                {t("rules.remove")}
              </Button>
              {ordered && value.length > 1 && (
                <>
                  <Button type="text" icon={<ArrowUpOutlined />} aria-label={t("rules.up")} disabled={n === 0} onClick={() => move(n, n - 1)} />
                  <Button type="text" icon={<ArrowDownOutlined />} aria-label={t("rules.down")} disabled={n === value.length - 1} onClick={() => move(n, n + 1)} />
                </>
              )}
            </div>
          )}
        </div>
      ))}
      {!value.length && <p className="faint gap">{t(none)}</p>}
      {editable && (
        <Button icon={<PlusOutlined />} onClick={() => onChange?.([...value, fresh])}>
          {t(add)}
        </Button>
      )}
    </div>
  )
}

type MapProps = {
  value?: Record<string, number>
  onChange?: (value: Record<string, number>) => void
  id?: string
  keyInput: ReactElement<Record<string, unknown>>
  figureInput: ReactElement<Record<string, unknown>>
  keyLabel: string
  figureLabel: string
  fresh: number
  add: Key
  none: Key
  editable: boolean
}

/** Figures by name. What has no name yet is not in the document. */
export function MapInput({ value, onChange, keyInput, figureInput, keyLabel, figureLabel, fresh, ...rest }: MapProps) {
  const [rows, setRows] = useState(() => Object.entries(value ?? {}).map(([key, figure]) => ({ key, figure })))
  return (
    <RowsInput
      {...rest}
      specs={[{ name: "key", label: keyLabel, input: keyInput }, { name: "figure", label: figureLabel, input: figureInput }]}
      fresh={{ key: "", figure: fresh }}
      value={rows}
      onChange={(next) => {
        setRows(next)
        onChange?.(Object.fromEntries(next.filter((one) => one.key && one.figure != null).map((one) => [one.key.trim(), one.figure])))
      }}
    />
  )
}

/** A part that the programme may do without. */
export function OptionalInput<T extends object>({ value, onChange, specs, fresh, label, id, children }: {
  value?: T | null
  onChange?: (value: T | null) => void
  id?: string
  specs: Spec[]
  fresh: T
  label: Key
  children?: (value: T, onChange: (value: T) => void) => React.ReactNode
}) {
  const { t } = useLanguage()
  return (
    <div>
      <p className="part-switch">
        <Switch id={id} aria-label={t(label)} checked={!!value} onChange={(on) => onChange?.(on ? fresh : null)} />
        <span>{t(label)}</span>
      </p>
      {value && (
        <>
          <Fields specs={specs} value={value as Thing} onChange={(next) => onChange?.(next as T)} />
          {children?.(value, (next) => onChange?.(next))}
        </>
      )}
    </div>
  )
}
