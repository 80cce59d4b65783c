-- A statement runs without a gap, and each line tells what was available after it.
WITH lines AS (
    SELECT member_id, wallet, seq, available_after,
           row_number() OVER w AS place,
           sum(CASE WHEN to_account = 'available' THEN points WHEN from_account = 'available' THEN -points ELSE 0 END)
               OVER w AS available
    FROM ledger_movement WINDOW w AS (PARTITION BY member_id, wallet ORDER BY seq)
)
SELECT member_id, wallet, seq, place, available_after, available FROM lines
WHERE seq <> place OR available_after <> available
