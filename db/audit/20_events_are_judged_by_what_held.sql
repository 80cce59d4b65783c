-- An event was judged by a version that held for somebody by then, never by one in the shadow or before its first step.
SELECT e.member_id, e.source, e.event_id, e.occurred_at, (e.outcome ->> 'programme_version')::int AS version
FROM inbox_event e
WHERE (e.outcome ->> 'programme_version')::int > 0
  AND NOT EXISTS (
      SELECT FROM programmes_step s
      WHERE s.version = (e.outcome ->> 'programme_version')::int AND s.stage IN ('cities', 'percent', 'all')
        AND s.at <= e.occurred_at)
