import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react"

export type Sheet = { key: string; label: string; children: ReactNode }

/** Sheets of which one is open. What does not fit is scrolled to: antd hides it behind a button, which a tab list may not have. */
export function Tablist({ label, first, sheets }: { label: string; first: string; sheets: Sheet[] }) {
  const [open, setOpen] = useState(first)
  const own = useId()
  const tabs = useRef<HTMLDivElement>(null)
  const at = Math.max(0, sheets.findIndex((one) => one.key === open))
  const move = (event: KeyboardEvent) => {
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: sheets.length - 1 }[event.key]
    const next = to === undefined ? undefined : sheets[(to + sheets.length) % sheets.length]
    if (!next) return
    event.preventDefault()
    setOpen(next.key)
    tabs.current?.querySelector<HTMLElement>(`[data-key="${next.key}"]`)?.focus()
  }
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={tabs} onKeyDown={move}>
        {sheets.map((one, n) => (
          <button
            key={one.key}
            data-key={one.key}
            id={`${own}${one.key}`}
            type="button"
            role="tab"
            aria-selected={n === at}
            aria-controls={`${own}panel`}
            tabIndex={n === at ? 0 : -1}
            onClick={() => setOpen(one.key)}
          >
            {one.label}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${own}panel`} aria-labelledby={`${own}${sheets[at]?.key}`} key={sheets[at]?.key}>
        {sheets[at]?.children}
      </div>
    </>
  )
}
