// Serves dist as the API process does, with its strict Content-Security-Policy, and passes /v1 on to a running API:
//   LINLI_API=http://127.0.0.1:8000 npm run preview
import { randomBytes } from "node:crypto"
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs"
import { createServer, request } from "node:http"
import { extname, join, normalize } from "node:path"
import { fileURLToPath } from "node:url"

const DIST = fileURLToPath(new URL("../dist", import.meta.url))
const api = new URL(process.env.LINLI_API ?? "http://127.0.0.1:8000")
const port = Number(process.env.PORT ?? 8105)
const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html" }

const policy = (nonce) =>
  [
    "default-src 'none'", "script-src 'self'", "connect-src 'self'", "img-src 'self' data:", "font-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`, "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'",
  ].join("; ")

function pass(incoming, answer) {
  const { hostname, port } = api
  const onward = request({ hostname, port, path: incoming.url, method: incoming.method, headers: incoming.headers }, (found) => {
    answer.writeHead(found.statusCode, found.headers)
    found.pipe(answer)
  })
  onward.on("error", () => answer.writeHead(502).end())
  answer.on("close", () => onward.destroy())
  incoming.pipe(onward)
}

function page(answer) {
  const nonce = randomBytes(16).toString("base64")
  const html = readFileSync(join(DIST, "index.html"), "utf8").replace("__CSP_NONCE__", nonce)
  answer.writeHead(200, {
    "content-type": "text/html; charset=utf-8", "cache-control": "no-cache", "content-security-policy": policy(nonce),
  })
  answer.end(html)
}

createServer((incoming, answer) => {
  const path = decodeURIComponent(new URL(incoming.url, "http://x").pathname)
  if (path.startsWith("/v1/")) return pass(incoming, answer)
  if (!path.startsWith("/console")) return answer.writeHead(302, { location: "/console/" }).end()
  const file = join(DIST, normalize(path.slice("/console".length)))
  if (!file.startsWith(DIST) || !existsSync(file) || !statSync(file).isFile()) return page(answer)
  answer.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" })
  createReadStream(file).pipe(answer)
}).listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/console/`))
