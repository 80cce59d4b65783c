-- An order in force has its cash, one that is not has it on its way back, and never more goes back than came in.
WITH back AS (
    SELECT out_trade_no, sum(fen) AS fen FROM payments_refund GROUP BY out_trade_no
)
SELECT p.member_id, p.order_id, o.state, p.state AS payment, p.fen, o.price_fen, p.refunded_fen, b.fen AS back_fen
FROM payments_payment p
LEFT JOIN mall_order o USING (member_id, order_id)
LEFT JOIN back b USING (out_trade_no)
WHERE o.order_id IS NULL OR o.price_fen <> p.fen
   OR p.refunded_fen <> coalesce(b.fen, 0) OR p.refunded_fen > p.fen
   OR (o.state IN ('paid', 'ready', 'collected') AND (p.state <> 'paid' OR p.refunded_fen <> 0))
   OR (o.state IN ('cancelled', 'refunded', 'expired') AND p.state = 'paid' AND p.refunded_fen <> p.fen)
   OR (o.state IN ('held', 'refunded') AND (p.state = 'paid') <> (o.state = 'refunded'))
UNION ALL
SELECT o.member_id, o.order_id, o.state, NULL, NULL, o.price_fen, NULL, NULL
FROM mall_order o LEFT JOIN payments_payment p USING (member_id, order_id)
WHERE (o.price_fen > 0) <> (p.order_id IS NOT NULL)
