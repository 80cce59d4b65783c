import { GiftOutlined } from "@ant-design/icons"
import type { ShopOrder } from "../../api/mall"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { State } from "../../parts/bits"

/** A price in points, and cash where there is some. */
export function usePrice() {
  const { t } = useLanguage()
  const { number, yuan } = useFormats()
  return ({ price_points, price_fen = 0 }: { price_points: number; price_fen?: number }) =>
    price_fen ? t("mall.price_both", { points: number(price_points), yuan: yuan(price_fen) }) : t("mall.price_points", { points: number(price_points) })
}

/** What an order took of its member. */
export function usePaid() {
  const priceOf = usePrice()
  return (order: { points: number; price_fen: number }) => priceOf({ price_points: order.points, price_fen: order.price_fen })
}

/** The first picture, small; a sign where there is none. */
export function Thumb({ url, large }: { url: string | null | undefined; large?: boolean }) {
  return (
    <span className={`thumb ${large ? "thumb-large" : ""}`} aria-hidden>
      {url ? <img src={url} alt="" loading="lazy" /> : <GiftOutlined />}
    </span>
  )
}

/** How an order stands; what lies ready waits for somebody. */
export function OrderSign({ order: { state } }: { order: Pick<ShopOrder, "state"> }) {
  return <State group="order_state" code={state} tone={state === "ready" ? "warn" : undefined} />
}
