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

_USER = "u.user_id, u.name, u.display_name, u.role, u.disabled_at IS NOT NULL, u.created_at, u.last_sign_in_at"

ADD_USER = f"""
INSERT INTO access_user AS u (user_id, name, display_name, role, password, created_at)
VALUES (%(user_id)s, %(name)s, %(display_name)s, %(role)s, %(password)s, %(now)s)
ON CONFLICT (name) DO NOTHING RETURNING {_USER}
"""

# Only where there is nobody yet.
ADD_FIRST_USER = f"""
INSERT INTO access_user AS u (user_id, name, display_name, role, password, created_at)
SELECT %(user_id)s, %(name)s, %(display_name)s, %(role)s, %(password)s, %(now)s
WHERE NOT EXISTS (SELECT FROM access_user)
ON CONFLICT (name) DO NOTHING RETURNING {_USER}
"""

ANY_USER = "SELECT EXISTS (SELECT FROM access_user)"

USER = f"SELECT {_USER} FROM access_user u WHERE user_id = %(user_id)s"

USER_NAMED = f"SELECT {_USER} FROM access_user u WHERE name = %(name)s"

USERS = f"SELECT {_USER} FROM access_user u WHERE name > %(after)s ORDER BY name LIMIT %(limit)s"

CHANGE_USER = f"""
UPDATE access_user AS u SET
    display_name = coalesce(%(display_name)s, display_name),
    role = coalesce(%(role)s, role),
    disabled_at = CASE WHEN %(disabled)s THEN coalesce(disabled_at, %(now)s) WHEN NOT %(disabled)s THEN NULL
                  ELSE disabled_at END,
    password = coalesce(%(password)s, password)
WHERE user_id = %(user_id)s RETURNING {_USER}
"""

# Locked in one order, so that of two who step back at once the second finds the first gone.
ADMINS = """
SELECT user_id FROM access_user WHERE role = 'admin' AND disabled_at IS NULL ORDER BY user_id FOR UPDATE
"""

CREDENTIALS = "SELECT user_id, password FROM access_user WHERE name = %(name)s AND disabled_at IS NULL"

# Only while the password that was verified is still the user's.
USE_PASSWORD = f"""
UPDATE access_user AS u SET
    last_sign_in_at = coalesce(%(now)s, last_sign_in_at), password = coalesce(%(password)s, password)
WHERE user_id = %(user_id)s AND password = %(verified)s AND disabled_at IS NULL RETURNING {_USER}
"""

OPEN_SESSION = """
INSERT INTO access_session (digest, user_id, created_at, seen_at, ends_at)
VALUES (%(digest)s, %(user_id)s, %(now)s, %(now)s, %(ends_at)s)
"""

SESSION = f"""
SELECT s.seen_at, s.ends_at, {_USER} FROM access_session s JOIN access_user u USING (user_id)
WHERE s.digest = %(digest)s AND s.ends_at > %(now)s AND s.seen_at > %(idle)s AND u.disabled_at IS NULL
"""

SEE_SESSION = "UPDATE access_session SET seen_at = greatest(seen_at, %(now)s) WHERE digest = %(digest)s"

END_SESSION = "DELETE FROM access_session WHERE digest = %(digest)s"

END_SESSIONS = "DELETE FROM access_session WHERE user_id = %(user_id)s AND digest <> %(but)s"

# One more than is allowed says all: more are not counted. In order, so that two attempts never wait for each other.
CHARGE = """
INSERT INTO access_attempt AS a (subject, attempts, begun_at)
SELECT subject, 1, %(now)s FROM unnest(%(subjects)s::bytea[]) AS s (subject) ORDER BY subject
ON CONFLICT (subject) DO UPDATE SET
    attempts = CASE WHEN a.begun_at <= %(forgotten)s THEN 1 ELSE a.attempts + 1 END,
    begun_at = CASE WHEN a.begun_at <= %(forgotten)s THEN excluded.begun_at ELSE a.begun_at END
RETURNING subject, attempts, begun_at
"""

FORGIVE = "DELETE FROM access_attempt WHERE subject = %(subject)s"

REFUND_ATTEMPT = """
UPDATE access_attempt SET attempts = attempts - 1 WHERE subject = %(subject)s AND attempts > 0
"""

MAKE_TOKEN = """
INSERT INTO access_token (digest, member_id, made_by, created_at, ends_at)
VALUES (%(digest)s, %(member_id)s, %(made_by)s, %(now)s, %(ends_at)s)
"""

TOKEN = "SELECT member_id FROM access_token WHERE digest = %(digest)s AND ends_at > %(now)s"

END_TOKENS = "DELETE FROM access_token WHERE member_id = %(member_id)s"

# Two bindings of one member wait for each other.
LOCK_WECHAT = "SELECT pg_advisory_xact_lock(hashtextextended('access_wechat ' || %(member_id)s, 0))"

UNBIND_WECHAT = """
DELETE FROM access_wechat WHERE member_id = %(member_id)s AND app_id = %(app_id)s AND openid <> %(but)s
"""

# Nothing comes back where the openid is another member's.
BIND_WECHAT = """
INSERT INTO access_wechat AS w (app_id, openid, member_id, bound_at)
VALUES (%(app_id)s, %(openid)s, %(member_id)s, %(now)s)
ON CONFLICT (app_id, openid) DO UPDATE SET bound_at = w.bound_at WHERE w.member_id = excluded.member_id
RETURNING member_id
"""

BOUND_WECHAT = "SELECT member_id FROM access_wechat WHERE app_id = %(app_id)s AND openid = %(openid)s"

OPENID_OF = "SELECT openid FROM access_wechat WHERE app_id = %(app_id)s AND member_id = %(member_id)s"

NOTE_ACT = """
INSERT INTO access_act (act_id, actor, act, subject, reason, at)
VALUES (%(act_id)s, %(actor)s, %(act)s, %(subject)s, %(reason)s, %(at)s)
"""

ACTS = """
SELECT act_id, actor, act, subject, reason, at FROM access_act
WHERE (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(act)s::text IS NULL OR act = %(act)s OR starts_with(act, %(act)s || '.'))
  AND (%(from_at)s::timestamptz IS NULL OR at >= %(from_at)s) AND (%(to_at)s::timestamptz IS NULL OR at < %(to_at)s)
  AND (%(before)s::uuid IS NULL OR act_id < %(before)s)
ORDER BY act_id DESC LIMIT %(limit)s
"""

TIDY = (
    "DELETE FROM access_session WHERE ends_at <= %(now)s",
    "DELETE FROM access_token WHERE ends_at <= %(now)s",
    "DELETE FROM access_attempt WHERE begun_at <= %(forgotten)s",
)
