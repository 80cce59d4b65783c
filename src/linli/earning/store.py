"""SQL of the earning room."""

FACTS = "SELECT member_id, facts::text FROM earning_member WHERE member_id = ANY(%(member_ids)s)"

WRITE_FACTS = """
INSERT INTO earning_member AS e (member_id, facts)
SELECT member_id, facts::json FROM unnest(%(member_ids)s::text[], %(facts)s::text[]) AS n (member_id, facts)
ORDER BY member_id
ON CONFLICT (member_id) DO UPDATE SET facts = excluded.facts
"""

ORDERS = """
SELECT o.member_id, o.order_id, o.paid_fen, o.paid_on, o.completed_on, o.bases::text, o.refunds::text, o.more::text
FROM unnest(%(member_ids)s::text[], %(order_ids)s::text[]) AS w (member_id, order_id)
JOIN earning_order o USING (member_id, order_id)
"""

WRITE_ORDERS = """
INSERT INTO earning_order AS o (member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds, more)
SELECT member_id, order_id, paid_fen, paid_on, completed_on, bases::json, refunds::json, nullif(more, '')::json
FROM unnest(%(member_ids)s::text[], %(order_ids)s::text[], %(paid_fen)s::bigint[], %(paid_on)s::date[],
            %(completed_on)s::date[], %(bases)s::text[], %(refunds)s::text[], %(more)s::text[])
     AS n (member_id, order_id, paid_fen, paid_on, completed_on, bases, refunds, more)
ORDER BY member_id, order_id
ON CONFLICT (member_id, order_id) DO UPDATE SET
    paid_fen = excluded.paid_fen, paid_on = excluded.paid_on, completed_on = excluded.completed_on,
    bases = excluded.bases, refunds = excluded.refunds, more = excluded.more
"""

_ORDER = "member_id, order_id, paid_fen, paid_on, completed_on, bases::text, refunds::text, more::text"
_MINE = """member_id = %(member_id)s AND order_id <> ALL(%(but)s) AND more ->> 'void' IS NULL
  AND more ->> (CASE WHEN paid_on IS NULL THEN 'completed_small' ELSE 'paid_small' END) IS NULL"""

# Of what a member bought on one date, and of what was completed first, one order is enough to go on with.
NEXT_ORDERS = f"""
(SELECT {_ORDER} FROM earning_order WHERE {_MINE} AND paid_on = %(paid_on)s::date LIMIT 1)
UNION ALL
(SELECT {_ORDER} FROM earning_order WHERE {_MINE} AND more ->> 'completed_at' IS NOT NULL
 ORDER BY (more ->> 'completed_at')::timestamptz, (more ->> 'completed_by') COLLATE "C" LIMIT 1)
"""

ORDERS_WITH_CLAIM = f"""
SELECT {_ORDER} FROM earning_order WHERE {_MINE} AND strpos(more::text, %(claim)s) > 0
"""

CLAIMS_ELSEWHERE = """
SELECT owner_id, order_id FROM earning_claim_elsewhere WHERE member_id = %(member_id)s AND claim = %(claim)s
ORDER BY owner_id, order_id
"""

WRITE_ELSEWHERE = """
INSERT INTO earning_claim_elsewhere (member_id, claim, owner_id, order_id)
SELECT * FROM unnest(%(member_ids)s::text[], %(claims)s::text[], %(owners)s::text[], %(orders)s::text[])
ON CONFLICT DO NOTHING
"""

LOCK_GROUPS = """
INSERT INTO earning_group AS g (group_id) SELECT unnest(%(group_ids)s::text[])
ON CONFLICT (group_id) DO UPDATE SET formed_on = g.formed_on
RETURNING group_id, formed_on, failed_at
"""

FAILED = "SELECT group_id, failed_at FROM earning_group WHERE group_id = ANY(%(group_ids)s) AND failed_at IS NOT NULL"

PARTS = """
SELECT group_id, member_id, cause, claims::text FROM earning_group_part WHERE group_id = ANY(%(group_ids)s)
ORDER BY group_id, member_id, cause
"""

LIVE_CLAIMS_OF_PARTS = """
SELECT group_id, claims::text FROM earning_group_part JOIN earning_group USING (group_id)
WHERE member_id = %(member_id)s AND claims IS NOT NULL AND failed_at IS NULL ORDER BY group_id
"""

WRITE_GROUPS = """
UPDATE earning_group AS g SET formed_on = n.formed_on, failed_at = n.failed_at
FROM unnest(%(group_ids)s::text[], %(formed)s::date[], %(failed)s::timestamptz[]) AS n (group_id, formed_on, failed_at)
WHERE g.group_id = n.group_id
"""

WRITE_PARTS = """
INSERT INTO earning_group_part (group_id, member_id, cause, claims)
SELECT group_id, member_id, cause, nullif(claims, '[]')::json
FROM unnest(%(group_ids)s::text[], %(member_ids)s::text[], %(causes)s::text[], %(claims)s::text[])
     AS n (group_id, member_id, cause, claims)
ON CONFLICT DO NOTHING
"""

FRIENDS = """
SELECT member_id, invited_at, facts::text FROM earning_member
WHERE inviter_id = %(member_id)s AND (invited_at, member_id) < (%(before_at)s, %(before_id)s)
ORDER BY invited_at DESC, member_id DESC LIMIT %(limit)s
"""

COUNT_FRIENDS = "SELECT count(*) FROM earning_member WHERE inviter_id = %(member_id)s"

BORN_IN = """
SELECT member_id FROM earning_member WHERE birth_month = %(month)s AND member_id > %(after)s
ORDER BY member_id LIMIT %(limit)s
"""

INVITED_BY = "SELECT member_id FROM earning_member WHERE inviter_id = ANY(%(member_ids)s)"
