import { Button, Result } from "antd"
import { Link } from "react-router-dom"
import { useLanguage } from "../i18n"

export default function MissingPage({ forbidden = false }: { forbidden?: boolean }) {
  const { t } = useLanguage()
  return (
    <Result
      status={forbidden ? "403" : "404"}
      title={t(forbidden ? "missing.forbidden" : "missing.title")}
      subTitle={t(forbidden ? "missing.forbidden.text" : "missing.text")}
      extra={
        <Link to="/">
          <Button type="primary">{t("missing.home")}</Button>
        </Link>
      }
    />
  )
}
