import { type DependencyList, useCallback, useEffect, useRef, useState } from "react"
import { type ApiError, asApiError } from "../api/problem"

export type Loaded<T> = { data: T | null; error: ApiError | null; loading: boolean; reload: () => void }

/** What `load` gives, again whenever `deps` change. Old data stays while new data is on its way. */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, deps: DependencyList): Loaded<T> {
  const [state, setState] = useState<{ data: T | null; error: ApiError | null; loading: boolean }>({
    data: null, error: null, loading: true,
  })
  const [turn, setTurn] = useState(0)
  const newest = useRef(load)
  newest.current = load
  useEffect(() => {
    const stop = new AbortController()
    setState((now) => ({ ...now, loading: true }))
    newest.current(stop.signal).then(
      (data) => !stop.signal.aborted && setState({ data, error: null, loading: false }),
      (error: unknown) =>
        !stop.signal.aborted && setState((now) => ({ ...now, error: asApiError(error), loading: false })),
    )
    return () => stop.abort()
    // biome-ignore lint: the caller names what matters
  }, [...deps, turn])
  return { ...state, reload: useCallback(() => setTurn((now) => now + 1), []) }
}

export type Page<T> = { items: T[]; next_cursor: string | null }
export type List<T> = {
  items: T[]
  /** No page has come yet. */
  first: boolean
  loading: boolean
  error: ApiError | null
  more: boolean
  loadMore: () => void
  reload: () => void
}

const MOST_EMPTY = 10

/** A list that grows page by page. `load` gets the cursor of the next page; an empty page that is not the last is passed over. */
export function useList<T>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>,
  deps: DependencyList,
): List<T> {
  type State = { items: T[]; cursor: string | null; first: boolean; loading: boolean; error: ApiError | null }
  const [state, setState] = useState<State>({ items: [], cursor: null, first: true, loading: true, error: null })
  const [turn, setTurn] = useState(0)
  const stop = useRef<AbortController | null>(null)
  const newest = useRef(load)
  newest.current = load

  const fetchPage = useCallback((cursor: string | null) => {
    stop.current?.abort()
    const mine = new AbortController()
    stop.current = mine
    setState((now) => ({ ...now, loading: true, error: null }))
    const fetched = async () => {
      let page = await newest.current(cursor ?? undefined, mine.signal)
      for (let n = 0; n < MOST_EMPTY && !page.items.length && page.next_cursor !== null; n++) {
        page = await newest.current(page.next_cursor, mine.signal)
      }
      return page
    }
    fetched().then(
      (page) =>
        !mine.signal.aborted &&
        setState((now) => ({
          items: cursor === null ? page.items : [...now.items, ...page.items],
          cursor: page.next_cursor, first: false, loading: false, error: null,
        })),
      (error: unknown) =>
        !mine.signal.aborted && setState((now) => ({ ...now, loading: false, error: asApiError(error) })),
    )
  }, [])
  useEffect(() => {
    fetchPage(null)
    return () => stop.current?.abort()
    // biome-ignore lint: the caller names what matters
  }, [...deps, turn, fetchPage])
  return {
    items: state.items, first: state.first, loading: state.loading, error: state.error, more: state.cursor !== null,
    loadMore: () => {
      if (!state.loading && state.cursor !== null) fetchPage(state.cursor)
    },
    reload: useCallback(() => setTurn((now) => now + 1), []),
  }
}

/** `value` once it has not changed for `ms`. */
export function useSettled<T>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms)
    return () => clearTimeout(timer)
  }, [value, ms])
  return settled
}

/** What changes with `key`, but at most once in `ms`: a busy stream does not reload a page a hundred times. */
export function useCalm(key: number, ms: number): number {
  const [calm, setCalm] = useState(key)
  const last = useRef(0)
  useEffect(() => {
    const wait = Math.max(0, last.current + ms - Date.now())
    const timer = setTimeout(() => {
      last.current = Date.now()
      setCalm(key)
    }, wait)
    return () => clearTimeout(timer)
  }, [key, ms])
  return calm
}
