-- A promise that waits for a milestone has its date once that is reached.
SELECT g.member_id, g.key, g.awaits, g.settle_on FROM ledger_grant g
LEFT JOIN earning_order o ON g.awaits ~ '^[a-z_]+:order:' AND o.member_id = g.member_id
                         AND o.order_id = substring(g.awaits FROM ':order:(.*)$')
LEFT JOIN earning_group f ON g.awaits LIKE 'formed:%' AND f.group_id = substring(g.awaits FROM ':(.*)$')
WHERE g.awaits IS NOT NULL AND g.settle_on = '9999-12-31'
  AND (o.completed_on IS NOT NULL OR f.formed_on IS NOT NULL)
