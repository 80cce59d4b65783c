-- Each pickup code is that of its order, and each order that can be collected has one (a coupon comes by itself).
SELECT o.member_id, o.order_id, o.state, o.code, c.code AS kept
FROM mall_order o FULL JOIN mall_code c USING (member_id, order_id)
WHERE o.code IS DISTINCT FROM c.code
   OR (o.state IN ('paid', 'ready') AND o.code IS NULL)
