import { Button } from "antd"
import { useNavigate } from "react-router-dom"
import { useLanguage } from "../../i18n"
import { useFormats } from "../../i18n/format"
import { useSure } from "../../parts/sure"
import { useMay } from "../../session/Session"
import { useDesk } from "./context"

/** How the draft stands, and where it goes from here. Without a draft: the way to begin one. */
export function DraftBar() {
  const { t } = useLanguage()
  const { moment } = useFormats()
  const may = useMay()
  const go = useNavigate()
  const desk = useDesk()
  const sure = useSure()
  const { draft, check, changes } = desk
  if (!may("edit.rules")) return null
  if (!draft) {
    return (
      <div className="draft-bar draft-none">
        <span>{t("draft.none")}</span>
        <Button type="primary" onClick={() => desk.begin()}>
          {t("draft.begin")}
        </Button>
      </div>
    )
  }
  const faults = check.faults.length
  const overtaken = (desk.live?.version ?? 0) !== draft.base
  return (
    <div className={`draft-bar ${faults ? "draft-faulty" : ""}`}>
      <div className="draft-words">
        <b>{t("draft.title", { base: draft.base })}</b>
        <span>
          {t("draft.changes", { n: changes.length })}
          {" · "}
          {check.stale ? t("draft.checking") : faults ? t("draft.faults", { n: faults }) : t("draft.sound")}
          {" · "}
          {t("draft.kept", { at: moment(draft.changed_at) })}
        </span>
        {overtaken && <span className="draft-warn">{t("draft.overtaken", { version: desk.live?.version ?? 0 })}</span>}
      </div>
      <div className="draft-acts">
        <Button
          type="text"
          onClick={() => sure({ title: t("draft.discard.sure"), ok: t("draft.discard"), danger: true, work: desk.discard })}
        >
          {t("draft.discard")}
        </Button>
        <Button onClick={() => go("/rules/try")}>{t("draft.try")}</Button>
        <Button type="primary" onClick={() => go("/rules/publish")}>
          {t("draft.review")}
        </Button>
      </div>
    </div>
  )
}
