-- A balance is what its movements add up to: available, held and debt, and its version their number.
WITH flow AS (
    SELECT member_id, wallet, count(*) AS movements, max(seq) AS last_seq,
           sum(CASE WHEN to_account = 'available' THEN points WHEN from_account = 'available' THEN -points ELSE 0 END)
               AS available,
           sum(CASE WHEN to_account = 'held' THEN points WHEN from_account = 'held' THEN -points ELSE 0 END) AS held,
           sum(CASE WHEN from_account = 'owed' THEN points WHEN to_account = 'owed' THEN -points ELSE 0 END) AS debt
    FROM ledger_movement GROUP BY member_id, wallet
)
SELECT member_id, wallet, b.available, f.available AS moved_available, b.held, f.held AS moved_held, b.debt,
       f.debt AS moved_debt, b.version, f.movements
FROM ledger_balance b FULL JOIN flow f USING (member_id, wallet)
WHERE coalesce(b.available, 0) <> coalesce(f.available, 0) OR coalesce(b.held, 0) <> coalesce(f.held, 0)
   OR coalesce(b.debt, 0) <> coalesce(f.debt, 0) OR coalesce(b.version, 0) <> coalesce(f.movements, 0)
   OR coalesce(f.last_seq, 0) <> coalesce(f.movements, 0)
