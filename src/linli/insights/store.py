"""SQL of the insights room: reads of every room's tables, writes of its own.

`granted` is counted when Linli comes to know of it, everything else on the business date that it is booked on.
"""

# --- rolling up -----------------------------------------------------------------------------------------------------

# What came in [since, until): one row an hour, business date and city. Figures of outcomes are as they were told.
_FIGURES = """
    SELECT date_trunc('hour', received_at) AS hour_at, (received_at AT TIME ZONE %(zone)s)::date AS on_date,
           coalesce(m.city, '') AS city, count(*) AS events,
           coalesce(sum((SELECT sum((g ->> 'points')::bigint) FROM json_array_elements(e.outcome -> 'granted') AS g)),
                    0)::bigint AS granted,
           0 AS settled, 0 AS spent, 0 AS expired, 0 AS reversed, 0 AS adjusted
    FROM inbox_event e LEFT JOIN members_member m USING (member_id)
    WHERE received_at >= %(since)s AND received_at < %(until)s GROUP BY 1, 2, 3
    UNION ALL
    SELECT date_trunc('hour', posted_at), posted_on, coalesce(m.city, ''), 0, 0,
           coalesce(sum(points) FILTER (WHERE kind = 'settle'), 0),
           coalesce(sum(points) FILTER (WHERE kind IN ('spend', 'capture')), 0)
           - coalesce(sum(points) FILTER (WHERE kind = 'refund'), 0),
           coalesce(sum(points) FILTER (WHERE kind = 'expire'), 0),
           coalesce(sum(CASE WHEN to_account = 'reversed' THEN points ELSE -points END)
                    FILTER (WHERE kind = 'reverse'), 0),
           coalesce(sum(CASE WHEN to_account = 'adjusted' THEN -points ELSE points END)
                    FILTER (WHERE kind = 'adjust'), 0)
    FROM ledger_movement l LEFT JOIN members_member m USING (member_id)
    WHERE posted_at >= %(since)s AND posted_at < %(until)s GROUP BY 1, 2, 3
"""

_SUMS = """sum(events)::bigint AS events, sum(granted)::bigint AS granted, sum(settled)::bigint AS settled,
       sum(spent)::bigint AS spent, sum(expired)::bigint AS expired, sum(reversed)::bigint AS reversed,
       sum(adjusted)::bigint AS adjusted"""

# An hour may be rolled up in parts: the parts are added.
ROLL = f"""
INSERT INTO insights_hour AS h (hour_at, on_date, city, events, granted, settled, spent, expired, reversed, adjusted)
SELECT hour_at, on_date, city, {_SUMS} FROM ({_FIGURES}) AS f GROUP BY hour_at, on_date, city
ON CONFLICT (on_date, hour_at, city) DO UPDATE SET
    events = h.events + excluded.events, granted = h.granted + excluded.granted,
    settled = h.settled + excluded.settled, spent = h.spent + excluded.spent,
    expired = h.expired + excluded.expired, reversed = h.reversed + excluded.reversed,
    adjusted = h.adjusted + excluded.adjusted
"""

# Who finds it locked leaves the rolling to the other.
LOCK_MARK = "SELECT rolled_until FROM insights_mark FOR UPDATE SKIP LOCKED"

MARK = "SELECT rolled_until FROM insights_mark"

BEGIN_MARK = "INSERT INTO insights_mark (rolled_until) VALUES (%(at)s) ON CONFLICT DO NOTHING"

MOVE_MARK = """
UPDATE insights_mark SET rolled_until = %(until)s, events = events
    + (SELECT count(*) FROM inbox_event WHERE received_at >= %(since)s AND received_at < %(until)s)
"""

FORGET = "TRUNCATE insights_hour, insights_budget, insights_mark"

FIRST_THING = """
SELECT least((SELECT min(received_at) FROM inbox_event), (SELECT min(posted_at) FROM ledger_movement))
"""

# --- silence --------------------------------------------------------------------------------------------------------

# Who was last heard of within a span, or woken up within another: found by when their events came in, not by a look at
# every member. Whether they have been silent since is asked chunk by chunk, by each member's own events.
_MAYBE_SILENT = """
SELECT member_id FROM inbox_event WHERE received_at >= %(since_at)s AND received_at < %(until_at)s
UNION SELECT member_id FROM notify_notice
WHERE kind = 'wake_up' AND on_date > %(woken_since)s AND on_date <= %(woken_until)s
"""

_EVERYBODY = "SELECT member_id FROM members_member"

SILENT_CANDIDATES, ALL_CANDIDATES = (
    f"SELECT member_id FROM ({query}) AS c WHERE member_id > %(after)s ORDER BY member_id"
    for query in (_MAYBE_SILENT, _EVERYBODY)
)

COUNT_SILENT, COUNT_ALL = (f"SELECT count(*) FROM ({query}) AS c" for query in (_MAYBE_SILENT, _EVERYBODY))

HEARD_SINCE = """
SELECT DISTINCT member_id FROM inbox_event WHERE member_id = ANY(%(members)s) AND business_on > %(since)s
"""

# --- reading --------------------------------------------------------------------------------------------------------

_ALL = f"""(
    SELECT hour_at, on_date, city, events, granted, settled, spent, expired, reversed, adjusted FROM insights_hour
    WHERE on_date BETWEEN %(first)s AND %(last)s AND (%(city)s::text IS NULL OR city = %(city)s)
    UNION ALL
    SELECT * FROM ({_FIGURES}) AS f
    WHERE on_date BETWEEN %(first)s AND %(last)s AND (%(city)s::text IS NULL OR city = %(city)s)
) AS a"""

DAYS = f"""
SELECT on_date, city, {_SUMS} FROM {_ALL} GROUP BY on_date, city ORDER BY on_date, city
"""

HOURS = """
SELECT hour_at, sum(events)::bigint FROM (
    SELECT hour_at, events FROM insights_hour
    WHERE hour_at >= %(begins)s AND hour_at < %(ends)s AND (%(city)s::text IS NULL OR city = %(city)s)
      AND on_date BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT date_trunc('hour', received_at), count(*) FROM inbox_event e LEFT JOIN members_member m USING (member_id)
    WHERE received_at >= greatest(%(begins)s::timestamptz, %(since)s::timestamptz) AND received_at < %(ends)s
      AND (%(city)s::text IS NULL OR coalesce(m.city, '') = %(city)s)
    GROUP BY 1
) AS a WHERE events > 0 GROUP BY hour_at ORDER BY hour_at
"""

_OF_CITY = "JOIN members_member m ON m.member_id = t.member_id AND m.city = %(city)s"

# What can be spent is what the lots hold that have not lapsed: a block-range index leaves out the old ones.
_LIVING_LOTS = """
SELECT date_trunc('month', expires_on)::date, sum(remaining)::bigint FROM ledger_lot t {}
WHERE expires_on > %(on)s AND remaining > 0 GROUP BY 1 ORDER BY 1
"""

_HELD_AND_OWED = """
SELECT coalesce(sum(held), 0)::bigint, coalesce(sum(debt), 0)::bigint FROM ledger_balance t {}
WHERE held > 0 OR debt > 0
"""

_PENDING = "SELECT coalesce(sum(points), 0)::bigint FROM ledger_grant t {} WHERE state = 'pending'"

LIABILITY = tuple(text.format("") for text in (_LIVING_LOTS, _HELD_AND_OWED, _PENDING))
LIABILITY_OF_CITY = tuple(text.format(_OF_CITY) for text in (_LIVING_LOTS, _HELD_AND_OWED, _PENDING))

PEOPLE = "SELECT city, count(*) FROM members_member GROUP BY city ORDER BY city"

PARKED_WAITING = "SELECT count(*) FROM inbox_parked WHERE state IN ('waiting', 'conflict')"

COUNTS = f"""
SELECT (SELECT coalesce(sum(events), 0)::bigint FROM insights_mark)
       + (SELECT count(*) FROM inbox_event WHERE received_at >= %(since)s),
       (SELECT count(*) FROM inbox_event WHERE received_at > %(minute_ago)s AND received_at <= %(now)s),
       ({PARKED_WAITING})
"""
