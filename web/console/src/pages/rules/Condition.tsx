import { Input, Tooltip } from "antd"
import type { TextAreaRef } from "antd/es/input/TextArea"
import { useRef } from "react"
import { useLanguage } from "../../i18n"
import { variablesOf } from "../../rules/model"

const EXAMPLES = ["paid_fen >= 10000", 'city == "hangzhou" && weekday >= 6', '"fresh" in categories', "hour < 9"]

/** A CEL condition, with the variables that it may speak of: a press puts one where the cursor is. */
export function Condition({ value, onChange, events, id }: {
  value?: string | null
  onChange?: (text: string | null) => void
  events: string[]
  id?: string
}) {
  const { t, code } = useLanguage()
  const area = useRef<TextAreaRef>(null)
  const variables = variablesOf(events)
  const put = (text: string) => {
    const found = area.current?.resizableTextArea?.textArea
    const now = value ?? ""
    const [from, to] = found ? [found.selectionStart, found.selectionEnd] : [now.length, now.length]
    onChange?.(now.slice(0, from) + text + now.slice(to))
    requestAnimationFrame(() => {
      found?.focus()
      found?.setSelectionRange(from + text.length, from + text.length)
    })
  }
  return (
    <>
      <Input.TextArea
        id={id}
        ref={area}
        className="mono"
        rows={3}
        spellCheck={false}
        placeholder={EXAMPLES[0]}
        value={value ?? ""}
        onChange={(event) => onChange?.(event.target.value || null)}
      />
      <div className="variables">
        <span>{t("condition.variables")}</span>
        {variables.map(([name, kind]) => (
          <Tooltip key={name} title={`${code("variable", name)} · ${code("shape", kind)}`}>
            <button type="button" className="variable" onClick={() => put(name)}>
              {name}
            </button>
          </Tooltip>
        ))}
        {!variables.length && <span className="faint">{t("condition.no_variables")}</span>}
      </div>
      <div className="variables">
        <span>{t("condition.examples")}</span>
        {EXAMPLES.map((text) => (
          <button type="button" key={text} className="variable" onClick={() => onChange?.(text)}>
            {text}
          </button>
        ))}
      </div>
    </>
  )
}
