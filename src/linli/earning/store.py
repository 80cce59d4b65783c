"""SQL of the earning room."""

FACTS = "SELECT member_id, facts::text FROM earning_member WHERE member_id = ANY(%(member_ids)s)"

WRITE_FACTS = """
INSERT INTO earning_member AS e (member_id, facts)
SELECT member_id, facts::json FROM unnest(%(member_ids)s::text[], %(facts)s::text[]) AS n (member_id, facts)
ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET facts = excluded.facts
"""

ORDERS = """
SELECT o.member_id, o.order_id, o.paid_fen, o.paid_on, o.completed_on, o.bases::text, o.refunds::text
FROM unnest(%(member_ids)s::text[], %(order_ids)s::text[]) AS w (member_id, order_id)
JOIN earning_order o USING (member_id, order_id)
"""

WRITE_ORDERS = """
INSERT INTO earning_order AS o (member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds)
SELECT member_id, order_id, paid_fen, paid_on, completed_on, bases::json, refunds::json
FROM unnest(%(member_ids)s::text[], %(order_ids)s::text[], %(paid_fen)s::bigint[], %(paid_on)s::date[],
            %(completed_on)s::date[], %(bases)s::text[], %(refunds)s::text[])
     AS n (member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds)
ORDER BY member_id, order_id
ON CONFLICT (member_id, order_id) DO UPDATE SET
    paid_fen = excluded.paid_fen, paid_on = excluded.paid_on, completed_on = excluded.completed_on,
    bases = excluded.bases, refunds = excluded.refunds
"""

FRIENDS = """
SELECT member_id, invited_at, facts::text FROM earning_member
WHERE inviter_id = %(member_id)s AND (invited_at, member_id) < (%(before_at)s, %(before_id)s)
ORDER BY invited_at DESC, member_id DESC LIMIT %(limit)s
"""

COUNT_FRIENDS = "SELECT count(*) FROM earning_member WHERE inviter_id = %(member_id)s"
