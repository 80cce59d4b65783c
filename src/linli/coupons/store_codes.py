"""SQL of the coupons room: codes by which members claim."""

CODE = "SELECT code, template_id, shared, member_id FROM coupons_code WHERE code = %(code)s"

# A shared code is read by everybody at once, and never changes.
LOCK_SINGLE = f"{CODE} AND NOT shared FOR UPDATE"

CLAIM = """
UPDATE coupons_code SET member_id = %(member_id)s, coupon_id = %(coupon_id)s, claimed_at = %(at)s WHERE code = %(code)s
"""

ADD_CODES = """
INSERT INTO coupons_code (code, template_id, shared, made_by, made_at)
SELECT code, %(template_id)s, %(shared)s, %(by)s, %(at)s FROM unnest(%(codes)s::text[]) AS n (code)
ON CONFLICT DO NOTHING RETURNING code
"""

DROP_SHARED = "DELETE FROM coupons_code WHERE template_id = %(template_id)s AND shared"

CODES = """
SELECT code, made_by, made_at, member_id, coupon_id, claimed_at FROM coupons_code
WHERE template_id = %(template_id)s AND NOT shared AND code > %(after)s
  AND (%(claimed)s::boolean IS NULL OR (member_id IS NOT NULL) = %(claimed)s)
ORDER BY code LIMIT %(limit)s
"""

COUNT_CODES = """
SELECT count(*), count(member_id) FROM coupons_code WHERE template_id = %(template_id)s AND NOT shared
"""
