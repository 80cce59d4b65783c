import type { TableColumnsType } from "antd"
import { Link, useNavigate } from "react-router-dom"
import { type Rollout, rollouts } from "../../api/release"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"

/** For whom a version holds, in words. */
export function useReach() {
  const { t } = useLanguage()
  return ({ stage, cities, percent }: Pick<Rollout, "stage" | "cities" | "percent">) => {
    const where = cities.join(" · ")
    if (stage === "cities") return percent && percent < 100 ? t("rollout.reach.part", { where, percent }) : where
    if (stage === "percent") return where ? t("rollout.reach.part", { where, percent: percent ?? 0 }) : t("rollout.reach.percent", { percent: percent ?? 0 })
    return t(`rollout.reach.${stage}`)
  }
}

/** Versions that were released in steps. */
export function RolloutsList() {
  const { t, name } = useLanguage()
  const { number } = useFormats()
  const go = useNavigate()
  const reach = useReach()
  const list = useList((cursor, signal) => rollouts.list({ cursor, signal }), [])
  const to = (one: Rollout) => `/rules/rollouts/${one.version}`
  const columns: TableColumnsType<Rollout> = [
    { title: t("versions.version"), width: 110, render: (_value, one) => <Link to={to(one)}>{t("versions.number", { version: one.version })}</Link> },
    { title: t("rollout.title"), render: (_value, one) => name(one.title) },
    { title: t("rollout.stage"), width: 120, render: (_value, one) => <State group="stage" code={one.stage} /> },
    { title: t("rollout.reach"), width: 200, render: (_value, one) => reach(one) },
    { title: t("rollout.orders"), width: 110, align: "right", className: "num", render: (_value, one) => number(one.candidate.orders) },
    { title: t("rollout.since"), width: 160, render: (_value, one) => <Moment at={one.steps.at(-1)?.at} /> },
  ]
  return (
    <Panel flush>
      <ListTable
        label={t("rules.tab.rollouts")}
        list={list}
        columns={columns}
        width={860}
        rowKey={(one) => one.version}
        onOpen={(one) => go(to(one))}
        empty={t("rollout.none")}
        card={(one) => (
          <Link className="card" to={to(one)}>
            <span className="card-line">
              <b>{t("versions.number", { version: one.version })}</b>
              <State group="stage" code={one.stage} />
            </span>
            <span>{reach(one)}</span>
            <span className="card-more"><Moment at={one.steps.at(-1)?.at} /></span>
          </Link>
        )}
      />
    </Panel>
  )
}
