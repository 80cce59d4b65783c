-- An order that is too small to count has earned its member nothing, and is not their first.
SELECT g.member_id, g.key, g.points, g.reversed FROM earning_order o
JOIN ledger_grant g ON g.member_id = o.member_id AND g.order_id = o.order_id
WHERE o.more ->> (CASE WHEN o.paid_on IS NULL THEN 'completed_small' ELSE 'paid_small' END) = 'true'
  AND g.points > g.reversed AND g.event_type IN ('order.paid', 'order.completed', 'share.converted')
  AND g.key !~ '(^|:)share:'  -- the order of a sharer's reward is the friend's, whatever the sharer's own is called
UNION ALL
SELECT g.member_id, g.key, g.points, g.reversed FROM earning_order o
CROSS JOIN LATERAL json_array_elements(o.more::json -> 'claims') AS c
JOIN ledger_grant g ON g.member_id = c ->> 'member_id' AND g.order_id = o.order_id
  AND (g.key = c ->> 'key' OR g.key LIKE 'again:%:' || (c ->> 'key'))
WHERE o.more ->> (CASE WHEN o.paid_on IS NULL THEN 'completed_small' ELSE 'paid_small' END) = 'true'
  AND g.points > g.reversed AND g.key ~ '(^|:)share:'
UNION ALL
SELECT o.member_id, o.order_id, 0, 0 FROM earning_order o
JOIN earning_member m ON m.member_id = o.member_id AND m.facts #>> '{first_order,order_id}' = o.order_id
WHERE o.more ->> (CASE WHEN o.paid_on IS NULL THEN 'completed_small' ELSE 'paid_small' END) = 'true'
