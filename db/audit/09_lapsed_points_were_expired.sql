-- What lots say has lapsed is what was booked as expired.
WITH lapsed AS (SELECT member_id, wallet, sum(lapsed) AS points FROM ledger_lot GROUP BY member_id, wallet),
booked AS (
    SELECT member_id, wallet, sum(points) AS points FROM ledger_movement WHERE kind = 'expire' GROUP BY member_id, wallet
)
SELECT member_id, wallet, l.points AS lapsed, b.points AS booked
FROM lapsed l FULL JOIN booked b USING (member_id, wallet)
WHERE coalesce(l.points, 0) <> coalesce(b.points, 0)
