"""SQL of corrections: many keys claimed, many grants looked up, a promise raised again."""

from linli.ledger.store import _GRANT

CLAIM_KEYS = """
INSERT INTO ledger_key (member_id, key, digest, outcome, created_at)
SELECT member_id, key, %(digest)s, 'null', %(at)s
FROM unnest(%(member_ids)s::text[], %(keys)s::text[]) AS k (member_id, key)
ON CONFLICT (member_id, key) DO NOTHING RETURNING member_id, key
"""

RAISE_GRANT = """
UPDATE ledger_grant SET points = points + %(points)s
WHERE member_id = %(member_id)s AND key = %(key)s AND state = 'pending'
"""

# What was taken back with its cause stands for nothing any more.
RESTORE_GRANT = """
UPDATE ledger_grant SET reversed = reversed - %(points)s
WHERE member_id = %(member_id)s AND key = %(key)s AND state = 'settled' AND claim IS DISTINCT FROM ''
RETURNING true
"""

GRANTS_OF_KEYS = f"""
SELECT {_GRANT} FROM unnest(%(member_ids)s::text[], %(keys)s::text[]) AS w (member_id, key)
JOIN ledger_grant USING (member_id, key)
"""
