"""SQL of the inbox."""

CLAIM = """
INSERT INTO inbox_key (source, event_id, digest, member_id, business_on)
SELECT * FROM unnest(%(sources)s::text[], %(event_ids)s::text[], %(digests)s::bytea[], %(member_ids)s::text[],
                     %(business_on)s::date[])
ON CONFLICT (source, event_id) DO NOTHING
RETURNING source, event_id
"""

UNCLAIM = """
DELETE FROM inbox_key k USING unnest(%(sources)s::text[], %(event_ids)s::text[]) AS u (source, event_id)
WHERE k.source = u.source AND k.event_id = u.event_id
"""

KNOWN = """
SELECT k.source, k.event_id, k.digest, e.outcome::text
FROM unnest(%(sources)s::text[], %(event_ids)s::text[]) AS u (source, event_id)
JOIN inbox_key k USING (source, event_id)
LEFT JOIN inbox_event e ON e.member_id = k.member_id AND e.business_on = k.business_on
                       AND e.source = k.source AND e.event_id = k.event_id
"""

ARCHIVE = """
INSERT INTO inbox_event (member_id, business_on, source, event_id, type, occurred_at, received_at, data, outcome)
SELECT member_id, business_on, source, event_id, type, occurred_at, %(now)s, data::json, outcome::json
FROM unnest(%(member_ids)s::text[], %(business_on)s::date[], %(sources)s::text[], %(event_ids)s::text[],
            %(types)s::text[], %(occurred)s::timestamptz[], %(data)s::text[], %(outcomes)s::text[])
     AS n (member_id, business_on, source, event_id, type, occurred_at, data, outcome)
"""

EVENT = """
SELECT e.member_id, e.business_on, e.source, e.event_id, e.type, e.occurred_at, e.received_at, e.data::text,
       e.outcome::text
FROM inbox_key k JOIN inbox_event e USING (member_id, business_on, source, event_id)
WHERE k.source = %(source)s AND k.event_id = %(event_id)s
"""

_LINE = "source, event_id, type, member_id, business_on, occurred_at, received_at"
_EARLIER = """received_at <= %(before_at)s::timestamptz
      AND (received_at, source, event_id) < (%(before_at)s::timestamptz, %(before_source)s, %(before_id)s)
      AND business_on >= %(from_on)s AND business_on <= %(to_on)s"""
_NEWEST_FIRST = "ORDER BY received_at DESC, source DESC, event_id DESC"

BROWSE = f"""
SELECT {_LINE}, outcome::text FROM (
    SELECT {_LINE}, outcome FROM inbox_event WHERE {_EARLIER} {_NEWEST_FIRST} LIMIT %(looked_at)s
) AS looked_at
WHERE %(type)s::text IS NULL OR type = %(type)s
{_NEWEST_FIRST} LIMIT %(limit)s
"""

# The last event that BROWSE looked at, if it looked at as many as it may.
BROWSED_TO = f"""
SELECT received_at, source, event_id FROM inbox_event WHERE {_EARLIER} {_NEWEST_FIRST}
OFFSET %(looked_at)s - 1 LIMIT 1
"""

# A member's events lie together, and are few.
BROWSE_MEMBER = f"""
SELECT {_LINE}, outcome::text FROM inbox_event
WHERE member_id = %(member_id)s AND {_EARLIER} AND (%(type)s::text IS NULL OR type = %(type)s)
{_NEWEST_FIRST} LIMIT %(limit)s
"""

# What is parked under the keys: with its digest where it holds its key, else with its bytes.
WAITING_UNDER = """
SELECT p.parked_id, p.source, p.event_id, h.digest, CASE WHEN h.digest IS NULL THEN p.raw END
FROM unnest(%(sources)s::text[], %(event_ids)s::text[]) AS u (source, event_id)
JOIN inbox_parked p USING (source, event_id)
CROSS JOIN LATERAL (SELECT CASE WHEN p.state = 'waiting' THEN p.digest END AS digest) h
WHERE p.state IN ('waiting', 'conflict')
"""

_PARK = """
INSERT INTO inbox_parked (parked_id, channel, reason, detail, member_id, source, event_id, awaits, raw, digest, state,
                          parked_at)
VALUES (%(parked_id)s, %(channel)s, %(reason)s, %(detail)s, %(member_id)s, %(source)s, %(event_id)s, %(awaits)s,
        %(raw)s, %(digest)s, %(state)s, %(now)s)
"""

# One event a key. A row comes back unless another body waits under it.
PARK = f"""
{_PARK} ON CONFLICT (source, event_id) WHERE state = 'waiting' AND digest IS NOT NULL DO UPDATE
SET awaits = excluded.awaits, reason = excluded.reason, detail = excluded.detail
WHERE inbox_parked.digest = excluded.digest
RETURNING xmax = 0
"""

# Any number a key: bytes that nobody could read say nothing for certain. The same bytes are kept once.
PARK_UNREAD = f"""
{_PARK} ON CONFLICT (source, event_id, sha256(raw)) WHERE state IN ('waiting', 'conflict') AND digest IS NULL
DO NOTHING RETURNING true
"""

_PARKED = (
    "parked_id, channel, reason, detail, member_id, source, event_id, awaits, raw, state, attempts, parked_at, taken"
)

PARKED_FOR = f"""
SELECT {_PARKED} FROM inbox_parked p
WHERE state = 'waiting'
  AND (member_id, awaits) IN (SELECT * FROM unnest(%(member_ids)s::text[], %(awaits)s::text[]))
ORDER BY source, event_id
"""

PARKED = f"""
SELECT {_PARKED} FROM inbox_parked
WHERE state = ANY(%(states)s) AND (%(reason)s::text IS NULL OR reason = %(reason)s)
  AND (%(after)s::uuid IS NULL OR parked_id > %(after)s)
ORDER BY parked_id LIMIT %(limit)s
"""

PARKED_ONE = f"SELECT {_PARKED} FROM inbox_parked WHERE parked_id = %(parked_id)s FOR UPDATE"

PARKED_EVENT = f"""
SELECT {_PARKED} FROM inbox_parked
WHERE source = %(source)s AND event_id = %(event_id)s AND state IN ('waiting', 'conflict')
ORDER BY (state = 'waiting' AND digest IS NOT NULL) DESC, parked_id LIMIT 1
"""

RESOLVE = """
UPDATE inbox_parked SET state = %(state)s, resolved_at = %(now)s
WHERE parked_id = ANY(%(parked_ids)s) AND state IN ('waiting', 'conflict') RETURNING parked_id
"""

ADVANCE = "UPDATE inbox_parked SET taken = taken + %(events)s WHERE parked_id = %(parked_id)s"

FAILED_AGAIN = """
UPDATE inbox_parked SET attempts = attempts + 1, reason = %(reason)s, detail = %(detail)s,
                        state = CASE WHEN %(conflict)s THEN 'conflict' ELSE state END
WHERE parked_id = %(parked_id)s AND state IN ('waiting', 'conflict')
"""

# A member's events lie together, and are few.
OF_ORDER = """
SELECT member_id, business_on, source, event_id, type, occurred_at, received_at, data::text, outcome::text
FROM inbox_event WHERE member_id = %(member_id)s AND data ->> 'order_id' = %(order_id)s
ORDER BY occurred_at, source, event_id LIMIT %(limit)s
"""

_KEPT = "member_id, business_on, type, source, event_id, occurred_at, data::text"

TOLD_OF_ORDERS = f"""
SELECT {_KEPT} FROM inbox_event
WHERE member_id = ANY(%(member_ids)s) AND business_on <= %(until)s AND type LIKE 'order.%%'
  AND data ->> 'order_id' = ANY(%(order_ids)s) AND outcome ->> 'code' IS DISTINCT FROM 'order_known'
ORDER BY member_id, business_on, occurred_at, source, event_id
"""

# A member's events lie together; only those of one business date have to be sorted. What told the same of an order
# once more had no effect.
LIVES = f"""
SELECT {_KEPT} FROM inbox_event
WHERE member_id = ANY(%(member_ids)s) AND business_on <= %(until)s
  AND outcome ->> 'code' IS DISTINCT FROM 'order_known'
ORDER BY member_id, business_on, occurred_at, source, event_id
"""
