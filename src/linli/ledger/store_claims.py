"""SQL of claims: what grants stand for, as causes come and go. Grants are locked before balances, as everywhere.

A grant stands for its own key (`claim` is null), for the claim that it passed to, or for none any more (`claim` is '').
"""

_WANTED = "unnest(%(member_ids)s::text[], %(claims)s::text[], %(sources)s::text[], %(event_ids)s::text[])"
_OF_CAUSE = "(w.event_id IS NULL OR (g.source = w.source AND g.event_id = w.event_id))"
_BY_KEY = "g.member_id = w.member_id AND g.key = w.claim AND g.claim IS NULL"
_BY_CLAIM = "g.member_id = w.member_id AND g.claim = w.claim"

# A grant stands for one claim, so no row is met by both parts.
WITHDRAW = f"""
WITH w AS MATERIALIZED (SELECT * FROM {_WANTED} AS w (member_id, claim, source, event_id)
), own AS (
    DELETE FROM ledger_grant AS g USING w WHERE {_BY_KEY} AND g.state = 'pending' AND {_OF_CAUSE}
    RETURNING w.member_id, w.claim, g.key
), other AS (
    DELETE FROM ledger_grant AS g USING w WHERE {_BY_CLAIM} AND g.state = 'pending' AND {_OF_CAUSE}
    RETURNING w.member_id, w.claim, g.key
)
SELECT * FROM own UNION ALL SELECT * FROM other
"""

_UNDONE = """w.member_id, w.claim, g.key, g.wallet, old.points - old.reversed, g.expires_on, g.funder, g.order_id"""
_UNDO = "UPDATE ledger_grant AS g SET reversed = g.points, claim = '' FROM w"

TAKE_BACK = f"""
WITH w AS MATERIALIZED (SELECT * FROM {_WANTED} AS w (member_id, claim, source, event_id)
), own AS (
    {_UNDO} WHERE {_BY_KEY} AND g.state = 'settled' AND {_OF_CAUSE} RETURNING {_UNDONE}
), other AS (
    {_UNDO} WHERE {_BY_CLAIM} AND g.state = 'settled' AND {_OF_CAUSE} RETURNING {_UNDONE}
)
SELECT * FROM own UNION ALL SELECT * FROM other
"""

_PASS = "UPDATE ledger_grant AS g SET claim = nullif(%(new)s, g.key)"

# One at a time: claims of one run change hands one after the other.
PASS_CLAIM = f"""
WITH own AS (
    {_PASS} WHERE g.member_id = %(member_id)s AND g.key = %(old)s AND g.claim IS NULL AND g.state = 'settled'
    RETURNING true
), other AS (
    {_PASS} WHERE g.member_id = %(member_id)s AND g.claim = %(old)s AND g.state = 'settled'
    RETURNING true
)
SELECT count(*) FROM (SELECT FROM own UNION ALL SELECT FROM other) AS passed
"""

# Claims whose own grant stands for them no longer, and no settled one either; how many stood for them after it, and
# whether the last of those is still pending.
FREE_CLAIMS = """
SELECT w.member_id, w.claim,
       (SELECT count(*) FROM ledger_grant t
        WHERE t.member_id = w.member_id
          AND t.key = ANY(ARRAY(SELECT 'again:' || n || ':' || w.claim FROM generate_series(2, 99) AS n))),
       EXISTS (SELECT FROM ledger_grant t WHERE t.member_id = w.member_id AND t.claim = w.claim)
FROM unnest(%(member_ids)s::text[], %(claims)s::text[]) AS w (member_id, claim)
JOIN ledger_grant g ON g.member_id = w.member_id AND g.key = w.claim AND g.claim IS NOT NULL
WHERE NOT EXISTS (
    SELECT FROM ledger_grant t WHERE t.member_id = w.member_id AND t.claim = w.claim AND t.state = 'settled'
)
"""

SET_CLAIMS = """
UPDATE ledger_grant AS g SET claim = w.claim
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(claims)s::text[]) AS w (member_id, key, claim)
WHERE g.member_id = w.member_id AND g.key = w.key AND g.claim IS DISTINCT FROM w.claim
"""

LOWER = """
UPDATE ledger_grant AS g
SET points = CASE g.state WHEN 'pending' THEN w.due ELSE g.points END,
    reversed = CASE g.state WHEN 'settled' THEN g.points - w.due ELSE 0 END
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(due)s::bigint[]) AS w (member_id, key, due)
WHERE g.member_id = w.member_id AND g.key = w.key AND g.points - g.reversed > w.due
RETURNING g.member_id, g.key, g.state, g.wallet, old.points - old.reversed - w.due, g.expires_on, g.funder, g.order_id
"""

ARRIVE = """
UPDATE ledger_grant AS g SET settle_on = greatest(w.reached_on + g.wait_days, %(earliest)s)
FROM unnest(%(member_ids)s::text[], %(awaits)s::text[], %(reached)s::date[]) AS w (member_id, awaits, reached_on)
WHERE g.member_id = w.member_id AND g.awaits = w.awaits AND g.state = 'pending'
"""
