import { Alert, Button } from "antd"
import type { ReactNode } from "react"
import type { ApiError } from "../api/problem"
import { useLanguage } from "../i18n"

type Speech = ReturnType<typeof useLanguage>

/** Title and detail of a refusal, in the language that is read. */
export function tellOf(error: ApiError, { t, language }: Speech): { title: string; detail: string } {
  if (error.code === "unreachable") return { title: t("problem.unreachable"), detail: t("problem.unreachable.detail") }
  if (error.code === "unexpected") {
    return { title: t("problem.unexpected", { status: error.status }), detail: error.problem.detail }
  }
  const { problem } = error
  const title = (language === "zh" ? problem.title_zh : problem.title_en) ?? problem.title
  const faults = problem.errors?.map((one) => `${one.place}: ${one.detail}`).join(" · ")
  return { title: String(title), detail: faults || problem.detail }
}

/** What went wrong, with a way on. */
export function ProblemBox({ error, retry, extra }: { error: ApiError | null; retry?: () => void; extra?: ReactNode }) {
  const speech = useLanguage()
  if (!error) return null
  const { title, detail } = tellOf(error, speech)
  return (
    <Alert
      className="problem"
      type={error.passing ? "warning" : "error"}
      showIcon
      title={title}
      description={detail === title ? undefined : detail}
      action={
        retry ? (
          <Button size="small" onClick={retry}>
            {speech.t("act.retry")}
          </Button>
        ) : (
          extra
        )
      }
    />
  )
}
