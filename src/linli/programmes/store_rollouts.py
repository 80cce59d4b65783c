"""SQL of staged rollout: steps, homes, and what a shadow found."""

LATEST_STEP = "SELECT coalesce(max(step_no), 0) FROM programmes_step"

_STEP = "step_no, version, stage, cities, percent, shares::text, at, actor, reason"

STEPS_SINCE = f"SELECT {_STEP} FROM programmes_step WHERE step_no > %(step_no)s ORDER BY step_no"

STEPS_OF = f"SELECT {_STEP} FROM programmes_step WHERE version = ANY(%(versions)s) ORDER BY step_no"

ADD_STEP = """
INSERT INTO programmes_step (step_no, version, stage, cities, percent, shares, at, actor, reason)
SELECT coalesce(max(step_no), 0) + 1, %(version)s, %(stage)s, %(cities)s, %(percent)s, %(shares)s, %(at)s, %(actor)s,
       %(reason)s
FROM programmes_step
"""

ADD_ROLLOUT = """
INSERT INTO programmes_rollout (version, salt, guardrails) VALUES (%(version)s, %(salt)s, %(guardrails)s)
"""

ROLLOUTS = """
SELECT version, salt, guardrails::text FROM programmes_rollout WHERE version < %(before)s
ORDER BY version DESC LIMIT %(limit)s
"""

ROLLOUT = "SELECT version, salt, guardrails::text FROM programmes_rollout WHERE version = %(version)s"

HOMES = "SELECT salt, member_id, city FROM programmes_home WHERE member_id = ANY(%(member_ids)s)"

KEEP_HOMES = """
INSERT INTO programmes_home (salt, member_id, city)
SELECT salt, member_id, city FROM unnest(%(salts)s::text[], %(member_ids)s::text[], %(cities)s::text[])
     AS n (salt, member_id, city)
ORDER BY salt, member_id ON CONFLICT DO NOTHING
"""

# One statement a batch: a promise that only the shadow makes counts when its key is new, then sums, then a sample.
NOTE_SHADOW = """
WITH line AS (
    SELECT *, row_number() OVER (PARTITION BY version, member_id, key ORDER BY event) AS nth
    FROM unnest(%(versions)s::bigint[], %(dates)s::date[], %(events)s::bigint[], %(rules)s::text[],
                %(live)s::bigint[], %(shadow)s::bigint[], %(failed)s::bigint[], %(member_ids)s::text[],
                %(keys)s::text[])
         AS l (version, on_date, event, rule, live_points, shadow_points, failed, member_id, key)
), fresh AS (
    INSERT INTO programmes_shadow_key (version, member_id, key)
    SELECT version, member_id, key FROM line WHERE key IS NOT NULL AND nth = 1 ORDER BY version, member_id, key
    ON CONFLICT DO NOTHING RETURNING version, member_id, key
), counted AS (
    SELECT l.version, l.on_date, l.event, l.rule, l.live_points, l.shadow_points, l.failed
    FROM line l LEFT JOIN fresh f USING (version, member_id, key)
    WHERE l.key IS NULL OR (f.key IS NOT NULL AND l.nth = 1)
), summed AS (
    SELECT version, on_date, '' AS rule, count(DISTINCT event) AS events,
           count(DISTINCT event) FILTER (WHERE live_points <> shadow_points) AS changed, sum(failed) AS failed,
           sum(live_points) AS live_points, sum(shadow_points) AS shadow_points
    FROM counted GROUP BY version, on_date
    UNION ALL
    SELECT version, on_date, rule, count(DISTINCT event),
           count(DISTINCT event) FILTER (WHERE live_points <> shadow_points), sum(failed),
           sum(live_points), sum(shadow_points)
    FROM counted WHERE rule <> '' GROUP BY version, on_date, rule
), sampled AS (
    INSERT INTO programmes_shadow_sample (version, place, member_id, source, event_id, type, occurred_at, live, shadow,
                                          failure)
    SELECT DISTINCT ON (version, place) version, place, member_id, source, event_id, type, occurred_at, live::json,
           shadow::json, failure
    FROM unnest(%(s_versions)s::bigint[], %(s_places)s::bigint[], %(s_members)s::text[], %(s_sources)s::text[],
                %(s_ids)s::text[], %(s_types)s::text[], %(s_occurred)s::timestamptz[], %(s_live)s::text[],
                %(s_shadow)s::text[], %(s_failures)s::text[])
         AS s (version, place, member_id, source, event_id, type, occurred_at, live, shadow, failure)
    ORDER BY version, place ON CONFLICT DO NOTHING
)
INSERT INTO programmes_shadow AS h (version, on_date, rule, slot, events, changed, failed, live_points, shadow_points)
SELECT version, on_date, rule, pg_backend_pid() % 32, events, changed, failed, live_points, shadow_points
FROM summed ORDER BY version, on_date, rule
ON CONFLICT (version, on_date, rule, slot) DO UPDATE SET
    events = h.events + excluded.events, changed = h.changed + excluded.changed, failed = h.failed + excluded.failed,
    live_points = h.live_points + excluded.live_points, shadow_points = h.shadow_points + excluded.shadow_points
"""

SHADOW = """
SELECT version, rule, sum(events)::bigint, sum(changed)::bigint, sum(failed)::bigint, sum(live_points)::bigint,
       sum(shadow_points)::bigint
FROM programmes_shadow WHERE version = ANY(%(versions)s) GROUP BY version, rule ORDER BY version, rule
"""

SHADOW_DAYS = """
SELECT on_date, sum(events)::bigint, sum(changed)::bigint, sum(failed)::bigint, sum(live_points)::bigint,
       sum(shadow_points)::bigint
FROM programmes_shadow WHERE version = %(version)s AND rule = '' GROUP BY on_date ORDER BY on_date
"""

SHADOW_SAMPLES = """
SELECT member_id, source, event_id, type, occurred_at, live::text, shadow::text, failure
FROM programmes_shadow_sample WHERE version = %(version)s ORDER BY occurred_at DESC, source, event_id LIMIT %(limit)s
"""
