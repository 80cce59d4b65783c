import { PlusOutlined } from "@ant-design/icons"
import { Button, Segmented, Select, type TableColumnsType, Tooltip } from "antd"
import { Link, useNavigate } from "react-router-dom"
import { type CouponTemplate, templates, type TemplateState } from "../../api/coupons"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"
import { useValidity } from "./Ticket"

const STATES: ("" | TemplateState)[] = ["", "open", "draft", "closed"]
const PURPOSES = ["general", "birthday", "wake_up", "prize"] as const
const pathOf = (one: CouponTemplate) => `/coupons/templates/${encodeURIComponent(one.template_id)}`

/** The templates, newest first, with what came of each. */
export function TemplatesList() {
  const { t, name, code } = useLanguage()
  const { number, yuan } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const validity = useValidity()
  const { asked, choose, key } = useAsked(["state", "purpose"])
  const list = useList((cursor, signal) => templates.list({ ...asked, cursor, signal }), [key])
  const issued = (one: CouponTemplate) => (one.pieces ? `${number(one.issued)} / ${number(one.pieces)}` : number(one.issued))
  const words = (one: CouponTemplate) => `${name(one.off)} · ${name(one.condition)}`
  const columns: TableColumnsType<CouponTemplate> = [
    {
      title: t("coupons.template"),
      render: (_value, one) => <><Link to={pathOf(one)}>{name(one.title)}</Link><br /><small className="faint">{words(one)}</small></>,
    },
    { title: t("drafts.state"), width: 96, render: (_value, one) => <State group="template_state" code={one.state} /> },
    { title: t("coupon.purpose"), width: 96, render: (_value, one) => t(`coupon.purpose.${one.purpose}` as Key) },
    { title: t("coupon.validity"), width: 190, render: (_value, one) => validity(one) },
    { title: t("coupon.issued"), width: 130, align: "right", className: "num", render: (_value, one) => issued(one) },
    { title: t("coupon.used"), width: 90, align: "right", className: "num", render: (_value, one) => number(one.used) },
    { title: t("coupon.used_fen"), width: 110, align: "right", className: "num", render: (_value, one) => yuan(one.used_fen) },
  ]
  const writes = may("write.coupons")
  return (
    <>
      <div className="bar">
        <Segmented
          value={asked.state as "" | TemplateState}
          onChange={(state) => choose({ state })}
          options={STATES.map((value) => ({ value, label: value ? code("template_state", value) : t("standing.all") }))}
        />
        <Select
          className="bar-pick"
          aria-label={t("coupon.purpose")}
          value={asked.purpose}
          onChange={(purpose: string) => choose({ purpose })}
          options={[{ value: "", label: t("coupon.purpose.any") }, ...PURPOSES.map((value) => ({ value, label: t(`coupon.purpose.${value}`) }))]}
        />
        <span className="bar-rest" />
        <Tooltip title={writes ? undefined : t("may.not")}>
          <Button type="primary" icon={<PlusOutlined />} disabled={!writes} onClick={() => go("/coupons/templates/new")}>{t("coupons.new")}</Button>
        </Tooltip>
      </div>
      <Panel flush>
        <ListTable
          label={t("coupons.tab.templates")}
          list={list}
          columns={columns}
          width={960}
          rowKey={(one) => one.template_id}
          onOpen={(one) => go(pathOf(one))}
          empty={t("coupons.none")}
          card={(one) => (
            <Link className="card" to={pathOf(one)}>
              <span className="card-line">
                <b>{name(one.title)}</b>
                <State group="template_state" code={one.state} />
              </span>
              <span>{words(one)}</span>
              <span className="card-more num">{t("coupon.line", { issued: issued(one), used: number(one.used) })}</span>
            </Link>
          )}
        />
      </Panel>
    </>
  )
}
