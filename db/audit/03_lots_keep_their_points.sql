-- Points of a lot are still there, have lapsed, or are accounted for by a use.
WITH uses AS (
    SELECT member_id, wallet, expires_on, funder, sum(points - returned) AS used
    FROM ledger_lot_use GROUP BY member_id, wallet, expires_on, funder
)
SELECT member_id, wallet, expires_on, funder, l.points, l.remaining, l.lapsed, u.used
FROM ledger_lot l FULL JOIN uses u USING (member_id, wallet, expires_on, funder)
WHERE coalesce(l.points, 0) <> coalesce(l.remaining, 0) + coalesce(l.lapsed, 0) + coalesce(u.used, 0)
