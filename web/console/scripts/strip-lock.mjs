// A lock file names what is installed, by version and hash, but no host: whoever builds uses a registry of their own.
import { readFileSync, writeFileSync } from "node:fs"

const path = new URL("../package-lock.json", import.meta.url)
const lock = JSON.parse(readFileSync(path, "utf8"))
for (const found of Object.values(lock.packages)) delete found.resolved
writeFileSync(path, JSON.stringify(lock, null, 2) + "\n")
