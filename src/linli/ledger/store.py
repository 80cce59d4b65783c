"""The ledger's SQL, all of it. Nobody else writes the ledger's tables.

Locks are taken in this order everywhere: grants, then balances (in member order), then lots. A balance row is the
lock of all that belongs to its wallet: lots, uses and holds change only under it.
"""

# --- keys -----------------------------------------------------------------------------------------------------------

CLAIM_KEY = """
INSERT INTO ledger_key (member_id, key, digest, outcome, created_at)
VALUES (%(member_id)s, %(key)s, %(digest)s, 'null', %(at)s)
ON CONFLICT (member_id, key) DO NOTHING RETURNING true
"""

KEY = "SELECT digest, outcome::text FROM ledger_key WHERE member_id = %(member_id)s AND key = %(key)s"

SAVE_KEY = "UPDATE ledger_key SET outcome = %(outcome)s WHERE member_id = %(member_id)s AND key = %(key)s"

# Given in order of member and key.
CLAIM_KEYS = """
INSERT INTO ledger_key (member_id, key, digest, outcome, created_at)
SELECT member_id, key, digest, 'null', %(at)s
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(digests)s::bytea[]) AS k (member_id, key, digest)
ON CONFLICT (member_id, key) DO NOTHING RETURNING member_id, key
"""

KEYS = """
SELECT member_id, key, k.digest, k.outcome::text
FROM unnest(%(member_ids)s::text[], %(keys)s::text[]) AS n (member_id, key) JOIN ledger_key k USING (member_id, key)
"""

FREE_KEYS = """
DELETE FROM ledger_key AS k USING unnest(%(member_ids)s::text[], %(keys)s::text[]) AS n (member_id, key)
WHERE k.member_id = n.member_id AND k.key = n.key AND k.outcome::text = 'null'
"""

SAVE_OUTCOMES = """
UPDATE ledger_key AS l SET outcome = c.outcome::json
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(outcomes)s::text[]) AS c (member_id, key, outcome)
WHERE l.member_id = c.member_id AND l.key = c.key
"""

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
