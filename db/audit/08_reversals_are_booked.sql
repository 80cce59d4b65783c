-- What grants say was taken back after settlement is what the ledger took back: from lots, or as debt, less what was restored.
WITH reversed AS (
    SELECT member_id, wallet, sum(reversed) AS points FROM ledger_grant GROUP BY member_id, wallet
), booked AS (
    SELECT member_id, wallet, sum(CASE WHEN to_account = 'reversed' THEN points ELSE -points END) AS points
    FROM ledger_movement WHERE kind = 'reverse' GROUP BY member_id, wallet
)
SELECT member_id, wallet, r.points AS reversed, b.points AS booked
FROM reversed r FULL JOIN booked b USING (member_id, wallet)
WHERE coalesce(r.points, 0) <> coalesce(b.points, 0)
