import { createContext, type ReactNode, useContext, useEffect, useState } from "react"
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
}
const Context = createContext<Live>({ mode: "connecting", pulse: null, tick: 0 })

export const useLive = () => useContext(Context)

/** The server's stream of what changes; without it, a tick every ten seconds. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const listens = useMay()("see.events")
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

  return <Context.Provider value={{ mode, pulse, tick }}>{children}</Context.Provider>
}
