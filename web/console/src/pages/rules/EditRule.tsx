import { Alert, Button, Form, Input, Select, Switch } from "antd"
import { type ReactNode, useMemo } from "react"
import { Navigate, useNavigate, useParams } from "react-router-dom"
import { type Key, useLanguage } from "../../i18n"
import { Badge } from "../../parts/bits"
import { Page, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { placeFaults } from "../../rules/faults"
import { CountInput } from "../../rules/Inputs"
import { fieldsOf, type Rule, tidyRule, toForm } from "../../rules/model"
import { useDesk } from "./context"
import { Faults, FaultText, Item } from "./fields"
import { Arrival, Reward, Scope } from "./RuleFields"

function Reads({ rule, faulty, children }: { rule: Rule; faulty: boolean; children: ReactNode }) {
  const { t } = useLanguage()
  const go = useNavigate()
  const { check, sentence } = useDesk()
  const said = sentence(rule.id)
  const tone = check.stale ? "plain" : faulty ? "bad" : "good"
  return (
    <aside className="reads">
      <Panel
        title={t("rule.reads")}
        extra={<Badge tone={tone}>{t(check.stale ? "draft.checking" : faulty ? "rule.faulty" : "draft.sound")}</Badge>}
      >
        <ProblemBox error={check.error} />
        {said ? (
          <>
            <blockquote lang="zh-CN">{said.zh}</blockquote>
            <blockquote lang="en">{said.en}</blockquote>
          </>
        ) : (
          <p className="faint">{t("rules.no_sentence")}</p>
        )}
        {children}
        <Button block onClick={() => go("/rules/try")}>{t("draft.try")}</Button>
      </Panel>
    </aside>
  )
}

/** The form of one rule of the draft. Whatever is typed is in the draft at once, so there is nothing to save. */
export function EditRule() {
  const { t, name } = useLanguage()
  const at = Number(useParams().at)
  const desk = useDesk()
  const rules = desk.document.rules ?? []
  const rule = rules[at]
  const kind = rule?.kind
  const placed = useMemo(
    () => placeFaults(desk.check.faults, `/rules/${at}`, kind ? fieldsOf(kind) : []),
    [desk.check.faults, at, kind],
  )
  if (!desk.draft || !rule) return <Navigate to="/rules" replace />
  const keep = (values: Rule) =>
    desk.change((document) => ({
      ...document,
      rules: (document.rules ?? []).map((one, n) => (n === at ? tidyRule({ ...one, ...values }) : one)),
    }))
  const wallets = desk.document.wallets ?? ["points", "team"]
  const inFields = Object.keys(placed.at).length
  return (
    <Page
      title={(rule.name && name(rule.name)) || rule.id}
      note={`${t(`kind.${rule.kind}` as Key)} · ${t(`kind.${rule.kind}.help` as Key)}`}
      back={{ to: "/rules", text: t("rules.back") }}
      acts={<span className="kept">{t("draft.auto")}</span>}
    >
      <Faults.Provider value={placed}>
        <div className="edit">
          <Form
            key={at}
            name="rule"
            layout="vertical"
            requiredMark={false}
            initialValues={toForm(rule)}
            onValuesChange={(_changed, values: Rule) => keep(values)}
          >
            <Panel title={t("rule.part.name")}>
              <div className="grid">
                <Item name="name.zh"><Input maxLength={100} /></Item>
                <Item name="name.en"><Input maxLength={100} lang="en" /></Item>
                <Item name="id"><Input className="mono" maxLength={64} /></Item>
                <Item name="paused" valuePropName="checked"><Switch /></Item>
              </div>
            </Panel>
            <Panel title={t("rule.part.reward")} note={t(`kind.${rule.kind}.how` as Key)}>
              <div className="grid">
                <Reward rule={rule} programme={desk.document} keep={keep} />
              </div>
            </Panel>
            <Panel title={t("rule.part.scope")}>
              <div className="grid">
                <Scope rule={rule} rules={rules} />
              </div>
            </Panel>
            <Panel title={t("rule.part.credit")}>
              <div className="grid">
                <Arrival rule={rule} />
                <Item name="settle_after_days" label="rule.settle_after_days"><CountInput unit={t("unit.days")} max={366} /></Item>
                <Item name="validity_months" label="rule.validity_months"><CountInput unit={t("unit.months")} min={1} max={120} /></Item>
                <Item name="wallet"><Select options={wallets.map((value) => ({ value }))} /></Item>
                <Item name="funder"><Input maxLength={64} /></Item>
              </div>
            </Panel>
          </Form>
          <Reads rule={rule} faulty={placed.general.length + inFields > 0}>
            {placed.general.map((fault) => (
              <Alert key={fault.place + fault.code} type="error" className="gap" title={<FaultText fault={fault} />} />
            ))}
            {inFields > 0 && <p className="fault">{t("rule.see_fields", { n: inFields })}</p>}
          </Reads>
        </div>
      </Faults.Provider>
    </Page>
  )
}
