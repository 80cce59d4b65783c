"""SQL of the ledger as it stands: balances, lots, statements. Reads only."""

BALANCE = """
SELECT b.available, b.held, b.debt, b.version,
       (SELECT coalesce(sum(remaining), 0)::bigint FROM ledger_lot l
        WHERE l.member_id = b.member_id AND l.wallet = b.wallet AND l.expires_on <= %(on)s AND l.remaining > 0),
       (SELECT coalesce(sum(lapsed), 0)::bigint FROM ledger_lot l
        WHERE l.member_id = b.member_id AND l.wallet = b.wallet)
FROM ledger_balance b WHERE b.member_id = %(member_id)s AND b.wallet = %(wallet)s
"""

PENDING = """
SELECT settle_on, sum(points)::bigint FROM ledger_grant
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND state = 'pending' AND points > 0
GROUP BY settle_on ORDER BY settle_on
"""

NEXT_EXPIRY = """
SELECT expires_on, min(funder), sum(remaining)::bigint FROM ledger_lot
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND expires_on > %(on)s AND remaining > 0
GROUP BY expires_on ORDER BY expires_on LIMIT 1
"""

LOTS = """
SELECT expires_on, funder, points, remaining, lapsed FROM ledger_lot
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND (expires_on, funder) > (%(after_on)s, %(after_funder)s)
ORDER BY expires_on, funder LIMIT %(limit)s
"""

STATEMENT = """
SELECT seq, posted_on, posted_at, kind::text, from_account::text, to_account::text, points, available_after, key,
       order_id, reason, actor
FROM ledger_movement
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND seq < %(before)s
  AND (%(kinds)s::text[] IS NULL OR kind::text = ANY(%(kinds)s))
  AND posted_on >= %(from_on)s AND posted_on <= %(to_on)s
ORDER BY seq DESC LIMIT %(limit)s
"""

MOVEMENT = """
SELECT seq, posted_on, posted_at, kind::text, from_account::text, to_account::text, points, available_after, key,
       order_id, reason, actor
FROM ledger_movement WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND seq = %(seq)s
"""

USES = """
SELECT expires_on, funder, points FROM ledger_lot_use
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND use_key = %(use_key)s ORDER BY expires_on, funder
"""

AVAILABLE_OF = """
SELECT m.member_id, coalesce((
    SELECT sum(remaining) FROM ledger_lot l
    WHERE l.member_id = m.member_id AND l.wallet = %(wallet)s AND l.expires_on > %(on)s AND l.remaining > 0
), 0)::bigint
FROM unnest(%(members)s::text[]) AS m (member_id)
"""
