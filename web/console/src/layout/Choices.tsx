import { MoonOutlined, SunOutlined } from "@ant-design/icons"
import { Button } from "antd"
import { useLanguage } from "../i18n"
import { useLook } from "../theme/Look"

/** Language and light, in the corner. */
export function Choices() {
  const { t, language, choose } = useLanguage()
  const look = useLook()
  return (
    <>
      <Button type="text" onClick={() => choose(language === "zh" ? "en" : "zh")} lang={language === "zh" ? "en" : "zh"}>
        {language === "zh" ? "English" : "中文"}
      </Button>
      <Button
        type="text"
        aria-label={t(look.dark ? "shade.light" : "shade.dark")}
        icon={look.dark ? <SunOutlined /> : <MoonOutlined />}
        onClick={() => look.choose(look.dark ? "light" : "dark")}
      />
    </>
  )
}
