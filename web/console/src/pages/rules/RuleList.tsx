import {
  CalendarOutlined, CopyOutlined, DeleteOutlined, DownOutlined, FlagOutlined, GiftOutlined, MoreOutlined,
  PlusOutlined, ShareAltOutlined, ShoppingOutlined, UpOutlined, UserAddOutlined,
} from "@ant-design/icons"
import { Button, Dropdown, Empty, Input, Modal, Segmented } from "antd"
import { type ReactNode, useState } from "react"
import { Link, useNavigate } from "react-router-dom"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { Badge, Id } from "../../parts/bits"
import { countFaults } from "../../rules/faults"
import { type Kind, KINDS, newRule, type Rule, type Standing, standingOf } from "../../rules/model"
import { useDesk } from "./context"

const ICONS: Record<Kind, ReactNode> = {
  per_amount: <ShoppingOutlined />, multiplier: <span className="glyph">×</span>, fixed: <GiftOutlined />,
  streak: <CalendarOutlined />, goal: <FlagOutlined />, invitation: <UserAddOutlined />, share: <ShareAltOutlined />,
}
const TONES = { paused: "plain", ended: "plain", coming: "accent", holds: "good" } as const

function Choose({ open, close }: { open: boolean; close: () => void }) {
  const { t } = useLanguage()
  const desk = useDesk()
  const go = useNavigate()
  const rules = desk.document.rules ?? []
  const add = (kind: Kind) => {
    const rule = newRule(kind, rules)
    desk.change((document) => ({ ...document, rules: [...(document.rules ?? []), rule] }))
    go(`/rules/edit/${rules.length}`)
  }
  return (
    <Modal open={open} onCancel={close} footer={null} title={t("rules.add.title")} width={640}>
      <div className="kinds">
        {KINDS.map((kind) => (
          <button type="button" key={kind} className="kind" onClick={() => add(kind)}>
            <span className={`rule-icon kind-${kind}`}>{ICONS[kind]}</span>
            <span>
              <b>{t(`kind.${kind}` as Key)}</b>
              <small>{t(`kind.${kind}.help` as Key)}</small>
            </span>
          </button>
        ))}
      </div>
    </Modal>
  )
}

function Acts({ rule, at, last }: { rule: Rule; at: number; last: boolean }) {
  const { t } = useLanguage()
  const desk = useDesk()
  const go = useNavigate()
  const edit = (change: (rules: Rule[]) => Rule[]) =>
    desk.change((document) => ({ ...document, rules: change([...(document.rules ?? [])]) }))
  const move = (to: number) =>
    edit((rules) => {
      rules.splice(to, 0, ...rules.splice(at, 1))
      return rules
    })
  const acts: Record<string, () => void> = {
    up: () => move(at - 1),
    down: () => move(at + 1),
    pause: () => edit((rules) => rules.map((one, n) => (n === at ? { ...one, paused: !one.paused } : one))),
    copy: () => {
      const rules = desk.document.rules ?? []
      edit((now) => [...now, { ...rule, id: newRule(rule.kind, now).id }])
      go(`/rules/edit/${rules.length}`)
    },
    remove: () => edit((rules) => rules.filter((_rule, n) => n !== at)),
  }
  return (
    <div className="rule-acts">
      <Button onClick={() => go(`/rules/edit/${at}`)}>{t("act.edit")}</Button>
      <Dropdown
        trigger={["click"]}
        menu={{
          items: [
            { key: "pause", label: t(rule.paused ? "rules.resume" : "rules.pause") },
            { key: "copy", icon: <CopyOutlined />, label: t("rules.copy") },
            { key: "up", icon: <UpOutlined />, label: t("rules.up"), disabled: at === 0 },
            { key: "down", icon: <DownOutlined />, label: t("rules.down"), disabled: last },
            { type: "divider" },
            { key: "remove", icon: <DeleteOutlined />, danger: true, label: t("rules.remove") },
          ],
          onClick: ({ key }) => acts[key]?.(),
        }}
      >
        <Button type="text" icon={<MoreOutlined />} aria-label={t("act.more")} />
      </Dropdown>
    </div>
  )
}

function Row({ rule, at, faults, last }: { rule: Rule; at: number; faults: number; last: boolean }) {
  const { t, name } = useLanguage()
  const { moment } = useFormats()
  const { businessOn } = useLive()
  const desk = useDesk()
  const standing = standingOf(rule, businessOn)
  const sentence = desk.sentence(rule.id)
  const since = desk.live?.rule_versions[rule.id] ?? desk.live?.version ?? 0
  const called = (rule.name && name(rule.name)) || rule.id
  return (
    <li className={`rule ${standing === "ended" || standing === "paused" ? "rule-quiet" : ""}`}>
      <span className={`rule-icon kind-${rule.kind}`} aria-hidden>
        {ICONS[rule.kind]}
      </span>
      <div className="rule-words">
        <div className="rule-name">
          {desk.draft ? <Link to={`/rules/edit/${at}`}>{called}</Link> : <b>{called}</b>}
          <Badge tone={TONES[standing]}>{t(`standing.${standing}`)}</Badge>
          {faults > 0 && <Badge tone="bad">{t("rules.faults", { n: faults })}</Badge>}
        </div>
        <p>{sentence ? name(sentence) : t("rules.no_sentence")}</p>
        <div className="rule-more">
          <span>{t(`kind.${rule.kind}` as Key)}</span>
          <Id>{rule.id}</Id>
          {(rule.starts_at || rule.ends_at) && (
            <span className="num">
              {rule.starts_at ? moment(rule.starts_at) : "…"} – {rule.ends_at ? moment(rule.ends_at) : "…"}
            </span>
          )}
          {!desk.draft && since > 0 && (
            <Link to={`/rules/versions/${since}`}>{t("rules.since", { version: since })}</Link>
          )}
        </div>
      </div>
      {desk.draft && <Acts rule={rule} at={at} last={last} />}
    </li>
  )
}

export function RuleList() {
  const { t, name } = useLanguage()
  const { businessOn } = useLive()
  const desk = useDesk()
  const [choosing, setChoosing] = useState(false)
  const [wanted, setWanted] = useState("")
  const [which, setWhich] = useState<"all" | Standing>("all")
  const rules = desk.document.rules ?? []
  const counts = countFaults(desk.draft ? desk.check.faults : [])
  const word = wanted.trim().toLowerCase()
  const shown = rules
    .map((rule, at) => ({ rule, at }))
    .filter(({ rule }) => which === "all" || standingOf(rule, businessOn) === which)
    .filter(({ rule }) => {
      const sentence = desk.sentence(rule.id)
      const text = `${rule.id} ${rule.name?.zh} ${rule.name?.en} ${sentence ? name(sentence) : ""}`
      return text.toLowerCase().includes(word)
    })
  return (
    <>
      <div className="bar">
        <Input.Search
          allowClear
          className="bar-search"
          placeholder={t("rules.search")}
          aria-label={t("rules.search")}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
        <Segmented
          value={which}
          onChange={setWhich}
          options={(["all", "holds", "coming", "paused", "ended"] as const).map((value) => ({
            value, label: t(`standing.${value}` as Key),
          }))}
        />
        <span className="bar-rest" />
        {desk.draft && (
          <Button type="primary" ghost icon={<PlusOutlined />} onClick={() => setChoosing(true)}>
            {t("rules.add")}
          </Button>
        )}
      </div>
      {shown.length ? (
        <ul className="rules panel panel-flush" aria-label={t("nav.rules")}>
          {shown.map(({ rule, at }) => (
            <Row key={at} rule={rule} at={at} faults={counts.rules[at] ?? 0} last={at === rules.length - 1} />
          ))}
        </ul>
      ) : (
        <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("list.empty")} />
      )}
      <Choose open={choosing} close={() => setChoosing(false)} />
    </>
  )
}
