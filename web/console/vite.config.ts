import react from "@vitejs/plugin-react"
import { loadEnv } from "vite"
import { defineConfig } from "vitest/config"

/** Where `npm run dev` finds the API. */
const api = loadEnv("development", ".", "LINLI_").LINLI_API ?? "http://127.0.0.1:8000"

export default defineConfig({
  base: "/console/",
  plugins: [react()],
  server: { host: "127.0.0.1", port: 8105, proxy: { "/v1": api } },
  build: {
    target: "es2022",
    // Inlined pictures would want a wider Content-Security-Policy than the server sends.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  test: { environment: "jsdom", include: ["tests/**/*.test.{ts,tsx}"], setupFiles: ["tests/setup.ts"], testTimeout: 20000 },
})
