-- The lines of a deduction add up to it, what came back of them too, by the part of their price that came back; and
-- their funders bear all of it.
SELECT d.member_id, d.deduction_id, d.points, d.deduct_fen, d.refunded_points, d.refunded_fen,
       l.points AS line_points, l.fen AS line_fen
FROM deductions_deduction d
LEFT JOIN LATERAL (
    SELECT sum(points)::bigint AS points, sum(deduct_fen)::bigint AS fen, sum(refunded_points)::bigint AS back_points,
           sum(refunded_fen)::bigint AS back_fen
    FROM deductions_line l WHERE l.member_id = d.member_id AND l.deduction_id = d.deduction_id
) l ON true
WHERE (l.points, l.fen, l.back_points, l.back_fen)
    IS DISTINCT FROM (d.points, d.deduct_fen, d.refunded_points, d.refunded_fen)
UNION ALL
SELECT l.member_id, l.deduction_id, l.points, l.deduct_fen, l.refunded_points, l.refunded_fen, l.no, l.price_fen
FROM deductions_line l
WHERE (l.refunded_points, l.refunded_fen)
      <> (l.points * l.refunded_price_fen / greatest(l.price_fen, 1),
          l.deduct_fen * l.refunded_price_fen / greatest(l.price_fen, 1))
   OR l.funders IS NOT NULL
  AND l.deduct_fen <> (SELECT coalesce(sum(value::bigint), 0) FROM json_each_text(l.funders))
