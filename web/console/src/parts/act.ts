import { App } from "antd"
import { useCallback, useRef, useState } from "react"
import { type ApiError, asApiError } from "../api/problem"
import { useLanguage } from "../i18n"
import { tellOf } from "./Problem"

/**
 * Something that changes the world: pressed twice it happens once, and what goes wrong is told.
 * `run` gives whether it was done.
 */
export function useAct<A extends unknown[]>(work: (...args: A) => Promise<unknown>, done?: string) {
  const { message } = App.useApp()
  const speech = useLanguage()
  const busy = useRef(false)
  const [doing, setDoing] = useState(false)
  const [error, setError] = useState<ApiError | null>(null)
  const newest = useRef(work)
  newest.current = work
  const run = useCallback(
    async (...args: A): Promise<boolean> => {
      if (busy.current) return false
      busy.current = true
      setDoing(true)
      setError(null)
      try {
        await newest.current(...args)
        if (done) void message.success(done)
        return true
      } catch (thrown) {
        const found = asApiError(thrown)
        setError(found)
        void message.error(tellOf(found, speech).title)
        return false
      } finally {
        busy.current = false
        setDoing(false)
      }
    },
    [done, message, speech],
  )
  return { run, doing, error, forget: useCallback(() => setError(null), []) }
}
