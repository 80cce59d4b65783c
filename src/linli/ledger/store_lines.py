"""SQL of the ledger as its member reads it: lines, totals, what is on its way, what lapses. Reads only.

A line is a movement into `available` or out of it. Kinds are named before anything else, so that what a member does
not see (a capture) is not read. PostgreSQL finds pending grants of a member by the index of what is due (skip scan).
"""

_SIGNED = "(CASE WHEN to_account = 'available' THEN points ELSE -points END)"

_MINE = "member_id = %(member_id)s AND wallet = %(wallet)s"

LINES = f"""
SELECT seq, posted_on, posted_at, kind::text, {_SIGNED}, available_after, key, order_id, reason FROM ledger_movement
WHERE {_MINE} AND 'available' IN (from_account, to_account) AND seq < %(before)s
  AND kind = ANY(%(kinds)s::ledger_kind[]) AND posted_on >= %(from_on)s AND posted_on <= %(to_on)s
ORDER BY seq DESC LIMIT %(limit)s
"""

TOTALS = f"""
SELECT kind::text, sum({_SIGNED})::bigint FROM ledger_movement
WHERE {_MINE} AND posted_on >= %(from_on)s AND posted_on <= %(to_on)s
  AND 'available' IN (from_account, to_account)
GROUP BY kind
"""

PENDING_GRANTS = """
SELECT key, points, settle_on, earned_on, rule, rule_version, order_id, awaits, cut FROM ledger_grant
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND state = 'pending' AND points > 0
  AND (settle_on, key) > (%(after_on)s, %(after_key)s)
ORDER BY settle_on, key LIMIT %(limit)s
"""

# Every key that begins with the prefix sorts below the prefix followed by the last character there is.
SUMS_UNDER = """
SELECT claim, sum(CASE state WHEN 'pending' THEN points ELSE 0 END)::bigint,
       sum(CASE state WHEN 'settled' THEN points - reversed ELSE 0 END)::bigint
FROM (
    SELECT key AS claim, state, points, reversed FROM ledger_grant
    WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND key >= %(prefix)s AND key < %(beyond)s
    UNION ALL
    SELECT claim, state, points, reversed FROM ledger_grant
    WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND claim >= %(prefix)s AND claim < %(beyond)s
) AS g GROUP BY claim
"""

EXPIRING = """
SELECT member_id, expires_on, sum(remaining)::bigint FROM ledger_lot
WHERE member_id = ANY(%(members)s) AND wallet = %(wallet)s AND remaining > 0
  AND expires_on > %(on)s AND expires_on <= %(until)s
GROUP BY member_id, expires_on ORDER BY member_id, expires_on
"""

# By the block-range index of dates; what lapsed before is not read.
_LAPSING = "expires_on > %(since)s AND expires_on <= %(until)s AND remaining > 0 AND wallet = %(wallet)s"

MEMBERS_EXPIRING = f"""
SELECT DISTINCT member_id FROM ledger_lot WHERE {_LAPSING} AND member_id > %(after)s ORDER BY member_id
"""

COUNT_EXPIRING = f"SELECT count(DISTINCT member_id) FROM ledger_lot WHERE {_LAPSING}"

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
