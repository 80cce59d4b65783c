import { useSearchParams } from "react-router-dom"

/** What a list is narrowed to stands in the address: `asked` by name, empty where nothing is asked. */
export function useAsked<N extends string>(names: readonly N[]) {
  const [search, setSearch] = useSearchParams()
  const asked = Object.fromEntries(names.map((name) => [name, search.get(name) ?? ""])) as Record<N, string>
  const choose = (change: Partial<Record<N, string>>) =>
    setSearch(
      (now) => {
        const next = new URLSearchParams(now)
        for (const [name, value] of Object.entries<string | undefined>(change)) {
          if (value) next.set(name, value)
          else next.delete(name)
        }
        return next
      },
      { replace: true },
    )
  return { asked, choose, key: Object.values(asked).join("\n") }
}
