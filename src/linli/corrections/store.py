"""SQL of the corrections room."""

_CORRECTION = """correction_id, state, reason, created_by, created_at, approved_by, approved_at, finished_at, remark,
       lines, faulty, done, failed, credit_points, debit_points, approval_points, reverses"""

ADD = """
INSERT INTO corrections_correction (correction_id, state, reason, created_by, created_at, approval_points, reverses,
                                    request_key, request_digest)
VALUES (%(correction_id)s, 'preview', %(reason)s, %(by)s, %(at)s, %(approval_points)s, %(reverses)s, %(request_key)s,
        %(request_digest)s)
ON CONFLICT DO NOTHING RETURNING correction_id
"""

OF_REQUEST = "SELECT correction_id, request_digest FROM corrections_correction WHERE request_key = %(request_key)s"

REVERSAL_OF = """
SELECT correction_id FROM corrections_correction
WHERE reverses = %(correction_id)s AND state IN ('preview', 'waiting', 'approved', 'running', 'stopped')
"""

ADD_LINES = """
INSERT INTO corrections_line (correction_id, no, member_id, wallet, act, points, grant_key, reason, state, fault,
                              available_before, available_after, undoes)
SELECT %(correction_id)s, no, member_id, wallet, act, points, grant_key, reason, state, fault::json,
       nullif(before, -1), nullif(after, -1), nullif(undoes, 0)
FROM unnest(%(nos)s::int[], %(members)s::text[], %(wallets)s::text[], %(acts)s::text[], %(points)s::bigint[],
            %(grants)s::text[], %(reasons)s::text[], %(states)s::text[], %(faults)s::text[], %(befores)s::bigint[],
            %(afters)s::bigint[], %(undoes)s::int[])
     AS n (no, member_id, wallet, act, points, grant_key, reason, state, fault, before, after, undoes)
"""

COUNT_LINES = """
UPDATE corrections_correction AS c SET lines = s.lines, faulty = s.faulty, credit_points = s.credit,
       debit_points = s.debit
FROM (SELECT count(*) AS lines, count(*) FILTER (WHERE state = 'faulty') AS faulty,
             coalesce(sum(points) FILTER (WHERE state = 'ready' AND points > 0), 0) AS credit,
             coalesce(-sum(points) FILTER (WHERE state = 'ready' AND points < 0), 0) AS debit
      FROM corrections_line WHERE correction_id = %(correction_id)s) AS s
WHERE c.correction_id = %(correction_id)s
"""

CORRECTION = f"SELECT {_CORRECTION} FROM corrections_correction WHERE correction_id = %(correction_id)s"

LOCK = f"{CORRECTION} FOR UPDATE"

CORRECTIONS = f"""
SELECT {_CORRECTION} FROM corrections_correction
WHERE (%(state)s::text IS NULL OR state = %(state)s) AND correction_id < %(before)s
ORDER BY correction_id DESC LIMIT %(limit)s
"""

MOVE = """
UPDATE corrections_correction SET state = %(state)s, remark = coalesce(%(remark)s, remark),
       approval_points = coalesce(%(approval_points)s, approval_points),
       approved_by = coalesce(%(approved_by)s, approved_by), approved_at = coalesce(%(approved_at)s, approved_at),
       finished_at = %(finished_at)s
WHERE correction_id = %(correction_id)s
"""

_LINE = """no, member_id, wallet, act, points, grant_key, reason, state, fault::text, available_before,
       available_after, undoes, trace::text"""

LINES = f"""
SELECT {_LINE} FROM corrections_line
WHERE correction_id = %(correction_id)s AND (%(state)s::text IS NULL OR state = %(state)s) AND no > %(after)s
ORDER BY no LIMIT %(limit)s
"""

DONE_BEFORE = f"""
SELECT {_LINE} FROM corrections_line
WHERE correction_id = %(correction_id)s AND state = 'done' AND NOT undone AND no < %(before)s
ORDER BY no DESC LIMIT %(limit)s
"""

READY = f"""
SELECT {_LINE} FROM corrections_line
WHERE correction_id = %(correction_id)s AND state = 'ready' ORDER BY no LIMIT %(limit)s
"""

LINES_BY_NO = f"""
SELECT {_LINE} FROM corrections_line WHERE correction_id = %(correction_id)s AND no = ANY(%(nos)s)
"""

TELL_LINES = """
UPDATE corrections_line AS l SET state = t.state, fault = t.fault::json, trace = t.trace::json,
       available_before = nullif(t.before, -1), available_after = nullif(t.after, -1)
FROM unnest(%(nos)s::int[], %(states)s::text[], %(faults)s::text[], %(traces)s::text[], %(befores)s::bigint[],
            %(afters)s::bigint[]) AS t (no, state, fault, trace, before, after)
WHERE l.correction_id = %(correction_id)s AND l.no = t.no
"""

UNDONE = """
UPDATE corrections_line SET undone = true WHERE correction_id = %(correction_id)s AND no = ANY(%(nos)s)
"""

COUNT_DONE = """
UPDATE corrections_correction SET done = done + %(done)s, failed = failed + %(failed)s
WHERE correction_id = %(correction_id)s
"""
