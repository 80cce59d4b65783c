"""SQL of the access room."""

_KEY = "key_id, name, scopes, created_at, revoked_at"

INSERT = """
INSERT INTO access_key (key_id, digest, name, scopes, created_at)
VALUES (%(key_id)s, %(digest)s, %(name)s, %(scopes)s, %(now)s)
"""

# The same key again changes nothing, not even its revocation; another secret under the id is a new key.
ENSURE = """
INSERT INTO access_key AS k (key_id, digest, name, scopes, created_at)
VALUES (%(key_id)s, %(digest)s, %(name)s, %(scopes)s, %(now)s)
ON CONFLICT (key_id) DO UPDATE SET
    digest = excluded.digest, name = excluded.name, scopes = excluded.scopes,
    revoked_at = CASE WHEN k.digest = excluded.digest THEN k.revoked_at END
WHERE (k.digest, k.name, k.scopes) IS DISTINCT FROM (excluded.digest, excluded.name, excluded.scopes)
"""

VALID = "SELECT digest, name, scopes FROM access_key WHERE key_id = %(key_id)s AND revoked_at IS NULL"

KEYS = f"SELECT {_KEY} FROM access_key WHERE key_id > %(after)s ORDER BY key_id LIMIT %(limit)s"

REVOKE = f"""
UPDATE access_key SET revoked_at = coalesce(revoked_at, %(now)s) WHERE key_id = %(key_id)s RETURNING {_KEY}
"""
