-- What a rule promises once is held by one grant at the most, credited or not.
SELECT member_id, coalesce(claim, key) AS claim, count(*) AS holders FROM ledger_grant
WHERE claim IS DISTINCT FROM '' GROUP BY member_id, coalesce(claim, key) HAVING count(*) > 1
