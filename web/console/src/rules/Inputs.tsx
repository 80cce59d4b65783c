import { DatePicker, InputNumber, Select, Space } from "antd"
import dayjs from "dayjs"
import timezone from "dayjs/plugin/timezone"
import utc from "dayjs/plugin/utc"
import { useLanguage } from "../i18n"
import { BUSINESS_ZONE } from "../i18n/format"

dayjs.extend(utc)
dayjs.extend(timezone)

type Field<T> = { value?: T | null; onChange?: (value: T | null) => void; id?: string; disabled?: boolean; status?: "error" | ""; "aria-label"?: string }

/** Fen from yuan as typed; exact, for "0.29" × 100 is not 29 in floating point. */
export function fenOf(yuan: string): number | null {
  const found = /^(\d{1,11})(?:\.(\d{0,2}))?$/.exec(yuan.trim())
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null
}

export function yuanOf(fen: number): string {
  const cents = fen % 100
  return cents ? `${Math.floor(fen / 100)}.${String(cents).padStart(2, "0")}` : String(fen / 100)
}

/** An amount: people type yuan, the document keeps fen. */
export function MoneyInput({ value, onChange, ...rest }: Field<number>) {
  return (
    <InputNumber<string>
      {...rest}
      stringMode
      min="0"
      precision={2}
      controls={false}
      prefix="¥"
      className="wide"
      inputMode="decimal"
      value={value == null ? null : yuanOf(value)}
      formatter={(text, { userTyping, input }) => (userTyping ? input : String(text ?? "").replace(/\.00$/, ""))}
      onChange={(text) => onChange?.(text == null ? null : fenOf(String(text)))}
    />
  )
}

/** A share: people type percent, the document keeps basis points; both are hundredths, as fen are of yuan. */
export function PercentInput({ value, onChange, ...rest }: Field<number>) {
  return (
    <InputNumber<string>
      {...rest}
      stringMode
      min="0"
      precision={2}
      controls={false}
      suffix="%"
      className="wide"
      inputMode="decimal"
      value={value == null ? null : yuanOf(value)}
      formatter={(text, { userTyping, input }) => (userTyping ? input : String(text ?? "").replace(/\.00$/, ""))}
      onChange={(text) => onChange?.(text == null ? null : fenOf(String(text)))}
    />
  )
}

export function CountInput({ unit, min = 0, max, ...rest }: Field<number> & { unit?: string; min?: number; max?: number }) {
  return <InputNumber<number> {...rest} min={min} max={max} precision={0} controls={false} suffix={unit} className="wide" inputMode="numeric" />
}

/** An instant, shown and typed as business time whatever the browser's zone is. */
export function MomentInput({ value, onChange, zone = BUSINESS_ZONE, ...rest }: Field<string> & { zone?: string }) {
  return (
    <DatePicker
      {...rest}
      className="wide"
      showTime={{ format: "HH:mm", defaultOpenValue: dayjs("00:00", "HH:mm") }}
      format="YYYY-MM-DD HH:mm"
      value={value ? dayjs(value).tz(zone) : null}
      onChange={(at) => onChange?.(at ? dayjs.tz(at.format("YYYY-MM-DDTHH:mm:00"), zone).format() : null)}
    />
  )
}

/** A business date. */
export function DateInput({ value, onChange, ...rest }: Field<string>) {
  return (
    <DatePicker
      {...rest}
      className="wide"
      value={value ? dayjs(value) : null}
      onChange={(on) => onChange?.(on ? on.format("YYYY-MM-DD") : null)}
    />
  )
}

/** Short codes (cities, categories, tags), typed freely or chosen. */
export function CodesInput({ options = [], ...rest }: Field<string[]> & { options?: string[]; placeholder?: string }) {
  return (
    <Select
      {...rest}
      mode="tags"
      className="wide"
      tokenSeparators={[",", "\uff0c", "\u3001", " "]}
      options={options.map((value) => ({ value }))}
      value={rest.value ?? []}
    />
  )
}

export function WeekdaysInput({ value, onChange, ...rest }: Field<number[]>) {
  const { code } = useLanguage()
  return (
    <Select
      {...rest}
      mode="multiple"
      className="wide"
      value={value ?? []}
      onChange={(days: number[]) => onChange?.([...days].sort())}
      options={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: day, label: code("weekday", String(day)) }))}
    />
  )
}

export function Beside({ children }: { children: React.ReactNode }) {
  return (
    <Space className="beside" size={12} align="start">
      {children}
    </Space>
  )
}
