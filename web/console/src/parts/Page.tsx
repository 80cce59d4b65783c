import { Skeleton } from "antd"
import type { ReactNode } from "react"
import { Link } from "react-router-dom"
import { ProblemBox } from "./Problem"
import type { Loaded } from "./load"

type Back = { to: string; text: string }

/** A page: a heading with its acts, then what it shows. */
export function Page(props: { title: ReactNode; note?: ReactNode; acts?: ReactNode; back?: Back; children: ReactNode }) {
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-words">
          {props.back && (
            <Link className="page-back" to={props.back.to}>
              ← {props.back.text}
            </Link>
          )}
          <h1>{props.title}</h1>
          {props.note && <p>{props.note}</p>}
        </div>
        {props.acts && <div className="page-acts">{props.acts}</div>}
      </header>
      {props.children}
    </div>
  )
}

/** What was loaded; before that its shadow, and when it fails the reason with a way to try again. */
export function Show<T>({ of, rows = 6, children }: { of: Loaded<T>; rows?: number; children: (data: T) => ReactNode }) {
  if (of.data === null) {
    if (of.error) return <ProblemBox error={of.error} retry={of.reload} />
    return <Skeleton className="panel-skeleton" active title={false} paragraph={{ rows }} />
  }
  return (
    <>
      {of.error && <ProblemBox error={of.error} retry={of.reload} />}
      {children(of.data)}
    </>
  )
}

/** A sheet of paper on the page. */
export function Panel(props: {
  title?: ReactNode
  note?: ReactNode
  extra?: ReactNode
  className?: string
  flush?: boolean
  children: ReactNode
}) {
  return (
    <section className={`panel ${props.flush ? "panel-flush" : ""} ${props.className ?? ""}`}>
      {(props.title || props.extra) && (
        <div className="panel-head">
          <div>
            {props.title && <h2>{props.title}</h2>}
            {props.note && <p>{props.note}</p>}
          </div>
          {props.extra && <div className="panel-extra">{props.extra}</div>}
        </div>
      )}
      {props.children}
    </section>
  )
}

/** A figure with its name. */
export function Figure(props: { name: ReactNode; value: ReactNode; note?: ReactNode; tone?: "good" | "warn" | "bad" }) {
  return (
    <div className={`figure ${props.tone ? `tone-${props.tone}` : ""}`}>
      <span className="figure-name">{props.name}</span>
      <span className="figure-value">{props.value}</span>
      {props.note && <span className="figure-note">{props.note}</span>}
    </div>
  )
}
