import { cleanup, configure } from "@testing-library/react"
import { afterEach, vi } from "vitest"

// What jsdom does not draw.
vi.stubGlobal("matchMedia", (query: string) => ({
  matches: false, media: query, addEventListener() {}, removeEventListener() {}, addListener() {}, removeListener() {},
}))
vi.stubGlobal("ResizeObserver", class {
  observe() {}
  unobserve() {}
  disconnect() {}
})
Element.prototype.scrollIntoView = () => {}
// As newer browsers do it.
window.scrollTo = (() => Promise.resolve()) as unknown as typeof window.scrollTo
const style = window.getComputedStyle
window.getComputedStyle = (element) => style(element)

// Pages are loaded when they are first seen, and two cores are not always free.
configure({ asyncUtilTimeout: 15_000 })

afterEach(() => {
  cleanup()
  localStorage.clear()
  sessionStorage.clear()
})
