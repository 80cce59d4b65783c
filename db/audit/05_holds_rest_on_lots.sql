-- The lots behind a hold cover exactly what it reserves, or what was captured of it and not given back.
WITH uses AS (
    SELECT member_id, wallet, use_key, sum(points - returned) AS used FROM ledger_lot_use
    WHERE use_key LIKE 'hold:%' GROUP BY member_id, wallet, use_key
)
SELECT h.member_id, h.hold_id, h.state, h.points, h.captured, h.refunded, u.used
FROM ledger_hold h LEFT JOIN uses u ON u.member_id = h.member_id AND u.wallet = h.wallet
                                   AND u.use_key = 'hold:' || h.hold_id
WHERE coalesce(u.used, 0) <> CASE h.state WHEN 'held' THEN h.points ELSE h.captured - h.refunded END
