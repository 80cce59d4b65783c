-- A correction's line that is done moved exactly its points (none, where it lowered a promise); no other line moved any.
WITH moved AS (
    SELECT member_id, wallet, key, sum(CASE WHEN to_account = 'available' THEN points ELSE -points END) AS points
    FROM ledger_movement WHERE key LIKE 'correction:%' AND kind IN ('adjust', 'reverse')
    GROUP BY member_id, wallet, key
)
SELECT l.correction_id, l.no, l.state, l.points, m.key, m.points AS moved
FROM corrections_line l FULL JOIN moved m
  ON m.member_id = l.member_id AND m.wallet = l.wallet AND m.key = 'correction:' || l.correction_id || ':' || l.no
WHERE l.no IS NULL
   OR coalesce(m.points, 0)
      <> CASE WHEN l.state = 'done' AND NOT coalesce((l.trace ->> 'pending')::boolean, false) THEN l.points ELSE 0 END
