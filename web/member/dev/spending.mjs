// Sample answers of what points are spent on: the mall, coupons, the lottery, deduction. As simple as can be: prices are
// taken and given back, everything else is told as it stands.
import { createHash, createHmac } from 'node:crypto';

const PICTURE = null;
const plain = { summary: null, description: null, pictures: [], wallet: 'points', price_fen: 0, sourcing: 'standard', best_before: null, listed_from: null, listed_until: null, tiers: null, limits: [], cancel_until: 'ready', left: null, mine_left: null, kind: 'goods' };
const SHELF = [
  { item_id: 'i-tissue', title: { zh: '原木抽纸 3 包', en: 'Three packs of tissues' }, category: 'daily', price_points: 100, price_fen: 200, worth_fen: 890, sourcing: 'sponsored', left: 86, limits: [{ per: 'month', pieces: 2 }], mine_left: 2, summary: { zh: '一家人用一周', en: 'A week for a household' }, description: { zh: '三层加厚，湿水不破。\n到团长处凭取货码领取。', en: 'Three layers, strong when wet.\nCollect it at your leader’s.' } },
  { item_id: 'i-coupon5', kind: 'coupon', title: { zh: '5 元无门槛券', en: '¥5 coupon' }, category: 'coupon', price_points: 500, worth_fen: 500 },
  { item_id: 'i-eggs', title: { zh: '土鸡蛋 10 枚', en: 'Ten farm eggs' }, category: 'food', price_points: 800, worth_fen: 1290, sourcing: 'near_expiry', best_before: '2026-12-03', left: 12 },
  { item_id: 'i-coupon8', kind: 'coupon', title: { zh: '满 30 减 8 券', en: '¥8 off ¥30' }, category: 'coupon', price_points: 1000, worth_fen: 800, limits: [{ per: 'day', pieces: 1 }], mine_left: 1 },
  { item_id: 'i-rice', title: { zh: '东北大米 5 斤', en: 'Rice, 2.5 kg' }, category: 'food', price_points: 1800, price_fen: 990, worth_fen: 2990, left: 40 },
  { item_id: 'i-soy', title: { zh: '零添加酱油', en: 'Soy sauce' }, category: 'food', price_points: 600, worth_fen: 1190, left: 0 },
  { item_id: 'i-mug', title: { zh: '品牌联名保温杯', en: 'Co-branded mug' }, category: 'home', price_points: 6800, worth_fen: 9900, left: 5 },
  { item_id: 'i-stand', kind: 'leader_material', wallet: 'team', title: { zh: '团长展架一套', en: 'A stand for leaders' }, category: 'leader', price_points: 300, worth_fen: 4500, left: 20 },
].map((one) => ({ ...plain, ...one }));

const coupon = (over) => ({
  coupon_id: 'c1', code: '7KXM4WQB9C2D', template_id: 't5', title: { zh: '5 元无门槛券', en: '¥5 coupon' }, off: { zh: '减5元', en: '¥5 off' }, condition: { zh: '无门槛', en: 'no minimum' }, member_id: 'u10086', state: 'issued', kind: 'amount', off_fen: 500, percent_off: null, most_off_fen: null, threshold_fen: 0, categories: null, cities: null,
  valid_from: '2026-11-20', valid_until: '2026-12-20', order_id: null, discount_fen: null, source: 'mall', issued_at: '2026-11-20T02:00:00Z', ...over,
});
const COUPONS = [
  coupon({}),
  coupon({ coupon_id: 'c2', title: { zh: '满 30 减 8', en: '¥8 off ¥30' }, off_fen: 800, threshold_fen: 3000, condition: { zh: '满30元可用', en: 'from ¥30' }, valid_until: '2026-11-25', source: 'birthday' }),
  coupon({ coupon_id: 'c3', title: { zh: '生鲜 85 折', en: '15% off fresh food' }, kind: 'percent', off_fen: null, percent_off: 15, most_off_fen: 1000, state: 'locked', source: 'lottery' }),
  coupon({ coupon_id: 'c4', state: 'used', order_id: '20261118-0300', discount_fen: 500 }),
  coupon({ coupon_id: 'c5', state: 'expired', valid_until: '2026-11-10', source: 'issue' }),
];

const prize = (prize_id, zh, en, kind, odds_ppm, left, over = {}) => ({ prize_id, name: { zh, en }, kind, odds_ppm, points: null, stock: left, left, picture: PICTURE, ...over });
export const SEED = '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f';
const CAMPAIGN = {
  campaign_id: '0197a5f0-0000-7000-8000-000000000001', title: { zh: '秋日好运九宫格', en: 'Autumn luck' }, rules: { zh: '每次 100 分，每天最多 3 次。\n奖品到团长处领取。', en: '100 points a draw, three a day.\nPrizes are collected at your leader’s.' }, price_points: 100, draws_a_day: 3, draws_a_member: null,
  starts_at: '2026-11-15T16:00:00Z', ends_at: '2026-11-30T15:59:00Z', state: 'published', seed_hash: createHash('sha256').update(Buffer.from(SEED, 'hex')).digest('hex'), terms_hash: 'a'.repeat(64), seed: null, minimum_prize_id: 'p5', guarantee_every: 10, draws: 1284,
  prizes: [
    prize('free', '免单券', 'Free order', 'coupon', 500, 3), prize('p5', '5 积分', '5 points', 'points', 300000, null, { points: 5 }), prize('gift', '品牌联名礼盒', 'Co-branded gift box', 'goods', 1500, 2), prize('p50', '50 积分', '50 points', 'points', 120000, null, { points: 50 }),
    prize('tissue', '原木抽纸', 'Tissues', 'goods', 28000, 40), prize('p20', '20 积分', '20 points', 'points', 250000, null, { points: 20 }), prize('c5', '5 元券', '¥5 coupon', 'coupon', 50000, 200), prize('none', '谢谢参与', 'Nothing this time', 'nothing', 250000, null),
  ],
};
const MEMBER = '5f0c1a2b3c4d5e6f708192a3b4c5d6e7';

const RATES = { high_margin: ['high_margin', '高毛利商品', 'High-margin goods', 100, 200], promotion: ['promotion', '促销商品', 'Goods on promotion', 50, 100], fresh: ['weekend_fresh', '周末生鲜', 'Fresh food at weekends', 50, 100] };

export function spending(today) {
  return { today, shelf: SHELF.map((one) => ({ ...one })), mallOrders: [], coupons: COUPONS.map((one) => ({ ...one })), campaigns: [{ ...CAMPAIGN, prizes: CAMPAIGN.prizes.map((one) => ({ ...one })) }], draws: [], deductions: [{ deduction_id: 'd1', order_id: '20261116-0318', state: 'captured', points: 1500, deduct_fen: 3000, refunded_points: 0, refunded_fen: 0, created_at: '2026-11-16T10:00:00Z' }], outcomes: new Map() };
}

function shown(state, item) {
  const obstacles = [];
  if (item.left === 0) obstacles.push({ code: 'stock_exhausted', text: { zh: '已经兑完了', en: 'All gone' } });
  if (item.mine_left === 0) obstacles.push({ code: 'item_limit_reached', text: { zh: '您已经兑到上限了', en: 'You have had as many as there are for one member' } });
  const short = item.price_points - (item.wallet === 'points' ? state.available : 0);
  if (short > 0) obstacles.push({ code: 'insufficient_points', text: { zh: `还差 ${short} 分`, en: `${short} points short` } });
  return { ...item, obstacles, affordable: !obstacles.length };
}

function order(state, body) {
  const item = state.shelf.find((one) => one.item_id === body.item_id);
  const points = item.price_points * body.pieces;
  const price_fen = item.price_fen * body.pieces;
  state.available -= points;
  if (item.left !== null) item.left -= body.pieces;
  if (item.mine_left !== null) item.mine_left -= body.pieces;
  const kept = price_fen ? 'held' : 'paid';
  const at = `${state.today}T03:00:00Z`;
  const payment = price_fen ? { state: 'unpaid', price_fen, refunded_fen: 0, params: { appId: 'wx1', timeStamp: '1', nonceStr: 'n', package: 'prepay_id=1', signType: 'RSA', paySign: 's' }, fake_pay_url: null } : null;
  const coupon_id = item.kind === 'coupon' ? 'c1' : null;
  const made = { order_id: `m${state.mallOrders.length + 1}`, member_id: 'u10086', item: { item_id: item.item_id, title: item.title, picture: null, kind: item.kind }, pieces: body.pieces, wallet: item.wallet, points, price_fen, state: kept, code: kept === 'paid' && !coupon_id ? '402817365501' : null, community_id: body.community_id ?? null, leader_id: null, coupon_id, pay_until: price_fen ? `${state.today}T03:15:00Z` : null, can_cancel: !coupon_id, payment, created_at: at, events: [{ state: kept, at, by: 'member' }] };
  state.mallOrders.unshift(made);
  return made;
}
function move(order, to) {
  order.state = to;
  order.can_cancel = false;
  order.code = to === 'paid' ? '402817365501' : null;
  order.events.push({ state: to, at: order.created_at, by: to === 'paid' ? 'system' : 'member' });
}

function draw(state, campaign, nonce) {
  const number = state.draws.length + 1;
  const bytes = createHmac('sha256', Buffer.from(SEED, 'hex')).update(['linli.lottery.v1', campaign.campaign_id, MEMBER, number, nonce, 0].join('\n')).digest();
  const ticket = bytes.readUIntBE(0, 6) % 1_000_000;
  let end = 0;
  const won = campaign.prizes.find((one) => (end += one.odds_ppm) > ticket);
  state.available -= campaign.price_points;
  const { prize_id, name, kind, points, picture } = won;
  const drawn = { draw_id: `d${number}`, campaign_id: campaign.campaign_id, seq: 1284 + number, member: MEMBER, number, nonce, ticket, drawn_id: prize_id, prize: { prize_id, name, kind, points, picture }, why: 'odds', points_spent: campaign.price_points, at: `${state.today}T04:00:00Z`, coupon_id: kind === 'coupon' ? 'c1' : null, mall_order_id: null, settle_on: kind === 'points' ? state.today : null };
  state.draws.unshift(drawn);
  return drawn;
}
const mine = (state, campaign) => ({ ...campaign, mine: { member: MEMBER, draws: state.draws.length, left_today: campaign.draws_a_day - state.draws.length, left: null } });

function quote(state, { lines, points }) {
  const told = lines.map((line) => {
    const [id, zh, en, rate, fen] = (line.tags ?? []).map((tag) => RATES[tag]).find(Boolean) ?? ['ordinary', '普通商品', 'Ordinary goods', 100, 100];
    return { line_id: line.line_id, sku: line.sku, price_fen: line.price_fen, points: 0, deduct_fen: 0, pay_fen: line.price_fen, cap_fen: Math.floor(line.price_fen * 0.3), rate: { id, name: { zh, en }, points: rate, fen }, reason: null };
  });
  const use = (budget) => {
    let left = budget;
    for (const line of [...told].sort((a, b) => b.rate.fen / b.rate.points - a.rate.fen / a.rate.points)) {
      line.deduct_fen = Math.min(line.cap_fen, Math.floor((left * line.rate.fen) / line.rate.points));
      line.points = Math.ceil((line.deduct_fen * line.rate.points) / line.rate.fen);
      line.pay_fen = line.price_fen - line.deduct_fen;
      line.reason = line.deduct_fen === line.cap_fen ? { code: 'line_cap', text: { zh: '已抵到这件商品的上限', en: 'As much as this item allows' } } : { code: 'points_used_up', text: { zh: '积分用完了', en: 'No points left' } };
      left -= line.points;
    }
    return { points: told.reduce((sum, one) => sum + one.points, 0), deduct_fen: told.reduce((sum, one) => sum + one.deduct_fen, 0) };
  };
  const most = use(state.available);
  const now = use(Math.min(points ?? most.points, state.available));
  return { available_points: state.available, ...now, most_points: most.points, most_fen: most.deduct_fen, cap_fen: told.reduce((sum, one) => sum + one.cap_fen, 0), min_points: 0, step_points: 1, arm: null, rates_version: 3, lines: told, suggestion: { zh: `用 ${most.points} 分最划算`, en: `${most.points} points are of use` } };
}

/** The answer, or nothing where it is no such call. */
export function spent(state, { method, pathname, query, body, key }, { ok, refuse, paged }) {
  const own = key && `${pathname}:${key}`;
  if (own && state.outcomes.has(own)) return state.outcomes.get(own);
  const once = (told) => (own && state.outcomes.set(own, told), told);
  const at = pathname.replace('/v1/me/', '').split('/');
  const of = (list, name, id) => list.find((one) => one[name] === decodeURIComponent(id ?? ''));
  const missing = refuse(404, 'not_found', '不存在');
  if (pathname === '/v1/me/mall/items') {
    const all = state.shelf.map((one) => shown(state, one));
    const chosen = all.filter((one) => (!query.get('category') || one.category === query.get('category')) && (query.get('affordable') !== 'true' || one.affordable));
    const categories = [...new Set(all.map((one) => one.category))].map((category) => ({ category, items: all.filter((one) => one.category === category).length }));
    return ok({ ...paged(chosen, query), categories, available: { points: state.available } });
  }
  if (pathname.startsWith('/v1/me/mall/items/')) {
    const found = of(state.shelf, 'item_id', at[2]);
    return found ? ok(shown(state, found)) : missing;
  }
  if (`${method} ${pathname}` === 'POST /v1/me/mall/orders') return once({ status: 201, body: order(state, body) });
  if (pathname === '/v1/me/mall/orders') return ok(paged(state.mallOrders.filter((one) => !query.get('state') || one.state === query.get('state')), query));
  if (pathname.startsWith('/v1/me/mall/orders/')) {
    const found = of(state.mallOrders, 'order_id', at[2]);
    if (!found) return missing;
    if (at[3] === 'cancel') {
      move(found, 'cancelled');
      state.available += found.points;
    } else if (method === 'GET' && state.payIsIn && found.state === 'held') move(found, 'paid');
    return ok(found);
  }
  if (`${method} ${pathname}` === 'POST /v1/me/coupons/claim') {
    if (!/^[A-Za-z0-9 -]+$/.test(body.code) || body.code.length < 6) return refuse(404, 'claim_code_not_found', '没有这个兑换码');
    const got = coupon({ coupon_id: `c${state.coupons.length + 1}`, source: 'claim' });
    state.coupons.unshift(got);
    return ok(got);
  }
  if (pathname === '/v1/me/coupons') return ok(paged(state.coupons.filter((one) => !query.get('state') || one.state === query.get('state')), query));
  if (pathname === '/v1/me/lottery/campaigns') return ok({ items: state.campaigns.map((one) => mine(state, one)), next_cursor: null });
  if (pathname.startsWith('/v1/me/lottery/campaigns/')) {
    const found = of(state.campaigns, 'campaign_id', at[2]);
    if (!found) return missing;
    if (at[3] !== 'draws') return ok(mine(state, found));
    if (state.draws.length >= found.draws_a_day) return refuse(409, 'lottery_draws_used_up', '今天抽完了');
    return once({ status: 201, body: draw(state, found, body.nonce) });
  }
  if (pathname === '/v1/me/lottery/draws') return ok(paged(state.draws, query));
  if (pathname === '/v1/me/deductions/quote') return ok(quote(state, body));
  if (pathname === '/v1/me/deductions') return ok(paged(state.deductions, query));
  return null;
}
