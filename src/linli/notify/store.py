"""SQL of the notify room."""

MARKS = "SELECT member_id, seq FROM notify_read WHERE member_id = ANY(%(members)s)"

# Only forward: a page that was opened earlier and is answered later unreads nothing.
ADVANCE = """
INSERT INTO notify_read AS r (member_id, seq, read_at) VALUES (%(member_id)s, %(seq)s, %(at)s)
ON CONFLICT (member_id) DO UPDATE SET seq = excluded.seq, read_at = excluded.read_at WHERE excluded.seq > r.seq
"""

# --- notices --------------------------------------------------------------------------------------------------------

ADD_NOTICES = """
INSERT INTO notify_notice (member_id, kind, on_date, points, lapses_on, coupon, created_at)
SELECT member_id, %(kind)s, %(on)s, nullif(points, 0), lapses_on, %(coupon)s, %(at)s
FROM unnest(%(members)s::text[], %(points)s::bigint[], %(lapses)s::date[]) AS n (member_id, points, lapses_on)
ON CONFLICT DO NOTHING RETURNING member_id
"""

_NOTICE = "member_id, kind, on_date, points, lapses_on, coupon, created_at, read_at IS NOT NULL"
# Of two on one date, what lapses stands above.
_RANK = "CASE kind WHEN 'expiring' THEN 0 ELSE -1 END"

NOTICES_OF = f"""
SELECT {_NOTICE} FROM notify_notice
WHERE member_id = %(member_id)s AND on_date >= %(since)s AND (on_date, {_RANK}) < (%(before_on)s, %(before_rank)s)
ORDER BY on_date DESC, {_RANK} DESC LIMIT %(limit)s
"""

NOTICES = f"""
SELECT {_NOTICE} FROM notify_notice
WHERE (%(member_id)s::text IS NULL OR member_id = %(member_id)s) AND (%(kind)s::text IS NULL OR kind = %(kind)s)
  AND on_date <= %(before_on)s AND (on_date, kind, member_id) < (%(before_on)s, %(before_kind)s, %(before_member)s)
ORDER BY on_date DESC, kind DESC, member_id DESC LIMIT %(limit)s
"""

UNREAD = """
SELECT member_id, count(*) FROM notify_notice
WHERE member_id = ANY(%(members)s) AND on_date >= %(since)s AND read_at IS NULL GROUP BY member_id
"""

READ_NOTICES = f"""
UPDATE notify_notice SET read_at = %(at)s
WHERE member_id = %(member_id)s AND read_at IS NULL AND (on_date, {_RANK}) <= (%(on)s, %(rank)s)
"""

WOKEN_SINCE = """
SELECT DISTINCT member_id FROM notify_notice
WHERE member_id = ANY(%(members)s) AND kind = 'wake_up' AND on_date > %(since)s
"""

# --- runs -----------------------------------------------------------------------------------------------------------

START_RUN = """
INSERT INTO notify_run (kind, run_on, since, until, started_at)
SELECT %(kind)s, %(on)s, (SELECT max(until) FROM notify_run WHERE kind = %(kind)s AND finished_at IS NOT NULL),
       %(until)s, %(at)s
ON CONFLICT (kind, run_on) DO NOTHING RETURNING true
"""

EXPECT_OF_RUN = "UPDATE notify_run SET due = %(due)s WHERE kind = %(kind)s AND run_on = %(on)s"

_RUN = """kind, run_on,
       CASE WHEN finished_at IS NOT NULL THEN 'finished' WHEN stopped_at IS NOT NULL THEN 'stopped' ELSE 'running' END,
       due, members, items, points, started_at, finished_at"""

RUN = f"SELECT {_RUN} FROM notify_run WHERE kind = %(kind)s AND run_on = %(on)s"

SPAN = "SELECT since, until, after_member FROM notify_run WHERE kind = %(kind)s AND run_on = %(on)s"

LOCK_RUN = """
SELECT after_member, finished_at IS NULL AND stopped_at IS NULL FROM notify_run
WHERE kind = %(kind)s AND run_on = %(on)s FOR UPDATE
"""

RUNS = f"""
SELECT {_RUN} FROM notify_run WHERE kind = %(kind)s AND run_on < %(before)s ORDER BY run_on DESC LIMIT %(limit)s
"""

STOP_RUN = """
UPDATE notify_run SET stopped_at = coalesce(stopped_at, %(at)s)
WHERE kind = %(kind)s AND run_on = %(on)s AND finished_at IS NULL
"""

RESUME_RUN = "UPDATE notify_run SET stopped_at = NULL WHERE kind = %(kind)s AND run_on = %(on)s"

COUNT_RUN = """
UPDATE notify_run SET members = members + %(members)s, items = items + %(items)s, points = points + %(points)s,
       after_member = %(after)s
WHERE kind = %(kind)s AND run_on = %(on)s
"""

FINISH_RUN = "UPDATE notify_run SET finished_at = %(at)s, stopped_at = NULL WHERE kind = %(kind)s AND run_on = %(on)s"

# --- outbox ---------------------------------------------------------------------------------------------------------

PUT = """
INSERT INTO notify_outbox (topic, key, member_id, body, created_at)
SELECT %(topic)s, key, member_id, body::json, %(at)s
FROM unnest(%(keys)s::text[], %(members)s::text[], %(bodies)s::text[]) AS o (key, member_id, body)
"""

TAKE = """
DELETE FROM notify_outbox WHERE outbox_id IN (
    SELECT outbox_id FROM notify_outbox ORDER BY outbox_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) RETURNING outbox_id, topic, key, member_id, body::text
"""
