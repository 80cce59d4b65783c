import { DatePicker } from "antd"
import dayjs from "dayjs"

type Days = { from: string; to: string }

/** Any days up to today. */
export default function DaysPicker({ from, to, today, onChange }: Days & { today: string; onChange: (days: Days) => void }) {
  return (
    <DatePicker.RangePicker
      allowClear={false}
      value={to ? [dayjs(from), dayjs(to)] : null}
      maxDate={today ? dayjs(today) : undefined}
      onChange={(days) =>
        days?.[0] && days[1] && onChange({ from: days[0].format("YYYY-MM-DD"), to: days[1].format("YYYY-MM-DD") })
      }
    />
  )
}
