import type { Fault } from "../api/types"

export type Place = (string | number)[]

/** The steps of a JSON pointer (RFC 6901); numbers are places in a list. */
export function steps(place: string): Place {
  if (!place) return []
  return place
    .split("/")
    .slice(1)
    .map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"))
    .map((step) => (/^(0|[1-9]\d*)$/.test(step) ? Number(step) : step))
}

export type Placed = {
  /** Field (its path joined by dots) → the faults that are shown at it. */
  at: Record<string, Fault[]>
  /** Faults of this part that no field shows. */
  general: Fault[]
}

/**
 * Faults under `root` at the form's fields: at the field itself, else at the nearest field around it, else in general.
 * A fault in an element of a list (`cities/2`) stands at the list.
 */
export function placeFaults(faults: readonly Fault[], root: string, fields: readonly string[]): Placed {
  const known = new Set(fields)
  const placed: Placed = { at: {}, general: [] }
  for (const fault of faults) {
    if (fault.place !== root && !fault.place.startsWith(`${root}/`)) continue
    const path = steps(fault.place.slice(root.length))
    let field: string | undefined
    for (let n = path.length; n > 0 && field === undefined; n--) {
      const name = path.slice(0, n).join(".")
      if (known.has(name)) field = name
    }
    // A required part that is missing altogether is shown at its first field.
    if (field === undefined && path.length) {
      const name = path.join(".")
      field = fields.find((one) => one.startsWith(`${name}.`))
    }
    if (field === undefined) placed.general.push(fault)
    else (placed.at[field] ??= []).push(fault)
  }
  return placed
}

/** Number of faults by rule (its place in the list), and of the rest of the document. */
export function countFaults(faults: readonly Fault[]): { rules: Record<number, number>; shell: number } {
  const rules: Record<number, number> = {}
  let shell = 0
  for (const fault of faults) {
    const [first, at] = steps(fault.place)
    if (first === "rules" && typeof at === "number") rules[at] = (rules[at] ?? 0) + 1
    else shell++
  }
  return { rules, shell }
}
