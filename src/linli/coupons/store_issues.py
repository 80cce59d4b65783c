"""SQL of the coupons room: issues of many coupons at once, and their lines."""

_ISSUE = """issue_id, template_id, kind, state, reason, city, tier, created_by, created_at, finished_at, lines, faulty,
       done, failed"""

ADD = """
INSERT INTO coupons_issue (issue_id, template_id, kind, state, reason, city, tier, created_by, created_at, request_key,
                           request_digest)
VALUES (%(issue_id)s, %(template_id)s, %(kind)s, 'preview', %(reason)s, %(city)s, %(tier)s, %(by)s, %(at)s,
        %(request_key)s, %(request_digest)s)
ON CONFLICT DO NOTHING RETURNING issue_id
"""

OF_REQUEST = "SELECT issue_id, request_digest FROM coupons_issue WHERE request_key = %(request_key)s"

ADD_LINES = """
INSERT INTO coupons_issue_line (issue_id, no, member_id, state, fault)
SELECT %(issue_id)s, no, member_id, CASE WHEN fault IS NULL THEN 'ready' ELSE 'faulty' END, fault::json
FROM unnest(%(nos)s::int[], %(members)s::text[], %(faults)s::text[]) AS n (no, member_id, fault)
"""

COUNT_LINES = """
UPDATE coupons_issue AS i SET lines = s.lines, faulty = s.faulty
FROM (SELECT count(*) AS lines, count(*) FILTER (WHERE state = 'faulty') AS faulty
      FROM coupons_issue_line WHERE issue_id = %(issue_id)s) AS s
WHERE i.issue_id = %(issue_id)s
"""

ISSUE = f"SELECT {_ISSUE} FROM coupons_issue WHERE issue_id = %(issue_id)s"

LOCK = f"{ISSUE} FOR UPDATE"

# A night that found nobody leaves an issue without lines, so that it does not look again: not to be shown.
ISSUES = f"""
SELECT {_ISSUE} FROM coupons_issue
WHERE lines > 0 AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(template_id)s::text IS NULL OR template_id = %(template_id)s) AND issue_id < %(before)s
ORDER BY issue_id DESC LIMIT %(limit)s
"""

MOVE = """
UPDATE coupons_issue SET state = %(state)s, finished_at = %(finished_at)s WHERE issue_id = %(issue_id)s
"""

_LINE = "no, member_id, state, fault::text, coupon_id"

LINES = f"""
SELECT {_LINE} FROM coupons_issue_line
WHERE issue_id = %(issue_id)s AND (%(state)s::text IS NULL OR state = %(state)s) AND no > %(after)s
ORDER BY no LIMIT %(limit)s
"""

READY = f"""
SELECT {_LINE} FROM coupons_issue_line WHERE issue_id = %(issue_id)s AND state = 'ready' ORDER BY no LIMIT %(limit)s
"""

TELL_LINES = """
UPDATE coupons_issue_line AS l SET state = CASE WHEN t.fault IS NULL THEN 'done' ELSE 'failed' END,
       fault = t.fault::json, coupon_id = t.coupon_id::uuid
FROM unnest(%(nos)s::int[], %(faults)s::text[], %(coupons)s::text[]) AS t (no, fault, coupon_id)
WHERE l.issue_id = %(issue_id)s AND l.no = t.no
"""

COUNT_DONE = """
UPDATE coupons_issue SET done = done + %(done)s, failed = failed + %(failed)s WHERE issue_id = %(issue_id)s
"""
