import { useEffect, useState } from "react"

const QUERY = "(max-width: 767px)"

function matches(): boolean {
  return typeof matchMedia === "function" && matchMedia(QUERY).matches
}

/** Whether the screen is a phone's. */
export function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(matches)
  useEffect(() => {
    if (typeof matchMedia !== "function") return
    const query = matchMedia(QUERY)
    const follow = () => setNarrow(query.matches)
    query.addEventListener("change", follow)
    return () => query.removeEventListener("change", follow)
  }, [])
  return narrow
}
