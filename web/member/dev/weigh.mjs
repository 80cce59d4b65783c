// `npm run weigh`, after the builds: H5's first load ≤ 200 KB of gzipped script, the mini-program ≤ 1.5 MB, and neither
// loads anything from another host or needs `eval`.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUILT = fileURLToPath(new URL('../dist/build', import.meta.url));
const H5 = process.env.UNI_OUTPUT_DIR ?? join(BUILT, 'h5');
const MP = join(BUILT, 'mp-weixin');
const files = (folder) => readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((name) => statSync(name).isFile());
const faults = [];

if (existsSync(H5)) {
  const scripts = files(join(H5, 'assets')).filter((name) => name.endsWith('.js'));
  // All of it, pages to come included: what the first page loads can only be less.
  const kb = scripts.reduce((sum, name) => sum + gzipSync(readFileSync(name)).length, 0) / 1024;
  console.log(`H5: ${kb.toFixed(0)} KB of gzipped script, all pages`);
  if (kb > 200) faults.push('H5 is heavier than 200 KB');
  for (const name of files(H5).filter((one) => /\.(css|html)$/.test(one))) {
    const text = readFileSync(name, 'utf8');
    if (/url\(\s*["']?(https?:)?\/\//.test(text) || /(src|href)="(https?:)?\/\//.test(text)) faults.push(`${name} names another host`);
    if (name.endsWith('.html') && /<script(?![^>]*src=)|<style/.test(text)) faults.push(`${name} has inline script or style`);
  }
}
if (existsSync(MP)) {
  const kb = files(MP).reduce((sum, name) => sum + statSync(name).size, 0) / 1024;
  console.log(`mini-program: ${kb.toFixed(0)} KB`);
  if (kb > 1536) faults.push('the mini-program is heavier than 1.5 MB');
}
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);
