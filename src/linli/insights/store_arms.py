"""SQL of the arms of rollouts: what the versions that judged events at the same time sold, gave back and granted."""

# Events that came in [from, until) since the rollout's first step, by the version that judged them. What is given back
# counts where the order was sold, if it was sold in the rollout.
_TOLD = """
came AS MATERIALIZED (
    SELECT member_id, type, data, outcome, (outcome ->> 'programme_version')::int AS version FROM inbox_event
    WHERE received_at >= %(from_at)s AND received_at < %(until_at)s AND occurred_at >= %(since)s
), told AS (
    SELECT version, member_id, (type = 'order.paid')::int AS orders,
           CASE WHEN type = 'order.paid' THEN (data ->> 'paid_fen')::bigint ELSE 0 END AS sales_fen, 0 AS refunded_fen,
           coalesce((SELECT sum((g ->> 'points')::bigint) FROM json_array_elements(outcome -> 'granted') AS g
                     WHERE g ->> 'wallet' = 'points'), 0) AS granted_points
    FROM came WHERE version > 0
    UNION ALL
    SELECT (p.outcome ->> 'programme_version')::int, c.member_id, 0, 0,
           CASE WHEN c.type = 'order.refunded' THEN least((c.data ->> 'refund_fen')::bigint, o.paid_fen)
                ELSE o.paid_fen - coalesce((o.refunds -> 'refunded' ->> 'unallocated_fen')::bigint, 0)
                     - coalesce((SELECT sum(v::bigint)
                                 FROM json_each_text(o.refunds -> 'refunded' -> 'by_line_fen') AS l (k, v)), 0) END,
           -coalesce((c.outcome ->> 'reversed_points')::bigint, 0)
    FROM came c
    JOIN earning_order o ON o.member_id = c.member_id AND o.order_id = c.data ->> 'order_id'
    JOIN inbox_event p ON p.member_id = c.member_id AND p.business_on = o.paid_on AND p.type = 'order.paid'
                      AND p.data ->> 'order_id' = o.order_id AND p.occurred_at >= %(since)s
                      AND (p.outcome ->> 'programme_version')::int > 0
    WHERE c.type IN ('order.refunded', 'order.cancelled') AND c.version > 0
)"""

_SUMS = """sum(orders)::bigint AS orders, sum(sales_fen)::bigint AS sales_fen,
       sum(refunded_fen)::bigint AS refunded_fen, sum(granted_points)::bigint AS granted_points"""

MARK = "SELECT added_until FROM insights_arm_mark WHERE rollout = %(rollout)s"

BEGIN_MARK = """
INSERT INTO insights_arm_mark (rollout, added_until) VALUES (%(rollout)s, %(since)s) ON CONFLICT DO NOTHING
"""

# Who finds it locked leaves the adding to the other.
LOCK_MARK = f"{MARK} FOR UPDATE SKIP LOCKED"

MOVE_MARK = "UPDATE insights_arm_mark SET added_until = %(until_at)s WHERE rollout = %(rollout)s"

ADD_ARMS = f"""
WITH {_TOLD}, fresh AS (
    INSERT INTO insights_arm_member (rollout, version, member_id)
    SELECT DISTINCT %(rollout)s::int, version, member_id FROM told ORDER BY version, member_id
    ON CONFLICT DO NOTHING RETURNING version
)
INSERT INTO insights_arm AS a (rollout, version, members, orders, sales_fen, refunded_fen, granted_points)
SELECT %(rollout)s::int, t.version, (SELECT count(*) FROM fresh f WHERE f.version = t.version), {_SUMS}
FROM told t GROUP BY t.version
ON CONFLICT (rollout, version) DO UPDATE SET
    members = a.members + excluded.members, orders = a.orders + excluded.orders,
    sales_fen = a.sales_fen + excluded.sales_fen, refunded_fen = a.refunded_fen + excluded.refunded_fen,
    granted_points = a.granted_points + excluded.granted_points
"""

ARMS = """
SELECT rollout, version, members, orders, sales_fen, refunded_fen, granted_points FROM insights_arm
WHERE rollout = ANY(%(rollouts)s) ORDER BY rollout, version
"""

# What came after the mark, and is in no sum yet.
REST = f"""
WITH {_TOLD}
SELECT t.version,
       count(DISTINCT t.member_id) FILTER (WHERE NOT EXISTS (
           SELECT FROM insights_arm_member m
           WHERE m.rollout = %(rollout)s AND m.version = t.version AND m.member_id = t.member_id)),
       {_SUMS}
FROM told t GROUP BY t.version ORDER BY t.version
"""
