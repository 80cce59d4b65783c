import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react"
import { session as calls } from "../api/calls"
import { door } from "../api/client"
import { type ApiError, asApiError } from "../api/problem"
import type { Session } from "../api/types"
import { type Act, may } from "./permissions"

type State =
  | { at: "asking" }
  | { at: "out" }
  | { at: "down"; error: ApiError }
  | { at: "in"; session: Session; expired: boolean }
type Doing = {
  state: State
  signIn: (name: string, password: string) => Promise<void>
  signOut: () => Promise<void>
  /** Leave a session that is over, and what waits for it. */
  giveUp: () => void
  ask: () => void
}
type Waiting = { promise: Promise<void>; resolve: () => void; reject: (reason: unknown) => void }

const Context = createContext<Doing | null>(null)

export function useDoor(): Doing {
  const found = useContext(Context)
  if (!found) throw new Error("outside of SessionProvider")
  return found
}

export function useSession(): Session {
  const { state } = useDoor()
  if (state.at !== "in") throw new Error("nobody is signed in")
  return state.session
}

/** Whether the operator may do `act`. */
export function useMay(): (act: Act) => boolean {
  const { permissions } = useSession()
  return useCallback((act: Act) => may(permissions, act), [permissions])
}

function waiting(): Waiting {
  const found = {} as Waiting
  found.promise = new Promise<void>((resolve, reject) => Object.assign(found, { resolve, reject }))
  return found
}

/** Who is signed in. When the session is over, requests wait (`door.signInAgain`) until somebody is again. */
export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<State>({ at: "asking" })
  const waits = useRef<Waiting | null>(null)

  const enter = useCallback((session: Session) => {
    door.csrf = session.csrf_token
    setState({ at: "in", session, expired: false })
    waits.current?.resolve()
    waits.current = null
  }, [])
  const leave = useCallback(() => {
    door.csrf = ""
    setState({ at: "out" })
    waits.current?.reject(new Error("given up"))
    waits.current = null
  }, [])
  const ask = useCallback(() => {
    setState({ at: "asking" })
    calls.now().then(enter, (thrown: unknown) => {
      const error = asApiError(thrown)
      if (error.status === 401) leave()
      else setState({ at: "down", error })
    })
  }, [enter, leave])

  useEffect(() => {
    door.signInAgain = () => {
      waits.current ??= waiting()
      setState((now) => (now.at === "in" ? { ...now, expired: true } : now))
      return waits.current.promise
    }
    ask()
  }, [ask])

  const value = useMemo<Doing>(
    () => ({
      state,
      ask,
      giveUp: leave,
      signIn: async (name, password) => enter(await calls.begin(name, password)),
      signOut: async () => {
        await calls.end().catch((error: unknown) => {
          if (asApiError(error).status !== 401) throw error
        })
        leave()
      },
    }),
    [state, ask, enter, leave],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}
