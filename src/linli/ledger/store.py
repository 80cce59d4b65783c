"""The ledger's SQL, all of it. Nobody else writes the ledger's tables.

Locks are taken in this order everywhere: grants, then balances (in member order), then lots. A balance row is the
lock of all that belongs to its wallet: lots, uses and holds change only under it.
"""

# --- one wallet -----------------------------------------------------------------------------------------------------

LOCK_BALANCE = """
INSERT INTO ledger_balance AS b (member_id, wallet) VALUES (%(member_id)s, %(wallet)s)
ON CONFLICT (member_id, wallet) DO UPDATE SET version = b.version
RETURNING available, held, debt, version
"""

LOTS_WITH_POINTS = """
SELECT expires_on, funder, remaining FROM ledger_lot
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND remaining > 0
ORDER BY expires_on, funder
"""

SAVE_BALANCE = """
UPDATE ledger_balance SET available = %(available)s, held = %(held)s, debt = %(debt)s, version = %(version)s
WHERE member_id = %(member_id)s AND wallet = %(wallet)s
"""

INSERT_MOVEMENTS = """
INSERT INTO ledger_movement (member_id, wallet, seq, posted_on, posted_at, kind, from_account, to_account, points,
                             available_after, key, order_id, reason, actor)
SELECT %(member_id)s, %(wallet)s, seq, %(posted_on)s, %(posted_at)s, kind::ledger_kind, source::ledger_account,
       target::ledger_account, points, after, key, order_id, reason, %(actor)s
FROM unnest(%(seqs)s::bigint[], %(kinds)s::text[], %(sources)s::text[], %(targets)s::text[], %(points)s::bigint[],
            %(afters)s::bigint[], %(keys)s::text[], %(orders)s::text[], %(reasons)s::text[])
     AS m (seq, kind, source, target, points, after, key, order_id, reason)
"""

ENSURE_LOTS = """
INSERT INTO ledger_lot (member_id, wallet, expires_on, funder, points, remaining)
SELECT %(member_id)s, %(wallet)s, expires_on, funder, 0, 0
FROM unnest(%(expires)s::date[], %(funders)s::text[]) AS c (expires_on, funder)
ON CONFLICT (member_id, wallet, expires_on, funder) DO NOTHING
"""

# `delta` changes what remains, `grown` what the lot ever held: they differ where points come back to a lot.
UPDATE_LOTS = """
UPDATE ledger_lot AS l SET remaining = l.remaining + c.delta, points = l.points + c.grown
FROM unnest(%(expires)s::date[], %(funders)s::text[], %(deltas)s::bigint[], %(grown)s::bigint[])
     AS c (expires_on, funder, delta, grown)
WHERE l.member_id = %(member_id)s AND l.wallet = %(wallet)s
  AND l.expires_on = c.expires_on AND l.funder = c.funder
"""

# Points in a lot that no coming expiry will look for, or perhaps not: the next one is told. `until` covers expiries
# that may be under way, the subquery those that were ahead of the clock.
NOTE_LATE = """
INSERT INTO ledger_late_lot (member_id, wallet, expires_on)
SELECT DISTINCT %(member_id)s, %(wallet)s, expires_on
FROM unnest(%(expires)s::date[], %(deltas)s::bigint[]) AS c (expires_on, delta)
WHERE delta > 0 AND expires_on <= greatest(%(until)s, (SELECT max(run_on) FROM ledger_run WHERE kind = 'expire'))
ON CONFLICT DO NOTHING
"""

INSERT_USES = """
INSERT INTO ledger_lot_use (member_id, wallet, use_key, expires_on, funder, points)
SELECT %(member_id)s, %(wallet)s, use_key, expires_on, funder, points
FROM unnest(%(use_keys)s::text[], %(expires)s::date[], %(funders)s::text[], %(points)s::bigint[])
     AS u (use_key, expires_on, funder, points)
ON CONFLICT (member_id, wallet, use_key, expires_on, funder)
DO UPDATE SET points = ledger_lot_use.points + excluded.points
"""

USES_LEFT = """
SELECT expires_on, funder, points - returned FROM ledger_lot_use
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND use_key = %(use_key)s
ORDER BY expires_on DESC, funder DESC
"""

# No row where nothing was ever used; 0 where all of it came back.
USE_LEFT = """
SELECT sum(points - returned)::bigint FROM ledger_lot_use
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND use_key = %(use_key)s GROUP BY use_key
"""

RETURN_USES = """
UPDATE ledger_lot_use AS u SET returned = u.returned + c.points
FROM unnest(%(expires)s::date[], %(funders)s::text[], %(points)s::bigint[]) AS c (expires_on, funder, points)
WHERE u.member_id = %(member_id)s AND u.wallet = %(wallet)s AND u.use_key = %(use_key)s
  AND u.expires_on = c.expires_on AND u.funder = c.funder
"""

# --- holds ----------------------------------------------------------------------------------------------------------

INSERT_HOLD = """
INSERT INTO ledger_hold (member_id, hold_id, wallet, points, order_id, reason, lapses_at, created_at)
VALUES (%(member_id)s, %(hold_id)s, %(wallet)s, %(points)s, %(order_id)s, %(reason)s, %(lapses_at)s, %(created_at)s)
"""

_HOLD = "hold_id, member_id, wallet, points, captured, refunded, state, order_id, lapses_at, created_at"

HOLD = f"SELECT {_HOLD} FROM ledger_hold WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s"

HOLDS = f"""
SELECT {_HOLD} FROM ledger_hold
WHERE member_id = %(member_id)s AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(before)s::uuid IS NULL OR hold_id < %(before)s)
ORDER BY hold_id DESC LIMIT %(limit)s
"""

LAPSED_HOLDS_OF = f"""
SELECT {_HOLD} FROM ledger_hold
WHERE member_id = %(member_id)s AND wallet = %(wallet)s AND state = 'held' AND lapses_at <= %(at)s
ORDER BY hold_id
"""

MEMBERS_WITH_LAPSED_HOLDS = """
SELECT DISTINCT member_id, wallet FROM ledger_hold WHERE state = 'held' AND lapses_at <= %(at)s
ORDER BY member_id, wallet LIMIT %(limit)s
"""

CLOSE_HOLD = """
UPDATE ledger_hold SET state = %(state)s, captured = %(captured)s, closed_at = %(at)s
WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s
"""

REFUND_HOLD = """
UPDATE ledger_hold SET refunded = refunded + %(points)s WHERE member_id = %(member_id)s AND hold_id = %(hold_id)s
"""

# --- keys -----------------------------------------------------------------------------------------------------------

CLAIM_KEY = """
INSERT INTO ledger_key (member_id, key, digest, outcome, created_at)
VALUES (%(member_id)s, %(key)s, %(digest)s, 'null', %(at)s)
ON CONFLICT (member_id, key) DO NOTHING RETURNING true
"""

KEY = "SELECT digest, outcome::text FROM ledger_key WHERE member_id = %(member_id)s AND key = %(key)s"

SAVE_KEY = "UPDATE ledger_key SET outcome = %(outcome)s WHERE member_id = %(member_id)s AND key = %(key)s"

# --- grants ---------------------------------------------------------------------------------------------------------

# Where two causes claim one key, the earlier one keeps it, as long as nothing was credited yet: so the order in
# which events arrive does not show in the end. A row comes back for each grant that is new or took over.
_INSERT_GRANTS = """
INSERT INTO ledger_grant AS g (member_id, key, wallet, promised, points, rule, rule_version, funder, occurred_at,
                               earned_on, settle_on, expires_on, event_type, source, event_id, order_id,
                               device_key, ip_key, phone_key, capped{columns})
SELECT member_id, key, wallet, points, points, rule, rule_version, funder, occurred_at,
       earned_on, settle_on, expires_on, event_type, source, event_id, order_id, device_key, ip_key, phone_key,
       capped > 0{columns}
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(wallets)s::text[], %(points)s::bigint[], %(rules)s::text[],
            %(rule_versions)s::int[], %(funders)s::text[], %(occurred)s::timestamptz[], %(earned)s::date[],
            %(settle)s::date[], %(expires)s::date[], %(event_types)s::text[], %(sources)s::text[],
            %(event_ids)s::text[], %(orders)s::text[], %(devices)s::bigint[], %(ips)s::bigint[],
            %(phones)s::bigint[], %(capped)s::bigint[]{values})
     AS n (member_id, key, wallet, points, rule, rule_version, funder, occurred_at, earned_on, settle_on, expires_on,
           event_type, source, event_id, order_id, device_key, ip_key, phone_key, capped{columns})
ON CONFLICT (member_id, key) DO UPDATE SET
    wallet = excluded.wallet, promised = excluded.promised, points = excluded.points, rule = excluded.rule,
    rule_version = excluded.rule_version,
    funder = excluded.funder, occurred_at = excluded.occurred_at, earned_on = excluded.earned_on,
    settle_on = excluded.settle_on, expires_on = excluded.expires_on, event_type = excluded.event_type,
    source = excluded.source, event_id = excluded.event_id, order_id = excluded.order_id,
    device_key = excluded.device_key, ip_key = excluded.ip_key, phone_key = excluded.phone_key,
    capped = excluded.capped,
    awaits = excluded.awaits, wait_days = excluded.wait_days
WHERE g.state = 'pending' AND g.points = g.promised
  AND (excluded.occurred_at, excluded.event_id) < (g.occurred_at, g.event_id COLLATE "C")
RETURNING g.member_id, g.key, (xmax = 0) AS is_new
"""
INSERT_GRANTS = _INSERT_GRANTS.format(columns="", values="")
# Few promises wait for a milestone: the others are spared two columns.
INSERT_WAITING_GRANTS = _INSERT_GRANTS.format(
    columns=", awaits, wait_days", values=", %(awaits)s::text[], %(wait_days)s::int[]"
)

_GRANT = (
    "member_id, key, wallet, state, promised, points, reversed, cut, rule, rule_version, funder, occurred_at, "
    "earned_on, settle_on, expires_on, settled_on, event_type, source, event_id, order_id, awaits"
)

GRANT_FOR_UPDATE = f"SELECT {_GRANT} FROM ledger_grant WHERE member_id = %(member_id)s AND key = %(key)s FOR UPDATE"

GRANTS_OF_EVENT = f"""
SELECT {_GRANT} FROM ledger_grant
WHERE member_id = ANY(%(member_ids)s) AND event_id = %(event_id)s AND source = %(source)s ORDER BY member_id, key
"""

GRANTS_OF_MEMBER = f"""
SELECT {_GRANT} FROM ledger_grant
WHERE member_id = %(member_id)s AND (%(state)s::text IS NULL OR state = %(state)s) AND key > %(after)s
ORDER BY key LIMIT %(limit)s
"""

HOLDERS = f"""
SELECT coalesce(claim, key), {_GRANT} FROM ledger_grant
WHERE member_id = %(member_id)s AND key = ANY(%(claims)s) AND claim IS NULL
UNION ALL
SELECT claim, {_GRANT} FROM ledger_grant WHERE member_id = %(member_id)s AND claim = ANY(%(claims)s)
"""

GRANTS_BY_KEY = f"""
SELECT {_GRANT} FROM ledger_grant WHERE member_id = %(member_id)s AND key = ANY(%(keys)s) ORDER BY key
"""

GRANTS_OF_ORDER = f"""
SELECT {_GRANT} FROM ledger_grant
WHERE member_id = %(member_id)s AND (order_id = %(order_id)s OR key = ANY(%(keys)s)) ORDER BY occurred_at, key
"""

LOWER_GRANT = """
UPDATE ledger_grant SET points = %(points)s WHERE member_id = %(member_id)s AND key = %(key)s AND state = 'pending'
"""

REVERSE_GRANT = """
UPDATE ledger_grant SET reversed = reversed + %(points)s
WHERE member_id = %(member_id)s AND key = %(key)s AND state = 'settled'
"""

# --- sweeps: set-wise, by chunks of members -------------------------------------------------------------------------

MEMBERS_DUE = """
SELECT DISTINCT member_id FROM ledger_grant WHERE state = 'pending' AND settle_on <= %(on)s ORDER BY member_id
"""

# The sweeps join only their own intermediate results, whose sizes the planner cannot guess (it says 1); a nested loop
# over two thousand rows each would be quadratic. What comes from a table comes by `= ANY`, never by a join.
NO_NESTED_LOOPS = "SET LOCAL enable_nestloop = off"
NESTED_LOOPS = "SET LOCAL enable_nestloop = on"

# One statement, one chain: balances wait for the grants, movements and lots wait for the balances. Nothing is written
# that does not depend on the row lock before it, because the order of the parts of one statement is not defined.
_SETTLE = """
WITH due AS (
    UPDATE ledger_grant AS g SET state = 'settled', settled_on = %(on)s{which} AND g.state = 'pending'
    RETURNING g.member_id, g.wallet, g.key, g.points, g.expires_on, g.funder, g.order_id
), line AS (
    SELECT *, row_number() OVER w AS n, sum(points) OVER w AS running
    FROM due WHERE points > 0 WINDOW w AS (PARTITION BY member_id, wallet ORDER BY key)
), total AS (
    SELECT member_id, wallet, sum(points)::bigint AS points, count(*) AS n FROM line GROUP BY member_id, wallet
), balance AS (
    INSERT INTO ledger_balance AS b (member_id, wallet, available, version)
    SELECT member_id, wallet, points, n FROM total ORDER BY member_id, wallet
    ON CONFLICT (member_id, wallet)
    DO UPDATE SET available = b.available + excluded.available, version = b.version + excluded.version
    RETURNING b.member_id, b.wallet, b.available, b.version, b.debt
), base AS (
    SELECT member_id, wallet, b.available - t.points AS available, b.version - t.n AS version
    FROM balance b JOIN total t USING (member_id, wallet)
), movement AS (
    INSERT INTO ledger_movement (member_id, wallet, seq, posted_on, posted_at, kind, from_account, to_account, points,
                                 available_after, key, order_id)
    SELECT member_id, wallet, b.version + l.n, %(on)s, %(at)s, 'settle', 'issued', 'available', l.points,
           b.available + l.running, l.key, l.order_id
    FROM line l JOIN base b USING (member_id, wallet)
), lot AS (
    INSERT INTO ledger_lot AS o (member_id, wallet, expires_on, funder, points, remaining)
    SELECT member_id, wallet, l.expires_on, l.funder, sum(l.points), sum(l.points)
    FROM line l JOIN base b USING (member_id, wallet) GROUP BY member_id, wallet, l.expires_on, l.funder
    ON CONFLICT (member_id, wallet, expires_on, funder)
    DO UPDATE SET points = o.points + excluded.points, remaining = o.remaining + excluded.remaining
), late AS (
    INSERT INTO ledger_late_lot (member_id, wallet, expires_on)
    SELECT DISTINCT member_id, wallet, l.expires_on FROM line l JOIN base b USING (member_id, wallet)
    WHERE l.expires_on <= greatest(%(until)s, (SELECT max(run_on) FROM ledger_run WHERE kind = 'expire'))
    ON CONFLICT DO NOTHING
)
SELECT (SELECT count(DISTINCT member_id) FROM due), (SELECT count(*) FROM due),
       (SELECT coalesce(sum(points), 0)::bigint FROM total),
       ARRAY(SELECT ARRAY[member_id, wallet] FROM balance WHERE debt > 0 ORDER BY member_id, wallet)
"""

SETTLE_CHUNK = _SETTLE.format(
    which="""
    WHERE g.member_id = ANY(%(members)s) AND g.settle_on <= %(on)s"""
)

# What arrives at once: in the transaction that promises it.
SETTLE_NOW = _SETTLE.format(
    which=""", settle_on = least(g.settle_on, %(on)s), at_once = true
    FROM unnest(%(member_ids)s::text[], %(keys)s::text[]) AS k (member_id, key)
    WHERE g.member_id = k.member_id AND g.key = k.key"""
)

# Locks without writing, as below: whoever holds a wallet alone knows what was credited to it.
OPEN_WALLETS = """
INSERT INTO ledger_balance AS b (member_id, wallet)
SELECT member_id, wallet FROM unnest(%(member_ids)s::text[], %(wallets)s::text[]) AS w (member_id, wallet)
ORDER BY member_id, wallet
ON CONFLICT (member_id, wallet) DO UPDATE SET version = b.version WHERE false
"""

COUNT_DUE = "SELECT count(*) FROM ledger_grant WHERE state = 'pending' AND settle_on <= %(on)s"

# All lots that lapsed by the date of a finished expiry are empty, but for those that are noted as late.
SWEPT = "SELECT max(run_on) FROM ledger_run WHERE kind = 'expire' AND finished_at IS NOT NULL"

COUNT_LAPSING = """
SELECT (SELECT count(*) FROM ledger_lot WHERE expires_on > %(swept)s AND expires_on <= %(on)s AND remaining > 0)
     + (SELECT count(*) FROM ledger_late_lot JOIN ledger_lot l USING (member_id, wallet, expires_on)
        WHERE expires_on <= least(%(on)s, %(swept)s) AND l.remaining > 0)
"""

MEMBERS_LAPSING = """
SELECT member_id FROM ledger_lot WHERE expires_on > %(swept)s AND expires_on <= %(on)s AND remaining > 0
UNION SELECT member_id FROM ledger_late_lot WHERE expires_on <= %(on)s
ORDER BY member_id
"""

# Locks without writing: a conflict that updates nothing still locks its row, in the order of the SELECT. All wallets
# of the members: one without a lapsed point now may have one when the chunk is read, by a hold that is released.
LOCK_BALANCES_OF = """
INSERT INTO ledger_balance AS b (member_id, wallet)
SELECT member_id, wallet FROM ledger_balance WHERE member_id = ANY(%(members)s) ORDER BY member_id, wallet
ON CONFLICT (member_id, wallet) DO UPDATE SET version = b.version WHERE false
"""

# A note of late points goes in the statement that reads their lots: both see what was committed by one moment.
# The statement before has locked the balances. Should a lot change all the same between `due` and `gone` (of a wallet
# that was new a moment ago), its own row tells how much has lapsed: never what was read before.
EXPIRE_CHUNK = """
WITH heeded AS (
    DELETE FROM ledger_late_lot WHERE member_id = ANY(%(members)s) AND expires_on <= %(on)s
), due AS (
    SELECT member_id, wallet, expires_on, funder, lapsed FROM ledger_lot
    WHERE member_id = ANY(%(members)s) AND expires_on <= %(on)s AND remaining > 0
), gone AS (
    UPDATE ledger_lot SET lapsed = lapsed + remaining, remaining = 0
    WHERE member_id = ANY(%(members)s) AND expires_on <= %(on)s AND remaining > 0
    RETURNING member_id, wallet, expires_on, funder, lapsed
), line AS (
    SELECT member_id, wallet, expires_on, funder, g.lapsed - d.lapsed AS points,
           row_number() OVER w AS n, sum(g.lapsed - d.lapsed) OVER w AS running
    FROM due d JOIN gone g USING (member_id, wallet, expires_on, funder)
    WINDOW w AS (PARTITION BY member_id, wallet ORDER BY expires_on, funder)
), total AS (
    SELECT member_id, wallet, sum(points)::bigint AS points, count(*) AS n FROM line GROUP BY member_id, wallet
), balance AS (
    INSERT INTO ledger_balance AS b (member_id, wallet, available, version)
    SELECT member_id, wallet, points, n FROM total ORDER BY member_id, wallet
    ON CONFLICT (member_id, wallet)
    DO UPDATE SET available = b.available - excluded.available, version = b.version + excluded.version
    RETURNING b.member_id, b.wallet, b.available, b.version
), base AS (
    SELECT member_id, wallet, b.available + t.points AS available, b.version - t.n AS version
    FROM balance b JOIN total t USING (member_id, wallet)
), movement AS (
    INSERT INTO ledger_movement (member_id, wallet, seq, posted_on, posted_at, kind, from_account, to_account, points,
                                 available_after, key)
    SELECT member_id, wallet, b.version + l.n, %(on)s, %(at)s, 'expire', 'available', 'expired', l.points,
           b.available - l.running, 'lot:' || l.expires_on || ':' || l.funder
    FROM line l JOIN base b USING (member_id, wallet)
)
SELECT (SELECT count(DISTINCT member_id) FROM total), (SELECT count(*) FROM line),
       (SELECT coalesce(sum(points), 0)::bigint FROM total)
"""

START_RUN = """
INSERT INTO ledger_run (kind, run_on, started_at) VALUES (%(kind)s, %(on)s, %(at)s)
ON CONFLICT (kind, run_on) DO NOTHING RETURNING true
"""

EXPECT_OF_RUN = "UPDATE ledger_run SET due = %(due)s WHERE kind = %(kind)s AND run_on = %(on)s"

_RUN = """kind, run_on,
       CASE WHEN finished_at IS NOT NULL THEN 'finished' WHEN stopped_at IS NOT NULL THEN 'stopped' ELSE 'running' END,
       due, members, items, points, started_at, finished_at, cut_points"""

RUN = f"SELECT {_RUN} FROM ledger_run WHERE kind = %(kind)s AND run_on = %(on)s"

LAST_RUN = "SELECT max(run_on) FROM ledger_run WHERE kind = %(kind)s"

RUNS = f"""
SELECT {_RUN} FROM ledger_run
WHERE kind = %(kind)s AND run_on < %(before)s ORDER BY run_on DESC LIMIT %(limit)s
"""

STOP_RUN = """
UPDATE ledger_run SET stopped_at = coalesce(stopped_at, %(at)s)
WHERE kind = %(kind)s AND run_on = %(on)s AND finished_at IS NULL
"""

RESUME_RUN = "UPDATE ledger_run SET stopped_at = NULL WHERE kind = %(kind)s AND run_on = %(on)s"

COUNT_RUN = """
UPDATE ledger_run SET members = members + %(members)s, items = items + %(items)s, points = points + %(points)s
WHERE kind = %(kind)s AND run_on = %(on)s RETURNING stopped_at IS NULL
"""

FINISH_RUN = """
UPDATE ledger_run SET finished_at = %(at)s, stopped_at = NULL WHERE kind = %(kind)s AND run_on = %(on)s
"""
