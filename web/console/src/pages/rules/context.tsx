import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react"
import { programme as calls } from "../../api/calls"
import { type ApiError, asApiError } from "../../api/problem"
import type { Change, Checked, Name, Version } from "../../api/types"
import { useSettled } from "../../parts/load"
import { diffProgrammes } from "../../rules/diff"
import { type Draft, type Kept, useDraft } from "../../rules/draft"
import type { Programme } from "../../rules/model"
import { useSession } from "../../session/Session"

const CHECK_AFTER_MS = 350

type Check = Checked & { /** The check is of an older state of the draft. */ stale: boolean; error: ApiError | null }
export type Desk = {
  live: Version | null
  draft: Draft | null
  /** What is shown: the draft, or else what is live. */
  document: Programme
  changes: Change[]
  check: Check
  sentence: (rule: string) => Name | undefined
  /** Begin a draft from what is live, or from another document; one that there was is replaced. */
  begin: (from?: Programme, kept?: { kept: Kept; note: string }) => void
  change: (edit: (document: Programme) => Programme) => void
  noteDown: (note: string) => void
  discard: () => void
  reloadLive: () => void
}

const Context = createContext<Desk | null>(null)

export function useDesk(): Desk {
  const found = useContext(Context)
  if (!found) throw new Error("outside of RulesDesk")
  return found
}

export const EMPTY: Programme = { name: "programme", title: { zh: "积分方案", en: "Points programme" }, rules: [] }

function useCheck(draft: Draft | null): Check {
  const settled = useSettled(draft?.document, CHECK_AFTER_MS)
  const [found, setFound] = useState<{ of: unknown; checked: Checked; error: ApiError | null }>({
    of: null, checked: { faults: [], sentences: [], deduction: [] }, error: null,
  })
  useEffect(() => {
    if (!settled) return
    const stop = new AbortController()
    calls.check(settled, stop.signal).then(
      (checked) => !stop.signal.aborted && setFound({ of: settled, checked, error: null }),
      (error: unknown) =>
        !stop.signal.aborted && setFound((now) => ({ ...now, of: settled, error: asApiError(error) })),
    )
    return () => stop.abort()
  }, [settled])
  return { ...found.checked, error: found.error, stale: !!draft && found.of !== draft.document }
}

/** What all pages of the rules share: what is live, the operator's draft, and what the API says of it. */
export function RulesDesk({ live, reloadLive, children }: {
  live: Version | null
  reloadLive: () => void
  children: ReactNode
}) {
  const { user } = useSession()
  const { draft, begin, change, noteDown, discard } = useDraft(user.user_id)
  const check = useCheck(draft)
  const desk = useMemo<Desk>(() => {
    const published = (live?.document as Programme | undefined) ?? EMPTY
    const document = draft?.document ?? published
    const sentences = new Map((draft ? check.sentences : (live?.sentences ?? [])).map((one) => [one.rule, one]))
    return {
      live, draft, document, check, change, noteDown, discard, reloadLive,
      changes: draft ? diffProgrammes(published, draft.document) : [],
      sentence: (rule) => sentences.get(rule),
      begin: (from = published, kept) => void begin(live?.version ?? 0, from, kept),
    }
  }, [live, draft, check, change, noteDown, discard, begin, reloadLive])
  return <Context.Provider value={desk}>{children}</Context.Provider>
}
