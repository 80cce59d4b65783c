import { DeleteOutlined, PlusOutlined } from "@ant-design/icons"
import { Button, Input, Select } from "antd"
import { useEffect, useState } from "react"
import { type CartLine, deductions, type DeductionQuote, type Trial } from "../../api/deductions"
import { type ApiError, asApiError } from "../../api/problem"
import { type Key, useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useLive } from "../../live/Live"
import { Figure, Panel } from "../../parts/Page"
import { ProblemBox } from "../../parts/Problem"
import { useSettled } from "../../parts/load"
import { CodesInput, CountInput, DateInput, MoneyInput } from "../../rules/Inputs"
import type { Deduction } from "../../rules/model"
import type { Tier } from "../../rules/parts"
import { Split } from "./Split"

const KEPT = "linli.console.cart"
const MOST_LINES = 200
const AFTER_MS = 350
type Who = { points?: number | null; city?: string; tier?: string; segment?: string; arm?: string; on?: string | null }
type Basket = { lines: CartLine[]; who: Who }

const EXAMPLE: Basket = {
  lines: [
    { sku: "rice-5kg", price_fen: 4_990, category: "grain", tags: [] },
    { sku: "milk-1l", price_fen: 1_280, category: "fresh", tags: ["promotion"] },
    { sku: "tea-gift", price_fen: 10_000, category: "gift", tags: ["high_margin"] },
  ],
  who: { points: 1_500 },
}

function kept(): Basket {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null") as Basket | null
    return found?.lines.length ? found : EXAMPLE
  } catch {
    return EXAMPLE
  }
}

/** What the policy does to the cart, a moment after either has changed. The last answer stays until the next is there. */
function useQuote(deduction: Deduction, { lines, who }: Basket) {
  const asked = useSettled(JSON.stringify({ deduction, ...who, lines } satisfies Trial), AFTER_MS)
  const [found, setFound] = useState<{ quote: DeductionQuote | null; error: ApiError | null }>({ quote: null, error: null })
  useEffect(() => {
    const stop = new AbortController()
    const trial = JSON.parse(asked, (_name, value: unknown) => (value === "" ? null : value)) as Trial
    deductions.try(trial, stop.signal).then(
      (quote) => !stop.signal.aborted && setFound({ quote, error: null }),
      (error: unknown) => !stop.signal.aborted && setFound((now) => ({ ...now, error: asApiError(error) })),
    )
    return () => stop.abort()
  }, [asked])
  return found
}

function Lines({ lines, put }: { lines: CartLine[]; put: (lines: CartLine[]) => void }) {
  const { t } = useLanguage()
  const change = (at: number, more: Partial<CartLine>) => put(lines.map((line, n) => (n === at ? { ...line, ...more } : line)))
  return (
    <>
      {lines.map((line, at) => (
        <div className="cart-line" key={at} role="group" aria-label={t("cart.nth", { n: at + 1 })}>
          <Input className="mono" aria-label={t("cart.sku")} value={line.sku} maxLength={128} onChange={(event) => change(at, { sku: event.target.value })} />
          <div className="cart-price"><MoneyInput aria-label={t("cart.price")} value={line.price_fen} onChange={(fen) => change(at, { price_fen: fen ?? 0 })} /></div>
          <Input aria-label={t("cart.category")} placeholder={t("cart.category")} value={line.category ?? ""} maxLength={64} onChange={(event) => change(at, { category: event.target.value || null })} />
          <CodesInput aria-label={t("cart.tags")} placeholder={t("cart.tags")} options={["promotion", "high_margin"]} value={line.tags ?? []} onChange={(tags) => change(at, { tags: tags ?? [] })} />
          <Button type="text" danger icon={<DeleteOutlined />} aria-label={t("cart.remove", { n: at + 1 })} disabled={lines.length === 1} onClick={() => put(lines.filter((_line, n) => n !== at))} />
        </div>
      ))}
      <Button icon={<PlusOutlined />} disabled={lines.length >= MOST_LINES} onClick={() => put([...lines, { sku: `sku-${lines.length + 1}`, price_fen: 1_000, category: null, tags: [] }])}>{t("cart.add")}</Button>
    </>
  )
}

function Shopper({ who, put, deduction, tiers }: { who: Who; put: (who: Who) => void; deduction: Deduction; tiers: Tier[] }) {
  const { t, name } = useLanguage()
  const arms = deduction.experiment?.arms ?? []
  const field = (key: keyof Who, input: React.ReactNode) => (
    <div className="part-field">
      <label htmlFor={`cart-${key}`}>{t(`cart.${key}` as Key)}</label>
      {input}
    </div>
  )
  return (
    <div className="grid">
      {field("points", <CountInput id="cart-points" unit={t("unit.points")} max={1_000_000_000} value={who.points} onChange={(points) => put({ ...who, points })} />)}
      {field("on", <DateInput id="cart-on" value={who.on} onChange={(on) => put({ ...who, on })} />)}
      {field("city", <Input id="cart-city" maxLength={64} value={who.city ?? ""} onChange={(event) => put({ ...who, city: event.target.value })} />)}
      {field("segment", <Input id="cart-segment" maxLength={64} value={who.segment ?? ""} onChange={(event) => put({ ...who, segment: event.target.value })} />)}
      {tiers.length > 0 && field("tier", <Select id="cart-tier" className="wide" allowClear value={who.tier || undefined} onChange={(tier?: string) => put({ ...who, tier })} options={tiers.map((one) => ({ value: one.id, label: one.name ? name(one.name) : one.id }))} />)}
      {arms.length > 0 && field("arm", <Select id="cart-arm" className="wide" allowClear value={who.arm || undefined} onChange={(arm?: string) => put({ ...who, arm })} options={arms.map((one) => ({ value: one.id }))} />)}
    </div>
  )
}

/** A cart under a policy that nobody has saved: what points would take off it, line by line. */
export function WhatIf({ deduction, tiers }: { deduction: Deduction; tiers: Tier[] }) {
  const { t, name } = useLanguage()
  const { yuan, number } = useFormats()
  const { businessOn } = useLive()
  const [basket, setBasket] = useState(kept)
  const { quote, error } = useQuote(deduction, basket)
  const put = (more: Partial<Basket>) => {
    const next = { ...basket, ...more }
    setBasket(next)
    sessionStorage.setItem(KEPT, JSON.stringify(next))
  }
  const whole = basket.lines.reduce((sum, line) => sum + line.price_fen, 0)
  return (
    <>
      <Panel title={t("cart.title")} note={t("cart.note", { on: basket.who.on ?? businessOn ?? "" })}>
        <Lines lines={basket.lines} put={(lines) => put({ lines })} />
        <div className="gap-above"><Shopper who={basket.who} put={(who) => put({ who })} deduction={deduction} tiers={tiers} /></div>
      </Panel>
      <Panel title={t("cart.result")}>
        <ProblemBox error={error} />
        {quote && (
          <div aria-live="polite">
            <div className="figures figures-small">
              <Figure name={t("cart.deducts")} value={yuan(quote.deduct_fen)} tone={quote.deduct_fen ? "good" : undefined} note={t("backtest.points_more", { n: number(quote.points) })} />
              <Figure name={t("cart.pays")} value={yuan(whole - quote.deduct_fen)} note={t("cart.whole", { yuan: yuan(whole) })} />
              <Figure name={t("cart.most")} value={yuan(quote.most_fen)} note={t("backtest.points_more", { n: number(quote.most_points) })} />
            </div>
            <p className="gap">{name(quote.suggestion)}</p>
            <Split lines={quote.lines} />
          </div>
        )}
      </Panel>
    </>
  )
}
