-- An order of the mall that is paid for has spent its points, one that was given back none; no other points were.
WITH moved AS (
    SELECT member_id, wallet, order_id,
           sum(CASE WHEN to_account = 'redeemed' THEN points WHEN from_account = 'redeemed' THEN -points ELSE 0 END)
               AS spent
    FROM ledger_movement WHERE order_id ~ '^mall:[0-9a-f-]{36}$' GROUP BY member_id, wallet, order_id
)
SELECT o.member_id, o.order_id, o.state, o.points, m.order_id AS movement_of, m.spent
FROM mall_order o FULL JOIN moved m
  ON m.member_id = o.member_id AND m.wallet = o.wallet AND m.order_id = 'mall:' || o.order_id
WHERE o.order_id IS NULL
   OR coalesce(m.spent, 0) <> CASE WHEN o.state IN ('paid', 'ready', 'collected') THEN o.points ELSE 0 END
