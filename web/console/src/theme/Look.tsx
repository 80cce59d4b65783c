import { App, ConfigProvider } from "antd"
import enUS from "antd/locale/en_US"
import zhCN from "antd/locale/zh_CN"
import dayjs from "dayjs"
import "dayjs/locale/zh-cn"
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react"
import { useLanguage } from "../i18n"
import { nonceOfPage } from "./nonce"
import { cssVariables, DARK, LIGHT, type Palette, themeOf } from "./tokens"

export type Shade = "auto" | "light" | "dark"
const KEPT = "linli.console.shade"
const Context = createContext<{ palette: Palette; dark: boolean; shade: Shade; choose: (shade: Shade) => void }>({
  palette: LIGHT, dark: false, shade: "auto", choose: () => {},
})

export const useLook = () => useContext(Context)

function usesDark(): boolean {
  return typeof matchMedia === "function" && matchMedia("(prefers-color-scheme: dark)").matches
}

function useSystemDark(): boolean {
  const [dark, setDark] = useState(usesDark)
  useEffect(() => {
    if (typeof matchMedia !== "function") return
    const query = matchMedia("(prefers-color-scheme: dark)")
    const follow = () => setDark(query.matches)
    query.addEventListener("change", follow)
    return () => query.removeEventListener("change", follow)
  }, [])
  return dark
}

/** Theme, antd's language and its messages, around everything. */
export function Look({ children }: { children: ReactNode }) {
  const { language } = useLanguage()
  const system = useSystemDark()
  const [shade, setShade] = useState<Shade>(() => (localStorage.getItem(KEPT) as Shade | null) ?? "auto")
  const dark = shade === "auto" ? system : shade === "dark"
  const palette = dark ? DARK : LIGHT
  useEffect(() => {
    const root = document.documentElement
    for (const [name, value] of Object.entries(cssVariables(palette))) root.style.setProperty(name, value)
    root.style.colorScheme = dark ? "dark" : "light"
  }, [palette, dark])
  dayjs.locale(language === "zh" ? "zh-cn" : "en")
  const value = useMemo(() => {
    const choose = (next: Shade) => {
      localStorage.setItem(KEPT, next)
      setShade(next)
    }
    return { palette, dark, shade, choose }
  }, [palette, dark, shade])
  return (
    <ConfigProvider
      csp={{ nonce: nonceOfPage() }}
      theme={themeOf(palette, dark)}
      locale={language === "zh" ? zhCN : enUS}
      form={{ scrollToFirstError: { behavior: "smooth", block: "center" } }}
      button={{ autoInsertSpace: false }}
    >
      <Context.Provider value={value}>
        <App message={{ maxCount: 3 }}>{children}</App>
      </Context.Provider>
    </ConfigProvider>
  )
}
