"""SQL of the back-tests' room."""

_RUN = (
    "back_test_id, state, from_on, to_on, against_version, title, members_due, members_done, events_done, by_name, "
    "created_at, started_at, finished_at, fault, result::text"
)

# Asked for again while the same is open, it is the one that is open.
REQUEST = """
INSERT INTO backtests_run (back_test_id, title, document, digest, from_on, to_on, against_version, by_name, created_at)
VALUES (%(back_test_id)s, %(title)s, %(document)s::json, %(digest)s, %(from_on)s, %(to_on)s, %(against_version)s,
        %(by)s, %(at)s)
ON CONFLICT (digest) WHERE state IN ('queued', 'running') DO NOTHING
"""

OPEN = f"SELECT {_RUN} FROM backtests_run WHERE digest = %(digest)s AND state IN ('queued', 'running')"

ONE = f"SELECT {_RUN} FROM backtests_run WHERE back_test_id = %(back_test_id)s"

NEWEST = f"""
SELECT {_RUN} FROM backtests_run WHERE %(before)s::uuid IS NULL OR back_test_id < %(before)s
ORDER BY back_test_id DESC LIMIT %(limit)s
"""

BEGIN = """
UPDATE backtests_run SET state = 'running', started_at = coalesce(started_at, %(at)s), members_due = %(members_due)s
WHERE back_test_id = %(back_test_id)s AND state IN ('queued', 'running')
"""

PLAN = """
SELECT document::text, from_on, to_on, against_version, after_member FROM backtests_run
WHERE back_test_id = %(back_test_id)s AND state = 'running'
"""

STOP = """
UPDATE backtests_run SET state = 'stopped'
WHERE back_test_id = %(back_test_id)s AND state IN ('queued', 'running')
"""

# Not where the same was asked for again meanwhile: that one is open.
RESUME = """
UPDATE backtests_run r SET state = 'queued', fault = NULL
WHERE back_test_id = %(back_test_id)s AND state IN ('stopped', 'failed')
  AND NOT EXISTS (SELECT FROM backtests_run o WHERE o.digest = r.digest AND o.state IN ('queued', 'running'))
"""

FAIL = """
UPDATE backtests_run SET state = 'failed', fault = %(fault)s
WHERE back_test_id = %(back_test_id)s AND state IN ('queued', 'running')
"""

# The row is the lock of the run: of two that work on it, the second finds that the first has come further.
LOCK = """
SELECT sums::text FROM backtests_run
WHERE back_test_id = %(back_test_id)s AND after_member = %(after)s AND state = ANY(%(states)s) FOR UPDATE
"""

COUNT = """
UPDATE backtests_run SET after_member = %(last)s, sums = %(sums)s::json,
    members_done = members_done + %(members)s, events_done = events_done + %(events)s,
    members_due = greatest(members_due, members_done + %(members)s)
WHERE back_test_id = %(back_test_id)s
RETURNING state = 'running'
"""

WRITE_MEMBERS = """
INSERT INTO backtests_member (member_id, back_test_id, live_points, draft_points)
SELECT member_id, %(back_test_id)s, live, draft
FROM unnest(%(member_ids)s::text[], %(live)s::bigint[], %(draft)s::bigint[]) AS n (member_id, live, draft)
"""

# As in the ledger: of two causes of one grant, the earlier keeps it.
WRITE_CLAIMS = """
INSERT INTO backtests_claim AS c (member_id, back_test_id, arm, key, points, counts, rule, month, city, occurred_at,
                                  event_id)
SELECT member_id, %(back_test_id)s, arm, key, points, counts = 1, rule, month, city, occurred_at, event_id
FROM unnest(%(member_ids)s::text[], %(arms)s::text[], %(keys)s::text[], %(points)s::bigint[], %(counts)s::bigint[],
            %(rules)s::text[], %(months)s::text[], %(cities)s::text[], %(occurred)s::timestamptz[],
            %(event_ids)s::text[])
     AS n (member_id, arm, key, points, counts, rule, month, city, occurred_at, event_id)
ON CONFLICT (member_id, back_test_id, arm, key) DO UPDATE SET
    points = excluded.points, counts = excluded.counts, rule = excluded.rule, month = excluded.month,
    city = excluded.city, occurred_at = excluded.occurred_at, event_id = excluded.event_id
WHERE (excluded.occurred_at, excluded.event_id) < (c.occurred_at, c.event_id)
"""

CLAIMS = """
SELECT arm, rule, month, city, sum(points)::bigint, count(*) FROM backtests_claim
WHERE back_test_id = %(back_test_id)s AND counts AND points > 0 GROUP BY arm, rule, month, city
"""

CLAIMS_TO_MEMBERS = """
INSERT INTO backtests_member AS m (member_id, back_test_id, live_points, draft_points)
SELECT member_id, back_test_id, coalesce(sum(points) FILTER (WHERE arm = 'live'), 0)::bigint,
       coalesce(sum(points) FILTER (WHERE arm = 'draft'), 0)::bigint
FROM backtests_claim WHERE back_test_id = %(back_test_id)s AND counts GROUP BY member_id, back_test_id
ON CONFLICT (member_id, back_test_id) DO UPDATE SET
    live_points = m.live_points + excluded.live_points, draft_points = m.draft_points + excluded.draft_points
"""

MEMBERS = """
SELECT count(*) FILTER (WHERE live_points > 0), count(*) FILTER (WHERE draft_points > 0),
       count(*) FILTER (WHERE draft_points > live_points), count(*) FILTER (WHERE draft_points < live_points),
       count(*) FILTER (WHERE draft_points = live_points)
FROM backtests_member WHERE back_test_id = %(back_test_id)s
"""

_EXTREMES = """
SELECT member_id, live_points, draft_points FROM backtests_member
WHERE back_test_id = %(back_test_id)s AND draft_points {sign} live_points
ORDER BY abs(draft_points - live_points) DESC, member_id LIMIT %(limit)s
"""
GAINS, LOSSES = _EXTREMES.format(sign=">"), _EXTREMES.format(sign="<")

DISTRIBUTION = """
SELECT width_bucket(draft_points - live_points, %(edges)s::bigint[]), count(*) FROM backtests_member
WHERE back_test_id = %(back_test_id)s GROUP BY 1 ORDER BY 1
"""

FINISH = """
UPDATE backtests_run SET state = 'finished', finished_at = %(at)s, result = %(result)s::json, sums = NULL
WHERE back_test_id = %(back_test_id)s
"""

TIDY = (
    "DELETE FROM backtests_claim WHERE back_test_id = %(back_test_id)s",
    "DELETE FROM backtests_member WHERE back_test_id = %(back_test_id)s",
)
