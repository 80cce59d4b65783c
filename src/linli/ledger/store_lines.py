"""SQL of the ledger as its member reads it: lines, totals, what is on its way, what lapses. Reads only.

A line is a movement into `available` or out of it. Kinds are named before anything else, so that what a member does
not see (a capture) is not read. PostgreSQL finds pending grants of a member by the index of what is due (skip scan).
"""

_SIGNED = "(CASE WHEN to_account = 'available' THEN points ELSE -points END)"

_MINE = "member_id = %(member_id)s AND wallet = %(wallet)s"

_LINE = f"""
SELECT seq, posted_on, posted_at, kind::text, {_SIGNED}, available_after, key, order_id, reason FROM ledger_movement
WHERE {_MINE} AND 'available' IN (from_account, to_account)
"""

LINES = f"""
{_LINE} AND kind = ANY(%(kinds)s::ledger_kind[]) AND seq < %(before)s
  AND posted_on >= %(from_on)s AND posted_on <= %(to_on)s
ORDER BY seq DESC LIMIT %(limit)s
"""

LINE = f"{_LINE} AND seq = %(seq)s"

TOTALS = f"""
SELECT kind::text, sum({_SIGNED})::bigint FROM ledger_movement
WHERE {_MINE} AND posted_on >= %(from_on)s AND posted_on <= %(to_on)s
  AND 'available' IN (from_account, to_account)
GROUP BY kind
"""

PENDING_GRANTS = """
SELECT key, points, settle_on, earned_on, rule, rule_version, order_id FROM ledger_grant
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND state = 'pending' AND points > 0
  AND (settle_on, key) > (%(after_on)s, %(after_key)s)
ORDER BY settle_on, key LIMIT %(limit)s
"""

GRANTS_BY_KEY = """
SELECT member_id, key, wallet, state, promised, points, reversed, rule, rule_version, funder, occurred_at, earned_on,
       settle_on, expires_on, settled_on, event_type, source, event_id, order_id
FROM ledger_grant WHERE member_id = %(member_id)s AND key = ANY(%(keys)s) ORDER BY key
"""

USE = f"""
SELECT expires_on, sum(points)::bigint FROM ledger_lot_use WHERE {_MINE} AND use_key = %(use_key)s
GROUP BY expires_on ORDER BY expires_on
"""

EXPIRING = """
SELECT member_id, expires_on, sum(remaining)::bigint FROM ledger_lot
WHERE member_id = ANY(%(members)s) AND wallet = %(wallet)s AND remaining > 0
  AND expires_on > %(on)s AND expires_on <= %(until)s
GROUP BY member_id, expires_on ORDER BY member_id, expires_on
"""

# --- news: what moved by business date and kind ---------------------------------------------------------------------

# Debts that a clawback left count too: they concern the member, though nothing left `available`.
_DAY = f"""
SELECT posted_on, kind::text AS kind, max(seq) AS seq, max(posted_at) AS at, sum({_SIGNED})::bigint AS points
FROM ledger_movement
WHERE {_MINE} AND kind = ANY(%(kinds)s::ledger_kind[]) AND posted_on >= %(since)s
GROUP BY posted_on, kind
"""

DAYS = f"""
SELECT posted_on, kind, seq, at, points FROM ({_DAY}) AS d
WHERE (posted_on, seq) < (%(before_on)s, %(before_seq)s)
ORDER BY posted_on DESC, seq DESC LIMIT %(limit)s
"""

LAST_SEQ = f"SELECT max(seq) FROM ({_DAY}) AS d WHERE (posted_on, seq) <= (%(up_to_on)s, %(up_to_seq)s)"

# Each member from a mark of their own, by the primary key.
NEW_DAYS = """
SELECT member_id, count(*) FROM (
    SELECT DISTINCT m.member_id, m.posted_on, m.kind
    FROM unnest(%(members)s::text[], %(marks)s::bigint[]) AS w (member_id, mark)
    JOIN ledger_movement m ON m.member_id = w.member_id AND m.wallet = %(wallet)s AND m.seq > w.mark
    WHERE m.kind = ANY(%(kinds)s::ledger_kind[]) AND m.posted_on >= %(since)s
) AS d GROUP BY member_id
"""

# --- a pulse: cheap enough to be asked every second for all who look on ----------------------------------------------

PULSES = """
SELECT w.member_id, coalesce(b.version, 0), coalesce(p.points, 0)
FROM unnest(%(members)s::text[]) AS w (member_id)
LEFT JOIN ledger_balance b ON b.member_id = w.member_id AND b.wallet = %(wallet)s
LEFT JOIN (
    SELECT member_id, sum(points)::bigint AS points FROM ledger_grant
    WHERE member_id = ANY(%(members)s) AND wallet = %(wallet)s AND state = 'pending' AND points > 0
    GROUP BY member_id
) AS p ON p.member_id = w.member_id
"""

SPENDABLE = """
SELECT b.member_id, b.available - coalesce((
    SELECT sum(l.remaining) FROM ledger_lot l
    WHERE l.member_id = b.member_id AND l.wallet = b.wallet AND l.expires_on <= %(on)s AND l.remaining > 0
), 0)::bigint
FROM ledger_balance b WHERE b.member_id = ANY(%(members)s) AND b.wallet = %(wallet)s
"""
