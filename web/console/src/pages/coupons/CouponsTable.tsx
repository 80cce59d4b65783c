import { DownloadOutlined } from "@ant-design/icons"
import { Button, Input, Select, type TableColumnsType } from "antd"
import { useState } from "react"
import { Link } from "react-router-dom"
import { coupons, type CouponState, type CouponView } from "../../api/coupons"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { AskReason } from "../../parts/AskReason"
import { Id, Moment, State } from "../../parts/bits"
import { ListTable } from "../../parts/ListTable"
import { useList } from "../../parts/load"
import { Panel } from "../../parts/Page"
import { useAsked } from "../../parts/search"
import { useMay } from "../../session/Session"

const STATES: CouponState[] = ["issued", "locked", "used", "expired", "void"]

/** Coupons of all members, or of one (`member`): what each is worth, how it stands, and a way to take it back. */
export function CouponsTable({ member, template, state, own = false, turn = 0 }: {
  member?: string
  template?: string
  state?: string
  /** On the member's own page. */
  own?: boolean
  turn?: number
}) {
  const { t, name, code } = useLanguage()
  const { yuan } = useFormats()
  const may = useMay()
  const [voiding, setVoiding] = useState<CouponView | null>(null)
  const list = useList(
    (cursor, signal) => coupons.list({ member_id: member, template_id: template, state, cursor, limit: 50, signal }),
    [member, template, state, turn],
  )
  const of = (one: CouponView) => <Link to={`/coupons/templates/${encodeURIComponent(one.template_id)}`}>{name(one.title)}</Link>
  const who = (one: CouponView) => <Link to={`/members/${encodeURIComponent(one.member_id)}`}><Id>{one.member_id}</Id></Link>
  const words = (one: CouponView) => `${name(one.off)} · ${name(one.condition)}`
  const takes = (one: CouponView) => may("write.coupons") && (one.state === "issued" || one.state === "expired")
  const columns: TableColumnsType<CouponView> = [
    { title: t("coupons.coupon"), render: (_value, one) => <>{of(one)}<br /><small className="faint">{words(one)}</small></> },
    ...(own ? [] : [{ title: t("shadow.member"), width: 160, render: (_value: unknown, one: CouponView) => who(one) }]),
    { title: t("coupon.code"), width: 150, render: (_value, one) => <Id>{one.code}</Id> },
    { title: t("drafts.state"), width: 96, render: (_value, one) => <State group="coupon_state" code={one.state} /> },
    { title: t("coupon.valid_until"), width: 116, dataIndex: "valid_until", className: "num-left" },
    { title: t("coupon.source"), width: 110, render: (_value, one) => code("coupon_source", one.source) },
    {
      title: t("coupon.used_for"), width: 170,
      render: (_value, one) => one.order_id ? <><Id>{one.order_id}</Id> {one.discount_fen ? <span className="num">−{yuan(one.discount_fen)}</span> : null}</> : <span className="faint">–</span>,
    },
    { title: t("coupon.issued_at"), width: 150, render: (_value, one) => <Moment at={one.issued_at} /> },
    {
      title: t("users.acts"), width: 84,
      render: (_value, one) => takes(one) ? <Button className="link" type="link" danger onClick={() => setVoiding(one)}>{t("coupon.void")}</Button> : null,
    },
  ]
  return (
    <>
      <ListTable
        label={t("coupons.tab.all")}
        list={list}
        columns={columns}
        width={1080}
        rowKey={(one) => one.coupon_id}
        empty={t("coupons.none_issued")}
        card={(one) => (
          <div className="card">
            <span className="card-line">
              <b>{of(one)}</b>
              <State group="coupon_state" code={one.state} />
            </span>
            <span>{words(one)}</span>
            <span className="card-more">
              {!own && who(one)} <Id>{one.code}</Id> <span className="num">{t("ticket.until", { on: one.valid_until })}</span>
              {takes(one) && <Button className="link" type="link" danger onClick={() => setVoiding(one)}>{t("coupon.void")}</Button>}
            </span>
          </div>
        )}
      />
      <AskReason
        open={!!voiding}
        danger
        title={t("coupon.void")}
        text={t("coupon.void.text")}
        ok={t("coupon.void")}
        done={t("coupon.void.done")}
        work={({ reason }) => coupons.void(voiding?.coupon_id ?? "", reason)}
        close={(done) => {
          setVoiding(null)
          if (done) list.reload()
        }}
      />
    </>
  )
}

/** All coupons that were issued, with what one asks for. */
export function CouponsList() {
  const { t } = useLanguage()
  const { asked, choose } = useAsked(["member_id", "template_id", "state"])
  return (
    <>
      <div className="bar">
        <Input.Search allowClear className="bar-search" aria-label={t("events.member.find")} placeholder={t("events.member.find")} defaultValue={asked.member_id} onSearch={(value) => choose({ member_id: value.trim() })} />
        <Input.Search key={asked.template_id} allowClear className="bar-search" aria-label={t("coupon.template_id")} placeholder={t("coupon.template_id")} defaultValue={asked.template_id} onSearch={(value) => choose({ template_id: value.trim() })} />
        <Select
          className="bar-pick"
          aria-label={t("drafts.state")}
          value={asked.state}
          onChange={(state: string) => choose({ state })}
          options={[{ value: "", label: t("coupon_state.any") }, ...STATES.map((value) => ({ value, label: t(`coupon_state.${value}` as Key) }))]}
        />
        <span className="bar-rest" />
        <Button icon={<DownloadOutlined />} href={coupons.file(asked)} download>{t("form.export")}</Button>
      </div>
      <Panel flush>
        <CouponsTable member={asked.member_id} template={asked.template_id} state={asked.state} />
      </Panel>
    </>
  )
}
