import { useMemo } from "react"
import { type Language, useLanguage } from "."

/** Business dates and times are of this zone, wherever the browser is. */
export const BUSINESS_ZONE = "Asia/Shanghai"

export function formatsOf(language: Language) {
  const locale = language === "zh" ? "zh-CN" : "en-GB"
  const whole = new Intl.NumberFormat(locale)
  const signed = new Intl.NumberFormat(locale, { signDisplay: "exceptZero" })
  const short = new Intl.NumberFormat(locale, { notation: "compact", maximumFractionDigits: 1 })
  const zoned = { timeZone: BUSINESS_ZONE, hourCycle: "h23" } as const
  const minute = new Intl.DateTimeFormat("sv-SE", {
    ...zoned, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
  })
  const second = new Intl.DateTimeFormat("sv-SE", {
    ...zoned, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit",
  })
  const clock = new Intl.DateTimeFormat("sv-SE", { ...zoned, hour: "2-digit", minute: "2-digit" })
  return {
    number: (value: number) => whole.format(value),
    signed: (value: number) => signed.format(value).replace("-", "−"),
    compact: (value: number) => short.format(value),
    yuan: (fen: number) => `¥${(fen / 100).toLocaleString(locale, { minimumFractionDigits: fen % 100 ? 2 : 0 })}`,
    /** Basis points as percent. */
    share: (basis: number) => `${(basis / 100).toLocaleString(locale, { maximumFractionDigits: 2 })}%`,
    /** `2026-11-22 09:30` of the business zone. */
    moment: (instant: string) => minute.format(new Date(instant)),
    momentExact: (instant: string) => second.format(new Date(instant)),
    clock: (instant: string) => clock.format(new Date(instant)),
    seconds: (from: string, to: string) => Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000),
  }
}

export function useFormats() {
  const { language } = useLanguage()
  return useMemo(() => formatsOf(language), [language])
}
