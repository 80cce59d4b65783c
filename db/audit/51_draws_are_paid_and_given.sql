-- Each draw was paid for once and brought what it says: points, coupon or order; none of these is without its draw.
WITH paid AS (
    SELECT member_id, key, count(*) AS times, sum(points) AS points FROM ledger_movement
    WHERE kind = 'spend' AND key LIKE 'lottery:%' GROUP BY member_id, key
), brought AS (
    SELECT d.member_id, d.draw_id, 'lottery:' || d.draw_id AS cause, d.points_spent, d.coupon_id, d.mall_order_id,
           d.settle_on, p.kind, p.points
    FROM lottery_draw d JOIN lottery_prize p USING (campaign_id, prize_id)
)
SELECT coalesce(b.member_id, s.member_id) AS member_id, coalesce(b.cause, s.key) AS cause, 'points spent' AS what
FROM brought b FULL JOIN paid s ON s.member_id = b.member_id AND s.key = b.cause
WHERE b.draw_id IS NULL OR coalesce(s.points, 0) <> b.points_spent OR s.times > 1
UNION ALL
SELECT coalesce(b.member_id, g.member_id), coalesce(b.cause, g.key), 'points won'
FROM (SELECT * FROM brought WHERE kind = 'points') b
FULL JOIN (SELECT * FROM ledger_grant WHERE event_type = 'lottery.drawn') g
     ON g.member_id = b.member_id AND g.key = b.cause
WHERE b.draw_id IS NULL OR g.key IS NULL OR g.promised <> b.points OR b.settle_on IS NULL
UNION ALL
SELECT coalesce(b.member_id, c.member_id), coalesce(b.cause, c.cause), 'coupon'
FROM (SELECT * FROM brought WHERE kind = 'coupon') b
FULL JOIN (SELECT * FROM coupons_coupon WHERE source = 'lottery') c
     ON c.member_id = b.member_id AND c.cause = b.cause
WHERE b.draw_id IS NULL OR c.coupon_id IS NULL OR c.coupon_id::text <> b.coupon_id
UNION ALL
SELECT coalesce(b.member_id, o.member_id), coalesce(b.cause, o.cause), 'order'
FROM (SELECT * FROM brought WHERE kind = 'goods') b
FULL JOIN (SELECT * FROM mall_order WHERE cause LIKE 'lottery:%') o
     ON o.member_id = b.member_id AND o.cause = b.cause
WHERE b.draw_id IS NULL OR o.order_id IS NULL OR o.order_id::text <> b.mall_order_id OR o.points + o.price_fen > 0
