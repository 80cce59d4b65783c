import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
import { insights } from "../api/calls"
import type { Pulse } from "../api/types"
import { useMay } from "../session/Session"

export type Mode = "connecting" | "live" | "polling"
export const POLL_MS = 10_000
const RETRY_MS = 30_000

type Live = {
  mode: Mode
  pulse: Pulse | null
  /** Grows while there is no stream: pages that show what changes load again with it. */
  tick: number
  /** The business date of the server: the browser's own clock is not asked. */
  businessOn: string | null
}
const Context = createContext<Live>({ mode: "connecting", pulse: null, tick: 0, businessOn: null })

export const useLive = () => useContext(Context)

/** The server's stream of what changes; without it, a tick every ten seconds. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const may = useMay()
  const listens = may("see.events")
  const reads = may("see.dashboard")
  const [told, setTold] = useState<string | null>(null)
  const [mode, setMode] = useState<Mode>("connecting")
  const [pulse, setPulse] = useState<Pulse | null>(null)
  const [tick, setTick] = useState(0)

  useEffect(() => {
    if (!listens || typeof EventSource === "undefined") {
      setMode("polling")
      return
    }
    let source: EventSource | null = null
    let again: ReturnType<typeof setTimeout> | undefined
    const open = () => {
      source = new EventSource("/v1/live")
      source.addEventListener("pulse", (message) => {
        setMode("live")
        setPulse(JSON.parse((message as MessageEvent<string>).data) as Pulse)
      })
      source.onerror = () => {
        setMode("polling")
        // A refused stream (an HTTP error) is not taken up again by the browser.
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, RETRY_MS)
      }
    }
    open()
    return () => {
      source?.close()
      clearTimeout(again)
    }
  }, [listens])

  useEffect(() => {
    if (mode !== "polling") return
    const timer = setInterval(() => {
      if (!document.hidden) setTick((now) => now + 1)
    }, POLL_MS)
    return () => clearInterval(timer)
  }, [mode])

  useEffect(() => {
    if (mode !== "polling" || !reads) return
    const stop = new AbortController()
    insights.dashboard({ signal: stop.signal }).then((found) => setTold(found.business_on), () => {})
    return () => stop.abort()
  }, [mode, reads])

  // What the stream said last is old news once it has broken off.
  const value = { mode, pulse: mode === "live" ? pulse : null, tick, businessOn: pulse?.business_on ?? told }
  return <Context.Provider value={value}>{children}</Context.Provider>
}
