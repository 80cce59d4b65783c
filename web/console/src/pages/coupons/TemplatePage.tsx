import { Alert, Button, Form, Progress, Tooltip } from "antd"
import { useState } from "react"
import { Link, useNavigate, useParams } from "react-router-dom"
import { type CouponTemplate, templates, type Terms } from "../../api/coupons"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useAct } from "../../parts/act"
import { Id, Moment, State } from "../../parts/bits"
import { useLoad } from "../../parts/load"
import { Figure, Page, Panel, Show } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"
import { Codes } from "./Codes"
import { TemplateFields } from "./TemplateFields"
import { FRESH, spoken, termsOf } from "./terms"
import { Ticket } from "./Ticket"

const WHOLE = 10_000
const partOf = (part: number, whole: number) => (whole ? Math.round((WHOLE * part) / whole) : 0)

function Figures({ template: one }: { template: CouponTemplate }) {
  const { t } = useLanguage()
  const { number, yuan, share } = useFormats()
  const given = one.issued - one.voided
  return (
    <div className="figures">
      <Figure name={t("coupon.issued")} value={number(one.issued)} note={one.pieces ? t("coupon.of_pieces", { n: number(one.pieces) }) : t("coupon.no_end")} />
      <Figure name={t("coupon.used")} value={number(one.used)} note={t("coupon.used_share", { share: share(partOf(one.used, given)) })} tone={one.used ? "good" : undefined} />
      <Figure name={t("coupon.used_fen")} value={yuan(one.used_fen)} note={one.voided ? t("coupon.voided", { n: number(one.voided) }) : undefined} />
      <Figure
        name={t("coupon.budget_used")}
        value={one.budget_used_fen === null ? "–" : yuan(one.budget_used_fen)}
        note={one.budget_fen ? t("coupon.of_budget", { yuan: yuan(one.budget_fen) }) : t("coupon.no_budget")}
        tone={one.budget_fen && (one.budget_used_fen ?? 0) >= one.budget_fen ? "warn" : undefined}
      />
    </div>
  )
}

function Acts({ template, reload }: { template: CouponTemplate; reload: () => void }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const sure = useSure()
  const act = useAct(async (what: "open" | "close" | "remove") => {
    if (what === "remove") {
      await templates.remove(template.template_id)
      go("/coupons")
    } else {
      await templates.act(template.template_id, what)
      reload()
    }
  })
  const ask = (what: "open" | "close" | "remove") =>
    sure({ title: t(`coupon.${what}.sure`), ok: t(`coupon.${what}`), danger: what !== "open", work: () => act.run(what) })
  return (
    <>
      {template.state === "draft" && <Button danger onClick={() => ask("remove")}>{t("coupon.remove")}</Button>}
      {template.state === "open" && <Button danger onClick={() => ask("close")}>{t("coupon.close")}</Button>}
      {template.state !== "open" && <Button type="primary" loading={act.doing} onClick={() => ask("open")}>{t("coupon.open")}</Button>}
      {act.error && <ProblemBox error={act.error} />}
    </>
  )
}

function Editor({ template, reload }: { template: CouponTemplate | null; reload: () => void }) {
  const { t } = useLanguage()
  const may = useMay()
  const go = useNavigate()
  const [form] = Form.useForm<Terms & { template_id?: string }>()
  const first = template ? termsOf(template) : FRESH
  const [seen, setSeen] = useState<Partial<Terms>>(first)
  const writes = may("write.coupons")
  const save = useAct(async (values: Terms & { template_id?: string }) => {
    const { template_id, ...terms } = values
    if (template) {
      await templates.edit(template.template_id, template.revision, spoken({ ...termsOf(template), ...terms }))
      reload()
    } else go(`/coupons/templates/${(await templates.add(spoken(terms), template_id?.trim() || undefined)).template_id}`, { replace: true })
  }, t("form.saved"))
  return (
    <Form
      form={form}
      name="coupon"
      layout="vertical"
      requiredMark={false}
      disabled={!writes}
      initialValues={first}
      onValuesChange={(_changed, values) => setSeen(values)}
      onFinish={(values) => void save.run(values)}
    >
      <div className="edit edit-last">
        <div>
          <TemplateFields promised={!!template && template.state !== "draft"} fresh={!template} />
        </div>
        <aside className="reads">
          <Panel title={t("coupon.preview")}>
            <Ticket terms={{ ...first, ...seen }} />
            <ProblemBox error={save.error} />
            <Tooltip title={writes ? undefined : t("may.not")}>
              <Button type="primary" block htmlType="submit" loading={save.doing}>{t(template ? "form.save" : "coupon.make")}</Button>
            </Tooltip>
          </Panel>
        </aside>
      </div>
    </Form>
  )
}

/** One template: what it promises, what came of it, and the codes by which it is claimed. */
export function TemplatePage() {
  const { t, name } = useLanguage()
  const may = useMay()
  const { yuan } = useFormats()
  const id = useParams().template ?? ""
  const found = useLoad((signal) => templates.get(id, signal), [id])
  const one = found.data
  return (
    <Page
      title={one ? name(one.title) : t("coupons.template")}
      note={one && <><State group="template_state" code={one.state} /> <Id>{one.template_id}</Id> · {one.created_by} · <Moment at={one.created_at} /></>}
      back={{ to: "/coupons", text: t("coupons.tab.templates") }}
      acts={one && may("write.coupons") ? <Acts template={one} reload={found.reload} /> : null}
    >
      <Show of={found} rows={10}>
        {(template) => (
          <>
            {template.state === "draft" && <Alert className="gap" type="info" showIcon title={t("coupon.is_draft")} />}
            <Figures template={template} />
            {template.budget_fen && template.budget_used_fen !== null ? (
              <Panel>
                <Progress
                  aria-label={t("coupon.budget_used")}
                  percent={Math.min(100, Math.floor(partOf(template.budget_used_fen, template.budget_fen) / 100))}
                />
                <small className="faint num">{yuan(template.budget_used_fen)} / {yuan(template.budget_fen)}</small>
              </Panel>
            ) : null}
            <p className="gap"><Link to={`/coupons/all?template_id=${encodeURIComponent(template.template_id)}`}>{t("coupon.see_all")}</Link></p>
            {template.claim.codes === "shared" && (
              <Panel title={t("codes.shared")} note={t("codes.shared.note")}><p className="code-large"><Id>{template.claim.code}</Id></p></Panel>
            )}
            {template.claim.codes === "single" && may("write.coupons") && <Codes template={template} />}
            <Editor key={template.revision} template={template} reload={found.reload} />
          </>
        )}
      </Show>
    </Page>
  )
}

/** A template to be. */
export function NewTemplatePage() {
  const { t } = useLanguage()
  return (
    <Page title={t("coupons.new")} back={{ to: "/coupons", text: t("coupons.tab.templates") }}>
      <Editor template={null} reload={() => null} />
    </Page>
  )
}
