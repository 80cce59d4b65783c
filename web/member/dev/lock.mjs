// `npm run lock`, after `npm install`: takes the registry's address out of package-lock.json. npm then asks whatever
// registry it is set up for; `integrity` still says which bytes it must be given.
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(file, 'utf8'));
for (const entry of Object.values(lock.packages)) delete entry.resolved;
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
