// The sample API, and the H5 build at /m/ under the real Content-Security-Policy: `npm run dev:api`, then open
// http://127.0.0.1:8105/m/#/pages/enter/enter?token=lm_sample. What it does can be turned while it runs, by
// POST /dev {"offline", "expired", "delay_ms", "long", "empty", "arrive": 36, "reset": true}.
import { createReadStream, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { answer, balanceOf, TOKEN, world } from './answers.mjs';

const PORT = Number(process.env.PORT ?? 8105);
const BUILT = process.env.UNI_OUTPUT_DIR ?? fileURLToPath(new URL('../dist/build/h5', import.meta.url));
const CSP =
  "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

let state = world();
let turned = {};
const listeners = new Set();
const tell = () => listeners.forEach((response) => response.write(`event: balance\ndata: ${JSON.stringify(balanceOf(state))}\n\n`));

function turn(wish) {
  if (wish.reset) {
    state = world({ tokens: new Set([TOKEN, 'lm_second']) });
    turned = {};
  }
  Object.assign(turned, wish);
  if (wish.expired !== undefined) state.tokens = new Set(wish.expired ? [] : [TOKEN, 'lm_second']);
  if (wish.long) state.me = { ...state.me, nickname: '👩‍🌾翠苑三区七幢二单元的欧阳阿依古丽·买买提明 <script>alert(1)</script> 🍅🥬🧄' };
  if (wish.empty) Object.assign(state, { available: 0, pending: [], expiring: [], lines: [], messages: [], hints: [], checked: new Set(), shelf: [], mallOrders: [], coupons: [], campaigns: [], draws: [], deductions: [] });
  if (wish.arrive) state.available += wish.arrive;
  tell();
}

function file(path, response) {
  const inside = normalize(path.replace(/^\/m\/?/, '') || 'index.html');
  const found = join(BUILT, inside);
  if (inside.startsWith('..') || !existsSync(found)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': TYPES[extname(found)] ?? 'application/octet-stream', 'content-security-policy': CSP });
  return createReadStream(found).pipe(response);
}

async function bodyOf(request) {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : {};
}

createServer(async (request, response) => {
  const path = request.url ?? '/';
  const send = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(body === null ? undefined : JSON.stringify(body));
  if (path === '/dev') return turn(await bodyOf(request)), send(200, turned);
  if (path.startsWith('/m')) return file(path.split('?')[0], response);
  const token = (request.headers.authorization ?? '').replace('Bearer ', '');
  if (turned.offline) return request.socket.destroy();
  if (turned.down) return send(503, { status: 503, code: 'database_unavailable', title: '', detail: '' });
  if (path === '/v1/me/live') {
    if (turned.no_stream || !state.tokens.has(token)) return send(turned.no_stream ? 404 : 401, {});
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
    return tell();
  }
  const body = await bodyOf(request);
  await new Promise((done) => setTimeout(done, turned.delay_ms ?? 0));
  const { status, body: told } = answer(state, { method: request.method, path, token, body, key: request.headers['idempotency-key'] });
  send(status, told);
  if (request.method === 'POST') tell();
}).listen(PORT, '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT}/m/#/pages/enter/enter?token=${TOKEN}`));
