import { InputNumber } from "antd"
import { percentOf, ppmOf } from "./odds"

/** Odds: people type percent, the campaign keeps millionths. */
export function OddsInput({ value, onChange, ...rest }: {
  value?: number | null
  onChange?: (value: number | null) => void
  id?: string
  disabled?: boolean
}) {
  return (
    <InputNumber<string>
      {...rest}
      stringMode
      min="0"
      max="100"
      precision={4}
      controls={false}
      suffix="%"
      className="wide"
      inputMode="decimal"
      value={value == null ? null : percentOf(value)}
      formatter={(text, { userTyping, input }) => {
        const ppm = userTyping ? null : ppmOf(String(text ?? ""))
        return userTyping ? input : ppm === null ? "" : percentOf(ppm)
      }}
      onChange={(text) => onChange?.(text == null ? null : ppmOf(String(text)))}
    />
  )
}
