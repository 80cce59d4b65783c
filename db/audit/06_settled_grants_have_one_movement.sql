-- Each settled grant was credited once, with the points that it then had; a pending one was not credited.
WITH credits AS (
    SELECT member_id, wallet, key, count(*) AS times, sum(points) AS points
    FROM ledger_movement WHERE kind = 'settle' GROUP BY member_id, wallet, key
)
SELECT coalesce(g.member_id, c.member_id) AS member_id, coalesce(g.key, c.key) AS key, g.state, g.points,
       c.points AS credited, c.times
FROM ledger_grant g FULL JOIN credits c ON c.member_id = g.member_id AND c.wallet = g.wallet AND c.key = g.key
WHERE g.key IS NULL
   OR (g.state = 'pending' AND c.key IS NOT NULL)
   OR (g.state = 'settled' AND (coalesce(c.points, 0) <> g.points OR coalesce(c.times, 0) > 1))
