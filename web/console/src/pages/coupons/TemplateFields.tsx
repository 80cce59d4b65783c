import { Form, Input, Segmented, Select } from "antd"
import type { Terms } from "../../api/coupons"
import { type Key, useLanguage } from "../../i18n"
import { Field, Words } from "../../parts/fields"
import { Panel } from "../../parts/Page"
import { CodesInput, CountInput, DateInput, MoneyInput } from "../../rules/Inputs"

const MOST = 100_000_000
const PURPOSES = ["general", "birthday", "wake_up", "prize"] as const
const CLAIMS = ["none", "shared", "single"] as const

/** The fields of a template. Once it was open (`promised`), what a coupon promises stays as it is. */
export function TemplateFields({ promised, fresh }: { promised: boolean; fresh: boolean }) {
  const { t } = useLanguage()
  const form = Form.useFormInstance<Terms>()
  const kind = Form.useWatch("kind", form) ?? "amount"
  const claim = Form.useWatch(["claim", "codes"], form) ?? "none"
  const field = (name: string, more: { required?: boolean; wide?: boolean } = {}) => ({ group: "coupon", name, ...more })
  const fixed = { disabled: promised }
  return (
    <>
      <Panel title={t("coupon.part.what")}>
        <div className="grid">
          <Words group="coupon" name="title" max={100} required />
          {fresh && <Field {...field("template_id")}><Input className="mono" maxLength={64} /></Field>}
          <Field {...field("kind", { wide: !fresh })}>
            <Segmented {...fixed} options={(["amount", "percent"] as const).map((value) => ({ value, label: t(`coupon.kind.${value}`) }))} />
          </Field>
          {kind === "amount" ? (
            <Field {...field("off_fen", { required: true })}><MoneyInput {...fixed} /></Field>
          ) : (
            <>
              <Field {...field("percent_off", { required: true })}><CountInput {...fixed} unit="%" min={1} max={100} /></Field>
              <Field {...field("most_off_fen")}><MoneyInput {...fixed} /></Field>
            </>
          )}
          <Field {...field("threshold_fen")}><MoneyInput {...fixed} /></Field>
        </div>
      </Panel>
      <Panel title={t("coupon.part.where")}>
        <div className="grid">
          <Field {...field("categories")}><CodesInput {...fixed} /></Field>
          <Field {...field("cities")}><CodesInput {...fixed} /></Field>
          <Field {...field("skus_excluded", { wide: true })}><CodesInput {...fixed} /></Field>
          <Field {...field("valid_days")}><CountInput {...fixed} unit={t("unit.days")} min={1} max={3_660} /></Field>
          <span />
          <Field {...field("valid_from")}><DateInput {...fixed} /></Field>
          <Field {...field("valid_until")}><DateInput {...fixed} /></Field>
        </div>
      </Panel>
      <Panel title={t("coupon.part.limits")} note={promised ? t("coupon.part.limits.still") : undefined}>
        <div className="grid">
          <Field {...field("pieces")}><CountInput unit={t("unit.coupons")} min={1} max={MOST} /></Field>
          <Field {...field("budget_fen")}><MoneyInput /></Field>
          <Field {...field("per_member")}><CountInput unit={t("unit.coupons")} min={1} max={10_000} /></Field>
          <Field {...field("funder")}><Input {...fixed} maxLength={64} /></Field>
        </div>
      </Panel>
      <Panel title={t("coupon.part.how")}>
        <div className="grid">
          <Field {...field("purpose")}>
            <Select {...fixed} options={PURPOSES.map((value) => ({ value, label: t(`coupon.purpose.${value}` as Key) }))} />
          </Field>
          <Field {...field("claim.codes")}>
            <Select {...fixed} options={CLAIMS.map((value) => ({ value, label: t(`coupon.claim.${value}` as Key) }))} />
          </Field>
          {claim === "shared" && (
            <Field {...field("claim.code")}><Input {...fixed} className="mono" maxLength={32} /></Field>
          )}
        </div>
      </Panel>
    </>
  )
}
