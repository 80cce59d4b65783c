"""SQL of the deductions room. A deduction is locked before grants and balances, by whoever closes or gives it back."""

_DEDUCTION = """member_id, deduction_id, order_id, state, points, deduct_fen, refunded_points, refunded_fen,
       bonus_points, hold_id, lapses_at, rates_version, arm, created_at"""

ADD = """
INSERT INTO deductions_deduction (member_id, deduction_id, order_id, state, points, deduct_fen, bonus_points, hold_id,
                                  lapses_at, rates_version, arm, created_at, closed_at)
SELECT member_id, deduction_id::uuid, order_id, state, points, deduct_fen, bonus_points, hold_id::uuid, lapses_at,
       rates_version, arm, created_at, CASE WHEN state <> 'held' THEN created_at END
FROM unnest(%(members)s::text[], %(ids)s::text[], %(orders)s::text[], %(states)s::text[], %(points)s::bigint[],
            %(fens)s::bigint[], %(bonuses)s::bigint[], %(holds)s::text[], %(lapses)s::timestamptz[],
            %(versions)s::bigint[], %(arms)s::text[], %(created)s::timestamptz[])
     AS d (member_id, deduction_id, order_id, state, points, deduct_fen, bonus_points, hold_id, lapses_at,
           rates_version, arm, created_at)
"""

ADD_LINES = """
INSERT INTO deductions_line (member_id, deduction_id, no, line_id, sku, price_fen, points, deduct_fen, cap_fen, rate,
                             funders)
SELECT member_id, deduction_id::uuid, no, line_id, sku, price_fen, points, deduct_fen, cap_fen, rate::json,
       funders::json
FROM unnest(%(members)s::text[], %(ids)s::text[], %(nos)s::bigint[], %(lines)s::text[], %(skus)s::text[],
            %(prices)s::bigint[], %(points)s::bigint[], %(fens)s::bigint[], %(caps)s::bigint[], %(rates)s::text[],
            %(funders)s::text[])
     AS l (member_id, deduction_id, no, line_id, sku, price_fen, points, deduct_fen, cap_fen, rate, funders)
"""

DEDUCTION = f"""
SELECT {_DEDUCTION} FROM deductions_deduction WHERE member_id = %(member_id)s AND deduction_id = %(deduction_id)s
"""

LOCK = f"{DEDUCTION} FOR UPDATE"

OF_HOLD = f"SELECT {_DEDUCTION} FROM deductions_deduction WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s"

_WHICH = """
WHERE (%(order_id)s::text IS NULL OR order_id = %(order_id)s)
  AND (%(state)s::text IS NULL OR state = %(state)s AND (state <> 'held' OR lapses_at > %(at)s)
       OR %(state)s = 'lapsed' AND state = 'held' AND lapses_at <= %(at)s)
  AND deduction_id < %(before)s"""

OF_MEMBER = f"""
SELECT {_DEDUCTION} FROM deductions_deduction {_WHICH} AND member_id = %(member_id)s
ORDER BY deduction_id DESC LIMIT %(limit)s
"""

OF_ALL = f"SELECT {_DEDUCTION} FROM deductions_deduction {_WHICH} ORDER BY deduction_id DESC LIMIT %(limit)s"

_LINE = """no, line_id, sku, price_fen, points, deduct_fen, cap_fen, rate::text, funders::text, refunded_price_fen,
       refunded_points, refunded_fen"""

LINES = f"""
SELECT member_id, deduction_id, {_LINE} FROM deductions_line
WHERE member_id = ANY(%(members)s) AND deduction_id = ANY(%(ids)s::uuid[]) ORDER BY member_id, deduction_id, no
"""

CLOSE = f"""
UPDATE deductions_deduction SET state = %(state)s, bonus_points = bonus_points + %(bonus)s, closed_at = %(at)s
WHERE member_id = %(member_id)s AND deduction_id = %(deduction_id)s AND state = 'held'
RETURNING {_DEDUCTION}
"""

REFUND = f"""
UPDATE deductions_deduction SET refunded_points = refunded_points + %(points)s, refunded_fen = refunded_fen + %(fen)s
WHERE member_id = %(member_id)s AND deduction_id = %(deduction_id)s
RETURNING {_DEDUCTION}
"""

REFUND_LINES = """
UPDATE deductions_line AS l
SET refunded_price_fen = r.price_fen, refunded_points = r.points, refunded_fen = r.fen
FROM unnest(%(nos)s::bigint[], %(prices)s::bigint[], %(points)s::bigint[], %(fens)s::bigint[])
     AS r (no, price_fen, points, fen)
WHERE l.member_id = %(member_id)s AND l.deduction_id = %(deduction_id)s AND l.no = r.no
"""
