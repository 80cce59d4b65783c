import { Link, useLocation } from "react-router-dom"

export type Tab = { to: string; text: string }

/**
 * Pages beside one another, as links: antd's tabs hide what does not fit behind a button, which a tab list may not have
 * in it. The one whose address goes furthest is where one is.
 */
export function LinkTabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  const { pathname } = useLocation()
  const within = tabs.filter(({ to }) => pathname === to || pathname.startsWith(`${to}/`))
  const here = within.sort((a, b) => b.to.length - a.to.length)[0]?.to
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map(({ to, text }) => (
        <Link key={to} to={to} aria-current={to === here ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  )
}
