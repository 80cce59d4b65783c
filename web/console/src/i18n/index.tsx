import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react"
import { door } from "../api/client"
import type { Name } from "../api/types"
import zh from "./zh.json"

export type Language = "zh" | "en"
export type Key = keyof typeof zh
export type Params = Record<string, string | number>
export type Translate = (key: Key, params?: Params) => string
type Texts = Record<string, string>
/** Read when they are wanted: who reads Chinese does not wait for the English. */
const LOADED: Partial<Record<Language, Texts>> = { zh }

/** Have the texts of a language at hand. Where they cannot be had, Chinese is spoken on. */
export async function load(language: Language): Promise<void> {
  if (language === "en" && !LOADED.en) LOADED.en = (await import("./en.json")).default
}

export const kept = (): Language => (localStorage.getItem(KEPT) === "en" ? "en" : "zh")
const KEPT = "linli.console.language"

export function fill(text: string, params: Params = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole))
}

type Speech = {
  language: Language
  choose: (language: Language) => void
  t: Translate
  /** The text of a code that the API may invent: the code itself where there is none. */
  code: (group: string, code: string, params?: Params) => string
  /** Of the two languages of a name, the one that is read. */
  name: (name: Name) => string
}

function speechOf(language: Language, choose: (language: Language) => void): Speech {
  const texts: Texts = LOADED[language] ?? zh
  return {
    language,
    choose,
    t: (key, params) => fill(texts[key] ?? key, params),
    code: (group, code, params) => {
      const text = texts[`${group}.${code}`]
      return text === undefined ? code : fill(text, params)
    },
    name: (name) => name[language],
  }
}

const Context = createContext<Speech>(speechOf("zh", () => {}))

export const useLanguage = () => useContext(Context)

export function Speaking({ children, first }: { children: ReactNode; first?: Language }) {
  const [language, setLanguage] = useState<Language>(() => first ?? kept())
  door.language = language
  const value = useMemo(
    () =>
      speechOf(language, (next) => {
        localStorage.setItem(KEPT, next)
        void load(next)
          .catch(() => undefined)
          .then(() => setLanguage(next))
      }),
    [language],
  )
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en"
    document.title = value.t("app.title")
  }, [language, value])
  return <Context.Provider value={value}>{children}</Context.Provider>
}
