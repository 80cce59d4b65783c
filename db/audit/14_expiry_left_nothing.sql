-- No points are left in a lot whose expiry has been, unless the next one is told of them.
SELECT l.member_id, l.wallet, l.expires_on, l.funder, l.remaining FROM ledger_lot l
WHERE l.remaining > 0
  AND l.expires_on <= (SELECT max(run_on) FROM ledger_run WHERE kind = 'expire' AND finished_at IS NOT NULL)
  AND NOT EXISTS (
      SELECT FROM ledger_late_lot t
      WHERE t.member_id = l.member_id AND t.wallet = l.wallet AND t.expires_on = l.expires_on
  )
