-- What is held is what the open holds reserve.
WITH holds AS (
    SELECT member_id, wallet, sum(points) AS points FROM ledger_hold WHERE state = 'held' GROUP BY member_id, wallet
)
SELECT member_id, wallet, b.held, h.points
FROM ledger_balance b FULL JOIN holds h USING (member_id, wallet)
WHERE coalesce(b.held, 0) <> coalesce(h.points, 0)
