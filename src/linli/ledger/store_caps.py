"""SQL of caps: which pending grants lie over one, and what is taken away from them. Set-wise, one cap a stage.

What is credited already comes first, then what is due, by the time of what happened: so the result is the same in
whatever order events came, and who earned earlier keeps what they earned.
"""

# The barrier: whoever promises shares it before asking which dates are being settled; who settles waits, once, for all
# who asked before. So nothing that is due by a date appears after its caps were applied.
SHARE_BARRIER = "SELECT pg_advisory_xact_lock_shared(%(lock)s)"
PASS_BARRIER = "SELECT pg_advisory_xact_lock(%(lock)s)"

# The sums of a million members must not go through files.
ROOM_TO_SUM = "SET LOCAL work_mem = '256MB'"

SCREENED = "SELECT screened_at IS NOT NULL FROM ledger_run WHERE kind = 'settle' AND run_on = %(on)s FOR UPDATE"

NOTE_SCREENED = """
UPDATE ledger_run SET screened_at = %(at)s, cut_points = %(cut_points)s WHERE kind = 'settle' AND run_on = %(on)s
"""

DATES_DUE = """
SELECT earned_on, bool_or(capped) FROM ledger_grant
WHERE state = 'pending' AND settle_on <= %(on)s AND points > 0 GROUP BY earned_on ORDER BY earned_on
"""

# What was won in a lottery was paid for, by odds that are published: no cap of a day takes it back.
_COUNTS = "event_type <> 'lottery.drawn' AND points > 0 AND (state = 'settled' OR settle_on <= %(on)s)"
_PURCHASE = "(event_type IN ('order.paid', 'order.completed') AND source <> 'linli')"
_OF = {"all": "true", "purchases": _PURCHASE, "others": f"NOT {_PURCHASE}"}
_WHO = {"member": "member_id", "device": "device_key", "ip": "ip_key", "phone": "phone_key"}

_RANK = "ORDER BY state = 'pending', occurred_at, event_id, key, member_id ROWS UNBOUNDED PRECEDING"
_LINE = "member_id, key, state, points, cut, promised, rule, rule_version, earned_on, occurred_at, event_id"
_OVER = """
SELECT member_id, key, greatest(most - before, 0)::bigint, cut, promised, rule, rule_version, earned_on, most
FROM ranked WHERE state = 'pending' AND most IS NOT NULL AND before + points > most ORDER BY member_id, key
"""

# Of all members, devices, … of the dates due, those whose points exceed the cap are looked at grant by grant. Where
# there are none, the join ends before it reads anything. Sums of bigint would be numeric; these are as exact.
_OVER_DAY = """
WITH cap AS (
    SELECT * FROM unnest(%(dates)s::date[], %(limits)s::bigint[]) AS c (earned_on, most)
), hot AS MATERIALIZED (
    SELECT who, earned_on, most FROM (
        SELECT {who} AS who, earned_on, sum(points::float8) AS points FROM ledger_grant
        WHERE earned_on = ANY(%(dates)s::date[]) AND {counts} AND {of} AND {who} IS NOT NULL GROUP BY 1, 2
    ) AS g JOIN cap USING (earned_on) WHERE g.points > most
), ranked AS (
    SELECT {line}, most, sum(points) OVER (PARTITION BY who, g.earned_on {rank}) - points AS before
    FROM hot JOIN (
        SELECT {line}, {who} AS who FROM ledger_grant
        WHERE earned_on = ANY(%(dates)s::date[]) AND {counts} AND {of} AND {who} IS NOT NULL
    ) AS g USING (who, earned_on)
){over}
"""

OVER_DAY = {
    (per, of): _OVER_DAY.format(who=who, of=text, counts=_COUNTS, line=_LINE, rank=_RANK, over=_OVER)
    for per, who in _WHO.items()
    for of, text in _OF.items()
}

_PERIOD = {
    "day": ("earned_on", "earned_on"),
    "month": (
        "date_trunc('month', earned_on)::date",
        "(date_trunc('month', earned_on) + interval '1 month' - interval '1 day')::date",
    ),
    "life": ("'-infinity'::date", "'infinity'::date"),
}

# Where versions of a rule with different caps meet in one period, the most generous holds: it was promised. What the
# rule granted before is looked up by member and rule, for those that have something due.
_OVER_RULE = """
WITH cap AS (
    SELECT * FROM unnest(%(rules)s::text[], %(versions)s::bigint[], %(limits)s::bigint[])
         AS c (rule, rule_version, most)
), due AS (
    SELECT DISTINCT g.member_id AS who, g.rule AS what, {begins} AS begins, {ends} AS ends FROM {due}
), ranked AS (
    SELECT g.*, max(most) OVER (PARTITION BY who, what, begins) AS most,
           sum(points) OVER (PARTITION BY who, what, begins {rank}) - points AS before
    FROM due CROSS JOIN LATERAL (
        SELECT {line} FROM ledger_grant AS h
        WHERE h.capped AND h.member_id = due.who AND h.rule = due.what
          AND h.earned_on BETWEEN due.begins AND due.ends AND {counts} OFFSET 0
    ) AS g LEFT JOIN cap USING (rule, rule_version)
){over}
"""
_NAMED = "unnest(%(member_ids)s::text[], %(keys)s::text[])"


def _over_rule(due: str, counts: str) -> dict[str, str]:
    return {
        per: _OVER_RULE.format(
            begins=begins, ends=ends, due=due, counts=counts, line=_LINE, rank=_RANK, over=_OVER
        )
        for per, (begins, ends) in _PERIOD.items()
    }  # fmt: skip


OVER_RULE = _over_rule(
    "ledger_grant g WHERE g.state = 'pending' AND g.settle_on <= %(on)s AND g.points > 0 AND g.capped", _COUNTS
)
# Of the grants named, which are to be credited now.
OVER_RULE_NOW = _over_rule(
    f"{_NAMED} AS k (member_id, key) JOIN ledger_grant g USING (member_id, key) WHERE g.capped",
    f"points > 0 AND (state = 'settled' OR (member_id, key) IN (SELECT * FROM {_NAMED}))",
)

# To what is allowed, not by an amount: a refund that came in between has taken its part already.
CUT = """
UPDATE ledger_grant AS g SET points = allowed, cut = g.cut + g.points - allowed
FROM unnest(%(member_ids)s::text[], %(keys)s::text[], %(allowed)s::bigint[]) AS c (member_id, key, allowed)
WHERE g.member_id = c.member_id AND g.key = c.key AND g.state = 'pending' AND g.points > allowed
RETURNING g.member_id, g.key, g.cut
"""
