import catalogue from "./catalogue.json"

type Field = { name: string; shape: string; required: boolean }
const EVENTS = catalogue.events as Record<string, { fields: Field[] }>

export const EVENT_TYPES = Object.keys(EVENTS)

const TEXTS: Record<string, string> = {
  member_id: "member-1", city: "hangzhou", order_id: "order-1", group_id: "group-1", refund_id: "refund-1",
  review_id: "review-1", vote_id: "vote-1", share_id: "share-1", friend_id: "member-2", inviter_id: "member-2",
}
const NUMBERS: Record<string, number> = { paid_fen: 8_800, refund_fen: 2_000, size: 5, birth_month: 8 }
const EXTRA: Record<string, string[]> = { "member.registered": ["inviter_id"], "review.created": ["with_picture"] }

/** Noon of a business date, with the zone's offset. */
export function noonOf(on: string, zone: string): string {
  const utc = new Date(`${on}T12:00:00Z`)
  const name = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" })
    .formatToParts(utc)
    .find((part) => part.type === "timeZoneName")?.value
  return `${on}T12:00:00${name && name !== "GMT" ? name.slice(3) : "+00:00"}`
}

/** What is made up for lies in the past. */
function dayBefore(on: string): string {
  return new Date(Date.parse(`${on}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10)
}

/** An event of a type with all that it needs, for a person to change. */
export function sampleEvent(type: string, on: string, zone: string): Record<string, unknown> {
  const data: Record<string, unknown> = {}
  for (const { name, shape, required } of EVENTS[type]?.fields ?? []) {
    if (!required && name !== "city" && !EXTRA[type]?.includes(name)) continue
    if (name === "on") data[name] = dayBefore(on)
    else data[name] = shape === "number" ? (NUMBERS[name] ?? 1) : shape === "flag" ? true : (TEXTS[name] ?? `${name}-1`)
  }
  if (type === "order.paid" || type === "order.completed") {
    data.lines = [
      { sku: "sku-1", paid_fen: 5_800, category: "fresh" },
      { sku: "sku-2", paid_fen: 3_000, category: "daily_goods", tags: ["promotion"] },
    ]
  }
  return { specversion: "1.0", id: "try-1", source: "console:try", type, time: noonOf(on, zone), data }
}
