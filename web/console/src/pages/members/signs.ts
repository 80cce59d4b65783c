import type { Movement } from "../../api/types"

/** What a movement did to what can be spent: + into it, − out of it, 0 where it went past it. */
export function effectOf(movement: Movement): number {
  if (movement.to_account === "available") return movement.points
  return movement.from_account === "available" ? -movement.points : 0
}
