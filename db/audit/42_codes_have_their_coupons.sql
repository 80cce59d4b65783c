-- A code for one member, once claimed, is the cause of that member's coupon of its template.
SELECT k.code, k.template_id, k.member_id, k.coupon_id FROM coupons_code k
LEFT JOIN coupons_coupon c ON (c.member_id, c.coupon_id) = (k.member_id, k.coupon_id)
WHERE k.member_id IS NOT NULL
  AND (c.template_id, c.cause) IS DISTINCT FROM (k.template_id, 'code:' || k.code)
