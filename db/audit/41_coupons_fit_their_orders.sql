-- A coupon is locked or used for the order that its use names; its lines add up, none above its price, none above its worth.
SELECT c.member_id, c.coupon_id, c.state, c.order_id, u.state AS use_state, c.discount_fen, u.discount_fen AS of_use
FROM coupons_coupon c FULL JOIN (SELECT * FROM coupons_use WHERE state <> 'returned') u
     ON (u.member_id, u.coupon_id, u.order_id) = (c.member_id, c.coupon_id, c.order_id)
WHERE (c.order_id IS NOT NULL OR u.order_id IS NOT NULL)
  AND (c.state, c.discount_fen) IS DISTINCT FROM (u.state, u.discount_fen)
UNION ALL
SELECT u.member_id, u.coupon_id, u.state, u.order_id, NULL, u.discount_fen, l.fen
FROM coupons_use u JOIN coupons_coupon c USING (member_id, coupon_id) JOIN coupons_template t USING (template_id),
     LATERAL (SELECT sum((line ->> 'discount_fen')::bigint) AS fen,
                     bool_and((line ->> 'discount_fen')::bigint BETWEEN 0 AND (line ->> 'price_fen')::bigint) AS fits
              FROM json_array_elements(u.lines) AS line) l
WHERE l.fen <> u.discount_fen OR NOT l.fits OR u.discount_fen > t.worth_fen
