"""The ledger's SQL of wallets and holds, one or many: always set-wise.

A balance row is the lock of all that belongs to its wallet: lots, uses and holds change only under it.
"""

# Locks without writing: a conflict that updates nothing still locks its row, in the order of the SELECT. One that is
# new is made. What follows in the same round trip reads what was committed before the lock was won.
OPEN_WALLETS = """
INSERT INTO ledger_balance AS b (member_id, wallet)
SELECT member_id, wallet FROM unnest(%(member_ids)s::text[], %(wallets)s::text[]) AS w (member_id, wallet)
ORDER BY member_id COLLATE "C", wallet COLLATE "C"
ON CONFLICT (member_id, wallet) DO UPDATE SET version = b.version WHERE false
"""

BALANCES_OF = """
SELECT member_id, wallet, b.available, b.held, b.debt, b.version
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[]) AS w (member_id, wallet)
JOIN ledger_balance b USING (member_id, wallet)
"""

LOTS_WITH_POINTS = """
SELECT member_id, wallet, l.expires_on, l.funder, l.remaining
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[]) AS w (member_id, wallet)
JOIN ledger_lot l USING (member_id, wallet) WHERE l.remaining > 0
"""

SAVE_BALANCES = """
UPDATE ledger_balance AS b SET available = c.available, held = c.held, debt = c.debt, version = c.version
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(available)s::bigint[], %(held)s::bigint[],
            %(debt)s::bigint[], %(versions)s::bigint[]) AS c (member_id, wallet, available, held, debt, version)
WHERE b.member_id = c.member_id AND b.wallet = c.wallet
"""

INSERT_MOVEMENTS = """
INSERT INTO ledger_movement (member_id, wallet, seq, posted_on, posted_at, kind, from_account, to_account, points,
                             available_after, key, order_id, reason, actor)
SELECT member_id, wallet, seq, %(posted_on)s, %(posted_at)s, kind::ledger_kind, source::ledger_account,
       target::ledger_account, points, after, key, order_id, reason, actor
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(seqs)s::bigint[], %(kinds)s::text[], %(sources)s::text[],
            %(targets)s::text[], %(points)s::bigint[], %(afters)s::bigint[], %(keys)s::text[], %(orders)s::text[],
            %(reasons)s::text[], %(actors)s::text[])
     AS m (member_id, wallet, seq, kind, source, target, points, after, key, order_id, reason, actor)
"""

ENSURE_LOTS = """
INSERT INTO ledger_lot (member_id, wallet, expires_on, funder, points, remaining)
SELECT member_id, wallet, expires_on, funder, 0, 0
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(expires)s::date[], %(funders)s::text[])
     AS c (member_id, wallet, expires_on, funder)
ON CONFLICT (member_id, wallet, expires_on, funder) DO NOTHING
"""

# `delta` changes what remains, `grown` what the lot ever held: they differ where points come back to a lot.
UPDATE_LOTS = """
UPDATE ledger_lot AS l SET remaining = l.remaining + c.delta, points = l.points + c.grown
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(expires)s::date[], %(funders)s::text[],
            %(deltas)s::bigint[], %(grown)s::bigint[]) AS c (member_id, wallet, expires_on, funder, delta, grown)
WHERE l.member_id = c.member_id AND l.wallet = c.wallet
  AND l.expires_on = c.expires_on AND l.funder = c.funder
"""

# Points in a lot that no coming expiry will look for, or perhaps not: the next one is told. `until` covers expiries
# that may be under way, the subquery those that were ahead of the clock.
NOTE_LATE = """
INSERT INTO ledger_late_lot (member_id, wallet, expires_on)
SELECT DISTINCT member_id, wallet, expires_on
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(expires)s::date[], %(deltas)s::bigint[])
     AS c (member_id, wallet, expires_on, delta)
WHERE delta > 0 AND expires_on <= greatest(%(until)s, (SELECT max(run_on) FROM ledger_run WHERE kind = 'expire'))
ON CONFLICT DO NOTHING
"""

INSERT_USES = """
INSERT INTO ledger_lot_use (member_id, wallet, use_key, expires_on, funder, points)
SELECT member_id, wallet, use_key, expires_on, funder, points
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(use_keys)s::text[], %(expires)s::date[], %(funders)s::text[],
            %(points)s::bigint[]) AS u (member_id, wallet, use_key, expires_on, funder, points)
ON CONFLICT (member_id, wallet, use_key, expires_on, funder)
DO UPDATE SET points = ledger_lot_use.points + excluded.points
"""

USES_LEFT = """
SELECT member_id, wallet, use_key, u.expires_on, u.funder, u.points - u.returned
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(use_keys)s::text[]) AS k (member_id, wallet, use_key)
JOIN ledger_lot_use u USING (member_id, wallet, use_key)
"""

# No row where nothing was ever used; 0 where all of it came back.
USE_LEFT = """
SELECT sum(points - returned)::bigint FROM ledger_lot_use
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND use_key = %(use_key)s GROUP BY use_key
"""

RETURN_USES = """
UPDATE ledger_lot_use AS u SET returned = u.returned + c.points
FROM unnest(%(member_ids)s::text[], %(wallets)s::text[], %(use_keys)s::text[], %(expires)s::date[], %(funders)s::text[],
            %(points)s::bigint[]) AS c (member_id, wallet, use_key, expires_on, funder, points)
WHERE u.member_id = c.member_id AND u.wallet = c.wallet AND u.use_key = c.use_key
  AND u.expires_on = c.expires_on AND u.funder = c.funder
"""

# --- holds ----------------------------------------------------------------------------------------------------------

INSERT_HOLDS = """
INSERT INTO ledger_hold (member_id, hold_id, wallet, points, order_id, reason, lapses_at, created_at, state, captured,
                         closed_at)
SELECT member_id, hold_id::uuid, wallet, points, order_id, reason, lapses_at, %(at)s, state, captured,
       CASE WHEN state <> 'held' THEN %(at)s::timestamptz END
FROM unnest(%(member_ids)s::text[], %(hold_ids)s::text[], %(wallets)s::text[], %(points)s::bigint[], %(orders)s::text[],
            %(reasons)s::text[], %(lapses)s::timestamptz[], %(states)s::text[], %(captured)s::bigint[])
     AS h (member_id, hold_id, wallet, points, order_id, reason, lapses_at, state, captured)
"""

_HOLD = "hold_id, member_id, wallet, points, captured, refunded, state, order_id, lapses_at, created_at"

HOLD = f"SELECT {_HOLD} FROM ledger_hold WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s"

HOLDS_NAMED = f"""
SELECT {_HOLD} FROM ledger_hold
WHERE (member_id, hold_id) IN (
    SELECT member_id, hold_id::uuid FROM unnest(%(member_ids)s::text[], %(hold_ids)s::text[]) AS k (member_id, hold_id)
)
"""

HOLDS = f"""
SELECT {_HOLD} FROM ledger_hold
WHERE member_id = %(member_id)s AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(before)s::uuid IS NULL OR hold_id < %(before)s)
ORDER BY hold_id DESC LIMIT %(limit)s
"""

LAPSED_HOLDS_OF = f"""
SELECT {_HOLD} FROM unnest(%(member_ids)s::text[], %(wallets)s::text[]) AS w (member_id, wallet)
JOIN ledger_hold USING (member_id, wallet)
WHERE state = 'held' AND lapses_at <= %(at)s
ORDER BY member_id, wallet, hold_id
"""

MEMBERS_WITH_LAPSED_HOLDS = """
SELECT DISTINCT member_id, wallet FROM ledger_hold WHERE state = 'held' AND lapses_at <= %(at)s
ORDER BY member_id, wallet LIMIT %(limit)s
"""

CLOSE_HOLDS = """
UPDATE ledger_hold AS h SET state = c.state, captured = c.captured, closed_at = %(at)s
FROM unnest(%(member_ids)s::text[], %(hold_ids)s::text[], %(states)s::text[], %(captured)s::bigint[])
     AS c (member_id, hold_id, state, captured)
WHERE h.member_id = c.member_id AND h.hold_id = c.hold_id::uuid
"""

REFUND_HOLD = """
UPDATE ledger_hold SET refunded = refunded + %(points)s WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s
"""
