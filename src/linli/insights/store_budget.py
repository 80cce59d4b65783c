"""SQL of what was sold and issued: by business month, the event's own city and rule. Rolled up with all the rest.

An order that is told twice counts once; a cancellation gives back what was left. What a rule promised counts when it
was promised; what a refund undid of it is taken off again, under no rule. Caps and promises that were withdrawn are
not: a budget errs on the side of the programme.
"""

_FIGURES = """
    SELECT date_trunc('month', business_on)::date AS month, coalesce(data ->> 'city', '') AS city, '' AS rule,
           CASE WHEN type = 'order.paid' THEN (data ->> 'paid_fen')::bigint
                ELSE -coalesce((outcome ->> 'given_back_fen')::bigint, (data ->> 'refund_fen')::bigint, 0) END
               AS sales_fen,
           -coalesce((outcome ->> 'reversed_points')::bigint, 0) AS points
    FROM inbox_event
    WHERE received_at >= %(since)s AND received_at < %(until)s
      AND type IN ('order.paid', 'order.refunded', 'order.cancelled') AND outcome ->> 'code' IS NULL
    UNION ALL
    SELECT date_trunc('month', business_on)::date, coalesce(data ->> 'city', ''), g ->> 'rule', 0,
           (g ->> 'points')::bigint
    FROM inbox_event, json_array_elements(outcome -> 'granted') AS g
    WHERE received_at >= %(since)s AND received_at < %(until)s
"""

ROLL = f"""
INSERT INTO insights_budget AS b (month, city, rule, sales_fen, points)
SELECT month, city, rule, sum(sales_fen)::bigint, sum(points)::bigint FROM ({_FIGURES}) AS f GROUP BY month, city, rule
ON CONFLICT (month, city, rule)
DO UPDATE SET sales_fen = b.sales_fen + excluded.sales_fen, points = b.points + excluded.points
"""

SUMS = f"""
SELECT month, nullif(city, ''), rule, sum(sales_fen)::bigint, sum(points)::bigint FROM (
    SELECT month, city, rule, sales_fen, points FROM insights_budget WHERE month BETWEEN %(first)s AND %(last)s
    UNION ALL
    SELECT * FROM ({_FIGURES}) AS f WHERE month BETWEEN %(first)s AND %(last)s
) AS a GROUP BY month, city, rule ORDER BY month, city, rule
"""
