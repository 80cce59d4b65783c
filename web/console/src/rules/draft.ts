import { useCallback, useEffect, useState } from "react"
import { type Programme, tidyProgramme } from "./model"

/** `kept`: the draft on the server that this one goes on with, as it was when it was taken up or saved. */
export type Kept = { draft_id: string; revision: number }
export type Draft = { base: number; document: Programme; changed_at: string; note?: string; kept?: Kept }

const keyOf = (user: string) => `linli.console.draft.${user}`

export function readDraft(user: string): Draft | null {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(user)) ?? "null") as Draft | null
    return found && typeof found.base === "number" && typeof found.document === "object" ? found : null
  } catch {
    return null
  }
}

function writeDraft(user: string, draft: Draft | null): void {
  if (draft) localStorage.setItem(keyOf(user), JSON.stringify(draft))
  else localStorage.removeItem(keyOf(user))
}

/** The operator's draft of the programme, kept in this browser: neither a closed tab nor a lost session loses it. */
export function useDraft(user: string) {
  const [draft, setDraft] = useState<Draft | null>(() => readDraft(user))
  useEffect(() => {
    const follow = (event: StorageEvent) => {
      if (event.key === keyOf(user)) setDraft(readDraft(user))
    }
    addEventListener("storage", follow)
    return () => removeEventListener("storage", follow)
  }, [user])
  const keep = useCallback(
    (next: Draft | null) => {
      writeDraft(user, next)
      setDraft(next)
    },
    [user],
  )
  return {
    draft,
    begin: useCallback(
      (base: number, document: Programme, from?: { kept: Kept; note: string }) => {
        const begun: Draft = { base, document: tidyProgramme(document), changed_at: new Date().toISOString(), ...from }
        keep(begun)
        return begun
      },
      [keep],
    ),
    change: useCallback(
      (edit: (document: Programme) => Programme) =>
        setDraft((now) => {
          if (!now) return now
          const next = { ...now, document: edit(now.document), changed_at: new Date().toISOString() }
          writeDraft(user, next)
          return next
        }),
      [user],
    ),
    noteDown: useCallback(
      (note: string) =>
        setDraft((now) => {
          if (!now) return now
          const next = { ...now, note }
          writeDraft(user, next)
          return next
        }),
      [user],
    ),
    discard: useCallback(() => keep(null), [keep]),
  }
}
