-- A deduction's points are those of its hold or its spending, in the same state, and as much of them came back.
SELECT d.member_id, d.deduction_id, d.state, d.points, d.refunded_points,
       h.state AS hold_state, h.points AS hold_points, h.captured, h.refunded
FROM deductions_deduction d
LEFT JOIN ledger_hold h USING (member_id, hold_id)
WHERE d.hold_id IS NOT NULL
  AND (h.hold_id IS NULL OR h.wallet <> 'points' OR h.points <> d.points OR h.lapses_at <> d.lapses_at
       OR h.captured <> CASE d.state WHEN 'captured' THEN d.points ELSE 0 END OR h.refunded <> d.refunded_points
       OR NOT (h.state = d.state OR d.state = 'held' AND h.state = 'released'))
UNION ALL
SELECT d.member_id, d.deduction_id, d.state, d.points, d.refunded_points, NULL, u.points, u.points, u.returned
FROM deductions_deduction d
LEFT JOIN LATERAL (
    SELECT sum(points)::bigint AS points, sum(returned)::bigint AS returned FROM ledger_lot_use u
    WHERE u.member_id = d.member_id AND u.wallet = 'points' AND u.use_key = 'spend:deduct:' || d.deduction_id
) u ON true
WHERE d.hold_id IS NULL AND (u.points, u.returned) IS DISTINCT FROM (d.points, d.refunded_points)
