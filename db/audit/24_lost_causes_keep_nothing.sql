-- An order of which nothing is left, and a group that failed, have earned nobody anything.
SELECT g.member_id, g.key, g.points, g.reversed FROM earning_order o
JOIN ledger_grant g ON g.member_id = o.member_id AND g.order_id = o.order_id
WHERE o.more ->> 'void' = 'true' AND g.points > g.reversed
  AND g.source <> 'linli' AND g.event_type IN ('order.paid', 'order.completed')
UNION ALL
SELECT g.member_id, g.key, g.points, g.reversed FROM earning_group f
JOIN earning_group_part p USING (group_id)
JOIN ledger_grant g ON g.member_id = p.member_id
WHERE f.failed_at IS NOT NULL AND p.claims IS NOT NULL AND g.points > g.reversed
  AND p.cause = 'event:' || g.source || ':' || g.event_id
