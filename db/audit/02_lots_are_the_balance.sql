-- What remains in a member's lots is what is available: no lot may go missing, none may be made of nothing.
WITH lots AS (SELECT member_id, wallet, sum(remaining) AS remaining FROM ledger_lot GROUP BY member_id, wallet)
SELECT member_id, wallet, b.available, l.remaining
FROM ledger_balance b FULL JOIN lots l USING (member_id, wallet)
WHERE coalesce(b.available, 0) <> coalesce(l.remaining, 0)
