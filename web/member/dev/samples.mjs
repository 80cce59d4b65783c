// What a household's points look like: kinds of lines, hints, messages and rules, recorded from the contract.
export const BASE_LINES = [
  { kind: 'settle', points: 38, order: true, title: { zh: '下单积分', en: 'Points for orders' } },
  { kind: 'settle', points: 10, title: { zh: '每日签到', en: 'Daily check-in' } },
  { kind: 'spend', points: -120, order: true, title: { zh: '积分抵扣', en: 'Paid with points' } },
  { kind: 'settle', points: 50, title: { zh: '连续签到7天', en: 'Seven check-in days in a row' } },
  { kind: 'settle', points: 100, title: { zh: '成功邀请新用户', en: 'Invited a new member' } },
  { kind: 'refund', points: 24, order: true, title: { zh: '退款退回积分', en: 'Points back from a refund' } },
  { kind: 'expire', points: -15, title: { zh: '积分过期', en: 'Points expired' } },
  { kind: 'settle', points: 76, order: true, title: { zh: '周末生鲜双倍', en: 'Double points for fresh food at weekends' } },
  { kind: 'adjust', points: 20, title: { zh: '客服调整', en: 'Adjusted by our service' } },
  { kind: 'reverse', points: -12, order: true, title: { zh: '退货扣回积分', en: 'Taken back for a return' } },
];

export const SENTENCES = {
  'Points for orders': { rule: 'base', type: 'order.paid', sentence: { zh: '下单实付每满 1 元得 1 分，不足 1 元不计，次日到账。', en: '1 point for each full ¥1 paid for an order, credited on the next day.' } },
  'Daily check-in': { rule: 'check_in', type: 'check_in', sentence: { zh: '每天第一次签到得 10 分，次日到账。', en: '10 points for the first check-in of a day, credited on the next day.' } },
  'Seven check-in days in a row': { rule: 'check_in_streak', type: 'check_in', sentence: { zh: '连续签到每满 7 天得 50 分，次日到账。', en: '50 points for every 7 check-in days in a row, credited on the next day.' } },
  'Invited a new member': { rule: 'invitation', type: 'order.completed', sentence: { zh: '您邀请的邻居完成第一单，您得 100 分。', en: '100 points when a neighbour whom you invited completes a first order.' } },
  'Double points for fresh food at weekends': { rule: 'weekend_fresh', type: 'order.paid', sentence: { zh: '周六、周日买生鲜，在下单积分之上再得一倍。', en: 'Fresh food on Saturdays and Sundays earns the points for orders once more.' } },
};

export const HINTS = [
  { code: 'check_in', points: 10, remaining: null, unit: null, rule: 'check_in', action: 'check_in', text: { zh: '今天签到，再有 2 天就连续 7 天', en: 'Check in today: 2 more days make 7 in a row' } },
  { code: 'goal', points: 200, remaining: 4260, unit: 'fen', rule: 'monthly_goal', action: 'shop', text: { zh: '本月再买 ¥42.60 就达成月度目标', en: '¥42.60 more this month reaches the monthly goal' } },
  { code: 'invitation', points: 100, remaining: null, unit: null, rule: 'invitation', action: 'invite', text: { zh: '邀请一位邻居完成第一单', en: 'Invite a neighbour to a first order' } },
];

const at = (day, hour) => `2026-11-${day}T${hour}:05:00Z`;
export const MESSAGES = [
  { message_id: 'm9', kind: 'settled', at: at(22, '01'), points: 88, params: { on: '2026-11-22' }, title: { zh: '88 分到账了', en: '88 points have arrived' }, text: { zh: '昨天买菜和签到得到的 88 分已经可以用了。', en: 'The 88 points of yesterday’s orders and check-in can be used now.' }, read: false },
  { message_id: 'm8', kind: 'expiring', at: at(19, '02'), points: 320, params: { on: '2026-12-04' }, title: { zh: '您有 320 积分即将过期', en: '320 points are about to expire' }, text: { zh: '12月4日起不能再用，先买点喜欢的吧。', en: 'They can no longer be used from 4 December.' }, read: false },
  { message_id: 'm7', kind: 'refunded', at: at(17, '09'), points: 24, params: {}, title: { zh: '退回 24 分', en: '24 points came back' }, text: { zh: '订单 20261116-0318 退款，抵扣的积分回到了原来的批次。', en: 'Order 20261116-0318 was refunded; the points went back to where they came from.' }, read: true },
  { message_id: 'm6', kind: 'adjusted', at: at(12, '07'), points: 20, params: {}, title: { zh: '客服为您补了 20 分', en: 'Our service added 20 points' }, text: { zh: '原因：少记了一次评价。', en: 'Reason: a review had not been counted.' }, read: true },
  { message_id: 'm5', kind: 'reversed', at: at(10, '03'), points: 12, params: {}, title: { zh: '扣回 12 分', en: '12 points were taken back' }, text: { zh: '订单 20261108-0314 退货，对应的积分按比例扣回。', en: 'Order 20261108-0314 was returned; its points were taken back pro rata.' }, read: true },
  { message_id: 'm4', kind: 'expired', at: at('01', '01'), points: 15, params: {}, title: { zh: '15 分已过期', en: '15 points have expired' }, text: { zh: '去年 11 月得到的 15 分满 12 个月没有用完。', en: '15 points earned last November were not used within 12 months.' }, read: true },
];

export const RULES = {
  title: { zh: '邻里分', en: 'Neighbour points' },
  sections: [
    { rule: 'base', kind: 'per_amount', name: { zh: '下单积分', en: 'Points for orders' }, sentence: SENTENCES['Points for orders'].sentence },
    { rule: 'weekend_fresh', kind: 'multiplier', name: { zh: '周末生鲜双倍', en: 'Double points for fresh food at weekends' }, sentence: SENTENCES['Double points for fresh food at weekends'].sentence },
    { rule: 'check_in_streak', kind: 'streak', name: { zh: '连续签到7天', en: 'Seven check-in days in a row' }, sentence: SENTENCES['Seven check-in days in a row'].sentence },
    { rule: 'invitation', kind: 'invitation', name: { zh: '成功邀请新用户', en: 'Invited a new member' }, sentence: SENTENCES['Invited a new member'].sentence },
    { rule: 'picture_review', kind: 'fixed', name: { zh: '带图评价', en: 'Review with picture' }, sentence: { zh: '每写一条带图评价得 10 分，次日到账。', en: '10 points for each review with a picture, credited on the next day.' } },
    { rule: 'monthly_goal', kind: 'goal', name: { zh: '月度目标', en: 'Monthly goal' }, sentence: { zh: '一个月内实付满 300 元，得 200 分。', en: '200 points when ¥300 have been paid within a month.' } },
  ],
};

const AT = '2026-11-22T02:10:00Z';
export const ORDER = {
  order_id: '', paid_fen: 3680, given_back_fen: 880, paid_on: '2026-11-22', completed_on: '2026-11-22',
  events: [
    { type: 'order.paid', at: AT, outcome: 'accepted' },
    { type: 'order.completed', at: '2026-11-22T09:30:00Z', outcome: 'accepted' },
    { type: 'order.refunded', at: '2026-11-22T11:00:00Z', outcome: 'accepted' },
  ],
  granted: [
    { rule: 'base', name: { zh: '下单积分', en: 'Points for orders' }, sentence: { zh: '下单实付每满 1 元得 1 分，不足 1 元不计，次日到账。', en: '1 point for each full ¥1 paid for an order, credited on the next day.' }, points: 28, promised: 36, reversed: 0, state: 'pending', settle_on: '2026-11-23', awaits: null, cut_points: 0 },
    { rule: 'first_group', name: { zh: '首次开团', en: 'First group opened' }, sentence: { zh: '第一次开团得 50 分，成团后到账。', en: '50 points for opening a group for the first time, once it has formed.' }, points: 50, promised: 50, reversed: 0, state: 'pending', settle_on: null, awaits: 'formed', cut_points: 0 },
  ],
  not_granted: [
    { rule: 'weekend', name: { zh: '周末生鲜双倍', en: 'Double points for fresh food at weekends' }, reason: 'no_lines', text: { zh: '这一单没有生鲜。', en: 'There was no fresh food in this order.' } },
    { rule: 'goal', name: { zh: '月度目标', en: 'Goal of the month' }, reason: 'goal_not_reached', text: { zh: '本月还差 8 元。', en: '¥8 are missing this month.' } },
  ],
  text: { zh: '这一单实付 36.80 元，退了 8.80 元，共得 78 积分。', en: '¥36.80 were paid, ¥8.80 given back; it brought 78 points.' },
};

export const FRIENDS = [
  { nickname: '小雨', avatar: 'face-3', joined_on: '2026-11-20', state: 'joined', points: 0, reason: null, text: null },
  { nickname: '王师傅', avatar: 'face-8', joined_on: '2026-11-18', state: 'ordered', points: 100, reason: null, text: null },
  { nickname: null, avatar: null, joined_on: '2026-11-02', state: 'rewarded', points: 100, reason: null, text: null },
  { nickname: '阿梅', avatar: 'face-5', joined_on: '2026-10-12', state: 'refused', points: 0, reason: 'taken_back', text: { zh: '首单已退款，奖励已收回', en: 'Their first order was refunded, so the reward was taken back' } },
];
