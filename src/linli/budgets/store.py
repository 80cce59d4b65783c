"""SQL of the budgets' room."""

KEPT = "SELECT month, scope, id, state, since_at FROM budgets_state WHERE month = ANY(%(months)s::date[])"

# One refresh at a time; who reads goes on.
LOCK = "LOCK TABLE budgets_state IN SHARE ROW EXCLUSIVE MODE"

CHANGE = """
INSERT INTO budgets_state AS s (month, scope, id, state, since_at)
SELECT month, scope, id, state, %(at)s
FROM unnest(%(months)s::date[], %(scopes)s::text[], %(ids)s::text[], %(states)s::text[]) AS c (month, scope, id, state)
ON CONFLICT (month, scope, id) DO UPDATE SET state = excluded.state, since_at = excluded.since_at
WHERE s.state <> excluded.state
"""

RESTING = "SELECT month, scope, id FROM budgets_state WHERE state = 'paused'"
