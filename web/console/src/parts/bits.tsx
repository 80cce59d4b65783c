import { Tag, Tooltip } from "antd"
import type { ReactNode } from "react"
import { useLanguage } from "../i18n"
import { useFormats } from "../i18n/format"

export type Tone = "plain" | "good" | "warn" | "bad" | "accent"

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ReactNode }) {
  return (
    <Tag variant="filled" className={`badge badge-${tone}`}>
      {children}
    </Tag>
  )
}

const OUTCOMES: Record<string, Tone> = {
  accepted: "good", parked: "warn", conflict: "bad", invalid: "bad", duplicate: "plain", waiting: "warn",
  replayed: "good", discarded: "plain", running: "accent", stopped: "warn", finished: "good", held: "warn",
  captured: "good", released: "plain", pending: "warn", settled: "good", draft: "plain", checked: "warn", approved: "good",
  rejected: "bad", shadow: "plain", cities: "accent", percent: "accent", all: "good", retired: "plain", rolled_back: "bad",
  queued: "warn", failed: "bad", preview: "plain", cancelled: "plain", ready: "plain", faulty: "bad", done: "good",
  open: "good", closed: "plain", issued: "accent", locked: "warn", used: "good", expired: "plain", void: "bad",
  listed: "good", delisted: "plain", paid: "accent", collected: "good", refunded: "bad", applied: "good", new: "good",
  published: "good", ended: "warn", revealed: "accent", lapsed: "plain",
  ok: "good", warning: "warn", paused: "bad",
}

/** The state of something, by its code. */
export function State({ group, code, tone }: { group: string; code: string; tone?: Tone }) {
  const speech = useLanguage()
  return <Badge tone={tone ?? OUTCOMES[code] ?? "plain"}>{speech.code(group, code)}</Badge>
}

/** Points with their sign and colour. */
export function Points({ value, signed = false }: { value: number; signed?: boolean }) {
  const { number, signed: withSign } = useFormats()
  const tone = signed && value > 0 ? "in" : signed && value < 0 ? "out" : ""
  return <span className={`num ${tone && `num-${tone}`}`}>{signed ? withSign(value) : number(value)}</span>
}

/** An instant in business time; the exact one on touch. */
export function Moment({ at }: { at: string | null | undefined }) {
  const { moment, momentExact } = useFormats()
  if (!at) return <span className="faint">–</span>
  return (
    <Tooltip title={momentExact(at)}>
      <time dateTime={at} className="num">
        {moment(at)}
      </time>
    </Tooltip>
  )
}

/** An id: as it stands, in a fixed-width face, broken where it must. */
export function Id({ children }: { children: ReactNode }) {
  return (
    <code className="id" translate="no">
      {children}
    </code>
  )
}

export function EventType({ type }: { type: string }) {
  const speech = useLanguage()
  return <span title={type}>{speech.code("event", type)}</span>
}

/** Names and values, two and two. */
export function Facts({ items, columns = 2 }: { items: [ReactNode, ReactNode][]; columns?: 1 | 2 | 3 }) {
  return (
    <dl className={`facts facts-${columns}`}>
      {items.map(([name, value], at) => (
        <div key={at}>
          <dt>{name}</dt>
          <dd>{value ?? <span className="faint">–</span>}</dd>
        </div>
      ))}
    </dl>
  )
}

const FACES = ["persimmon", "leaf", "sky", "plum", "amber"]

/** The member's own picture is of the member app; here the first sign of the name on a colour of their own. */
export function Face({ name, id }: { name: string | null; id: string }) {
  let sum = 0
  for (const sign of id) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 9973
  return (
    <span className={`face face-${FACES[sum % FACES.length]}`} aria-hidden>
      {[...(name || id)].at(0)}
    </span>
  )
}
