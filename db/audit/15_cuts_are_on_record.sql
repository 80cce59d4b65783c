-- What caps took away from a grant is on record, cut by cut, and nothing was cut that had been promised otherwise.
WITH recorded AS (SELECT member_id, key, sum(cut_points) AS points FROM screening_cut GROUP BY member_id, key)
SELECT member_id, key, g.promised, g.points, g.cut, r.points AS recorded
FROM ledger_grant g FULL JOIN recorded r USING (member_id, key)
WHERE coalesce(g.cut, 0) <> coalesce(r.points, 0) OR g.points + g.cut > g.promised
