-- Of a grant that stands for nothing any more, nothing is left.
SELECT member_id, key, state, points, reversed FROM ledger_grant
WHERE claim = '' AND (state <> 'settled' OR reversed <> points)
