import { expect, test } from "vitest"
import { fill } from "../src/i18n"
import en from "../src/i18n/en.json"
import zh from "../src/i18n/zh.json"
import catalogue from "../src/rules/catalogue.json"
import { fieldsOf, KINDS } from "../src/rules/model"

const texts = { zh, en } as Record<string, Record<string, string>>

test("both languages have the same texts with the same figures", () => {
  expect(Object.keys(en)).toEqual(Object.keys(zh))
  const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort()
  for (const [key, text] of Object.entries(zh)) expect([key, holes(texts.en?.[key] ?? "")]).toEqual([key, holes(text)])
})

test("every field, kind and event type has a name", () => {
  const wanted = [
    ...KINDS.flatMap((kind) => [`kind.${kind}`, `kind.${kind}.help`, `kind.${kind}.how`]),
    ...KINDS.flatMap(fieldsOf).map((field) => `field.${field}`),
    ...Object.keys(catalogue.events).map((type) => `event.${type}`),
    ...Object.values(catalogue.events).flatMap((one) => Object.keys(one.variables).map((name) => `variable.${name}`)),
  ]
  expect(wanted.filter((key) => !(key in zh))).toEqual([])
})

test("no words for people stand in the code", () => {
  const files = import.meta.glob<string>(["../src/**/*.{ts,tsx}", "!../src/**/*.d.ts"], { query: "?raw", import: "default", eager: true })
  const found = Object.entries(files).filter(([, text]) => {
    const code = text.replace(/zh: "[^"]*"/g, "").replace(/\[[^\]]*、[^\]]*\]/g, "")
    return /[\u4e00-\u9fff]/.test(code)
  })
  // The switch to Chinese says so in Chinese.
  expect(found.map(([name]) => name)).toEqual(["../src/layout/Choices.tsx"])
})

test("figures go into texts", () => {
  expect(fill("{n} of {m}", { n: 1 })).toBe("1 of {m}")
})
