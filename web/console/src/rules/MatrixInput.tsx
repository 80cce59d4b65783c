import { CloseOutlined } from "@ant-design/icons"
import { Button, Input, InputNumber } from "antd"
import { useEffect, useState } from "react"
import { Link } from "react-router-dom"
import { useLanguage } from "../i18n"
import {
  citiesOf, type Factor, factorOf, factorText, figureAt, holdsAt, type Matrix, putFigure, type Tier, tiersOf, withoutCity,
} from "./parts"

/** A factor, typed as `2`, `1.5` or `4/3`. */
function FactorInput({ value, onChange, placeholder, label }: {
  value?: Factor
  onChange: (factor: Factor | null) => void
  placeholder?: string
  label: string
}) {
  const [text, setText] = useState(value ? factorText(value) : "")
  const said = value ? factorText(value) : ""
  // What came from elsewhere is shown; what is being typed ("1.") is not overwritten.
  useEffect(() => setText((now) => (said === "" || factorOf(now) === null || factorText(factorOf(now) as Factor) !== said ? said : now)), [said])
  const bad = text.trim() !== "" && factorOf(text) === null
  return (
    <Input
      prefix="×"
      aria-label={label}
      aria-invalid={bad}
      inputMode="decimal"
      status={bad ? "error" : undefined}
      placeholder={placeholder}
      value={text}
      onChange={(event) => {
        setText(event.target.value)
        const found = factorOf(event.target.value)
        if (found || !event.target.value.trim()) onChange(found)
      }}
    />
  )
}

type Props = {
  value?: Matrix
  onChange?: (matrix: Matrix) => void
  id?: string
  of: "factor" | "points"
  tiers: Tier[]
  editable: boolean
}

/**
 * Figures by tier and city, as a table. The last row is of members of any other tier, the last column of any other
 * city; an empty cell shows what holds there instead.
 */
export function MatrixInput({ value = {}, onChange, of, tiers, editable, id }: Props) {
  const { t, name } = useLanguage()
  const [more, setMore] = useState<string[]>([])
  const [city, setCity] = useState("")
  const named = new Map(tiers.map((tier) => [tier.id, tier.name]))
  const rows: (string | null)[] = [...new Set([...tiers.map((tier) => tier.id), ...tiersOf(value)]), null]
  const columns: (string | null)[] = [...new Set([...citiesOf(value), ...more]), null]
  const tierName = (tier: string | null) => (tier === null ? t("matrix.other_tiers") : named.has(tier) ? name(named.get(tier) as Tier["name"]) : tier)
  const cityName = (one: string | null) => one ?? t("matrix.other_cities")
  const add = () => {
    const next = city.trim()
    if (next && !columns.includes(next)) setMore([...more, next])
    setCity("")
  }
  const cell = (tier: string | null, place: string | null) => {
    const figure = figureAt(value, tier, place)
    const holds = figure ?? holdsAt(value, tier, place)
    const label = `${tierName(tier)} · ${cityName(place)}`
    const text = holds === undefined ? "–" : typeof holds === "number" ? String(holds) : factorText(holds)
    if (!editable) return <span className={figure === undefined ? "faint num" : "num"}>{of === "factor" && holds !== undefined ? `×${text}` : text}</span>
    return of === "factor" ? (
      <FactorInput
        label={label}
        placeholder={text}
        value={figure as Factor | undefined}
        onChange={(next) => onChange?.(putFigure(value, tier, place, next))}
      />
    ) : (
      <InputNumber<number>
        aria-label={label}
        placeholder={text}
        min={0}
        max={1_000_000}
        precision={0}
        controls={false}
        inputMode="numeric"
        value={figure as number | undefined}
        onChange={(next) => onChange?.(putFigure(value, tier, place, next))}
      />
    )
  }
  return (
    <div id={id} className="matrix">
      <div className="matrix-frame" tabIndex={0} role="group" aria-label={t("field.matrix")}>
        <table>
          <thead>
            <tr>
              <td />
              {columns.map((one) => (
                <th scope="col" key={one ?? ""}>
                  {cityName(one)}
                  {editable && one !== null && (
                    <Button
                      type="text"
                      size="small"
                      icon={<CloseOutlined />}
                      aria-label={t("matrix.remove_city", { city: one })}
                      onClick={() => {
                        setMore(more.filter((old) => old !== one))
                        onChange?.(withoutCity(value, one))
                      }}
                    />
                  )}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((tier) => (
              <tr key={tier ?? ""}>
                <th scope="row">{tierName(tier)}</th>
                {columns.map((one) => (
                  <td key={one ?? ""}>{cell(tier, one)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {editable && (
        <div className="matrix-foot">
          <Input
            aria-label={t("matrix.city")}
            placeholder={t("matrix.city")}
            value={city}
            maxLength={64}
            onChange={(event) => setCity(event.target.value)}
            onPressEnter={(event) => {
              event.preventDefault()
              add()
            }}
          />
          <Button onClick={add}>{t("matrix.add_city")}</Button>
          <span>{t("matrix.how")}</span>
          {!tiers.length && <Link to="/rules/settings">{t("matrix.no_tiers")}</Link>}
        </div>
      )}
    </div>
  )
}
