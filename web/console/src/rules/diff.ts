import type { Change } from "../api/types"
import { type Programme, type Rule, same, tidyProgramme } from "./model"

function fieldChanges(before: object, after: object, place: string, rule: string | null): Change[] {
  const old = before as Record<string, unknown>
  const now = after as Record<string, unknown>
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((name) => !same(old[name], now[name]))
    .map((name) => ({
      rule,
      place: `${place}/${name}`,
      kind: name in old ? (name in now ? "changed" : "removed") : "added",
      before: old[name] ?? null,
      after: now[name] ?? null,
    }))
}

function ruleChanges(before: Rule[], after: Rule[]): Change[] {
  const old = new Map(before.map((rule) => [rule.id, rule]))
  const kept = new Set(after.map((rule) => rule.id))
  const found: Change[] = []
  for (const rule of after) {
    const was = old.get(rule.id)
    if (!was) found.push({ rule: rule.id, place: "", kind: "added", before: null, after: rule })
    else found.push(...fieldChanges(was, rule, "", rule.id))
  }
  for (const rule of before) {
    if (!kept.has(rule.id)) found.push({ rule: rule.id, place: "", kind: "removed", before: rule, after: null })
  }
  const order = (rules: Rule[]) => rules.map((rule) => rule.id).filter((id) => old.has(id) && kept.has(id))
  if (!same(order(before), order(after))) {
    found.push({ rule: null, place: "/rules", kind: "changed", before: order(before), after: order(after) })
  }
  return found
}

/**
 * What differs between two documents, rule by rule and field by field, as the API tells it of versions: a place is within
 * its rule. What only spells out a default does not differ.
 */
export function diffProgrammes(before: Programme, after: Programme): Change[] {
  const { rules: oldRules = [], deduction: oldMoney = {}, ...oldShell } = tidyProgramme(before)
  const { rules: newRules = [], deduction: newMoney = {}, ...newShell } = tidyProgramme(after)
  return [
    ...fieldChanges(oldShell, newShell, "", null),
    ...fieldChanges(oldMoney, newMoney, "/deduction", null),
    ...ruleChanges(oldRules, newRules),
  ]
}
