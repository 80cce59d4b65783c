"""SQL of the screening room."""

SECRET = "SELECT key FROM screening_secret"

# One screening at a time; readers go on.
LOCK = "LOCK TABLE screening_cut IN SHARE ROW EXCLUSIVE MODE"

_CUT = "member_id, key, rule, rule_version, cap, per, earned_on, promised, cut_points, limit_points, run_on, cut_at"

INSERT_CUTS = f"""
INSERT INTO screening_cut ({_CUT})
SELECT {_CUT}
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(rules)s::text[], %(rule_versions)s::bigint[], %(caps)s::text[],
            %(pers)s::text[], %(earned)s::date[], %(promised)s::bigint[], %(cuts)s::bigint[], %(limits)s::bigint[],
            %(runs)s::date[], %(ats)s::timestamptz[]) AS c ({_CUT})
"""

CUTS = f"""
SELECT {_CUT} FROM screening_cut
WHERE (run_on < %(run_on)s OR run_on = %(run_on)s AND (member_id, key, cap) > (%(after_member)s, %(after_key)s,
       %(after_cap)s))
  AND (%(on)s::date IS NULL OR earned_on = %(on)s) AND (%(member_id)s::text IS NULL OR member_id = %(member_id)s)
  AND (%(cap)s::text IS NULL OR cap = %(cap)s)
ORDER BY run_on DESC, member_id, key, cap LIMIT %(limit)s
"""

CUTS_OF = f"""
SELECT {_CUT} FROM screening_cut
WHERE member_id = ANY(%(member_ids)s::text[])
  AND (member_id, key) IN (SELECT * FROM unnest(%(member_ids)s::text[], %(keys)s::text[]))
ORDER BY member_id, key, run_on, cap
"""
