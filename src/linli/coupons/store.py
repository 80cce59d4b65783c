"""SQL of the coupons room: templates and the coupons of members."""

TEMPLATE_COLUMNS = (
    "template_id, terms::text, state, issued, voided, used, used_fen, revision, created_by, created_at, updated_at"
)

ADD_TEMPLATE = f"""
INSERT INTO coupons_template (template_id, terms, purpose, state, pieces, budget_fen, worth_fen, created_by, created_at,
                              updated_at)
VALUES (%(template_id)s, %(terms)s::json, %(purpose)s, 'draft', %(pieces)s, %(budget_fen)s, %(worth_fen)s, %(by)s,
        %(at)s, %(at)s)
ON CONFLICT DO NOTHING RETURNING {TEMPLATE_COLUMNS}
"""

TEMPLATE = f"SELECT {TEMPLATE_COLUMNS} FROM coupons_template WHERE template_id = %(template_id)s"

LOCK_TEMPLATE = f"{TEMPLATE} FOR NO KEY UPDATE"

# Whoever issues holds the rows until the commit, in order: so counts are exact, however many issue at once.
LOCK_TEMPLATES = f"""
SELECT {TEMPLATE_COLUMNS} FROM coupons_template WHERE template_id = ANY(%(template_ids)s)
ORDER BY template_id FOR NO KEY UPDATE
"""

TEMPLATES = f"""
SELECT {TEMPLATE_COLUMNS} FROM coupons_template
WHERE (%(state)s::text IS NULL OR state = %(state)s) AND (created_at, template_id) < (%(before_at)s, %(before_id)s)
ORDER BY created_at DESC, template_id DESC LIMIT %(limit)s
"""

EDIT_TEMPLATE = f"""
UPDATE coupons_template SET terms = %(terms)s::json, purpose = %(purpose)s, pieces = %(pieces)s,
       budget_fen = %(budget_fen)s, worth_fen = %(worth_fen)s, revision = revision + 1, updated_at = %(at)s
WHERE template_id = %(template_id)s RETURNING {TEMPLATE_COLUMNS}
"""

MOVE_TEMPLATE = f"""
UPDATE coupons_template SET state = %(state)s, revision = revision + 1, updated_at = %(at)s
WHERE template_id = %(template_id)s RETURNING {TEMPLATE_COLUMNS}
"""

DELETE_TEMPLATE = "DELETE FROM coupons_template WHERE template_id = %(template_id)s AND state = 'draft'"

COUNT_ISSUED = """
UPDATE coupons_template AS t SET issued = issued + n.pieces
FROM unnest(%(template_ids)s::text[], %(pieces)s::bigint[]) AS n (template_id, pieces)
WHERE t.template_id = n.template_id
"""

COUNT_USED = """
UPDATE coupons_template SET used = used + %(used)s, used_fen = used_fen + %(used_fen)s
WHERE template_id = %(template_id)s
"""

COUNT_VOID = "UPDATE coupons_template SET voided = voided + 1 WHERE template_id = %(template_id)s"

# --- coupons --------------------------------------------------------------------------------------------------------

_COUPON = """c.member_id, c.coupon_id, c.template_id, c.code, c.cause, c.source, c.state, c.valid_from, c.valid_until,
       c.issued_at, c.order_id, c.discount_fen, c.changed_at, c.void_reason, t.terms::text"""
_FROM = "FROM coupons_coupon c JOIN coupons_template t USING (template_id)"

OF_CAUSES = f"""
SELECT {_COUPON} FROM unnest(%(member_ids)s::text[], %(causes)s::text[]) AS w (member_id, cause)
JOIN coupons_coupon c USING (member_id, cause) JOIN coupons_template t USING (template_id)
"""

COUNT_OF_MEMBERS = """
SELECT c.member_id, c.template_id, count(*)
FROM (SELECT DISTINCT * FROM unnest(%(member_ids)s::text[], %(template_ids)s::text[])) AS w (member_id, template_id)
JOIN coupons_coupon c USING (member_id, template_id) WHERE c.state <> 'void' GROUP BY 1, 2
"""

ADD_COUPONS = """
INSERT INTO coupons_coupon (member_id, coupon_id, template_id, code, cause, source, valid_from, valid_until, issued_at)
SELECT member_id, coupon_id::uuid, template_id, code, cause, source, valid_from, valid_until, %(at)s
FROM unnest(%(member_ids)s::text[], %(coupon_ids)s::text[], %(template_ids)s::text[], %(codes)s::text[],
            %(causes)s::text[], %(sources)s::text[], %(valid_from)s::date[], %(valid_until)s::date[])
     AS n (member_id, coupon_id, template_id, code, cause, source, valid_from, valid_until)
"""

COUPON = f"SELECT {_COUPON} {_FROM} WHERE c.member_id = %(member_id)s AND c.coupon_id = %(coupon_id)s"

LOCK_COUPON = f"{COUPON} FOR NO KEY UPDATE OF c"

OWNER = "SELECT member_id FROM coupons_coupon WHERE coupon_id = %(coupon_id)s"

# As a coupon reads on a date: `expired` is not stored, since nothing happens on that date.
_IN_STATE = """(%(state)s::text IS NULL OR %(state)s = CASE WHEN c.state = 'issued' AND c.valid_until < %(on)s
       THEN 'expired' ELSE c.state END)"""
_PAGE = f"AND {_IN_STATE} AND c.coupon_id < %(before)s ORDER BY c.coupon_id DESC LIMIT %(limit)s"
# One statement for each way in, so that each has its index under the one generic plan.
OF_MEMBER = f"""
SELECT {_COUPON} {_FROM}
WHERE c.member_id = %(member_id)s AND (%(template_id)s::text IS NULL OR c.template_id = %(template_id)s) {_PAGE}
"""
OF_TEMPLATE = f"SELECT {_COUPON} {_FROM} WHERE c.template_id = %(template_id)s {_PAGE}"
ALL = f"SELECT {_COUPON} {_FROM} WHERE true {_PAGE}"

USABLE = f"""
SELECT {_COUPON} {_FROM}
WHERE c.member_id = %(member_id)s AND c.state = 'issued' AND c.valid_until >= %(on)s
ORDER BY c.valid_until, c.coupon_id LIMIT %(limit)s
"""

OF_ORDER = "SELECT coupon_id FROM coupons_coupon WHERE member_id = %(member_id)s AND order_id = %(order_id)s"

CHANGE_COUPON = """
UPDATE coupons_coupon SET state = %(state)s, order_id = %(order_id)s, discount_fen = %(discount_fen)s,
       changed_at = %(at)s, void_reason = %(reason)s
WHERE member_id = %(member_id)s AND coupon_id = %(coupon_id)s
"""

USE = """
SELECT state, discount_fen, lines::text FROM coupons_use
WHERE member_id = %(member_id)s AND coupon_id = %(coupon_id)s AND order_id = %(order_id)s
"""

LOCK_USE = """
INSERT INTO coupons_use AS u (member_id, coupon_id, order_id, state, discount_fen, lines, locked_at)
VALUES (%(member_id)s, %(coupon_id)s, %(order_id)s, 'locked', %(discount_fen)s, %(lines)s::json, %(at)s)
ON CONFLICT (member_id, coupon_id, order_id) DO UPDATE SET state = 'locked', discount_fen = excluded.discount_fen,
    lines = excluded.lines, locked_at = excluded.locked_at, used_at = NULL, returned_at = NULL
"""

END_USE = """
UPDATE coupons_use SET state = %(state)s, used_at = CASE WHEN %(state)s = 'used' THEN %(at)s ELSE used_at END,
       returned_at = CASE WHEN %(state)s = 'returned' THEN %(at)s::timestamptz END
WHERE member_id = %(member_id)s AND coupon_id = %(coupon_id)s AND order_id = %(order_id)s
"""
