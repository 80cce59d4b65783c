"""SQL of the mall's orders."""

_ORDER = """order_id, member_id, item_id, kind, title::text, picture, pieces, wallet, points, price_fen, cost_fen,
       funder, cancel_until, state, stock, cause, code, community_id, leader_id, coupon_id, pay_until, placed_on,
       paid_on, created_at, events::text"""

# What was given back counts for no limit, and neither does what was won.
USED = """
SELECT w.member_id, w.item_id, sum(o.pieces)::bigint,
       coalesce(sum(o.pieces) FILTER (WHERE o.placed_on >= %(month)s), 0)::bigint,
       coalesce(sum(o.pieces) FILTER (WHERE o.placed_on = %(on)s), 0)::bigint
FROM (SELECT DISTINCT * FROM unnest(%(members)s::text[], %(ids)s::uuid[])) AS w (member_id, item_id)
CROSS JOIN LATERAL (
    SELECT pieces, placed_on FROM mall_order o
    WHERE o.item_id = w.item_id AND o.member_id = w.member_id AND o.cause IS NULL
      AND o.state NOT IN ('cancelled', 'refunded', 'expired')) AS o
GROUP BY w.member_id, w.item_id
"""

ADD_ORDERS = """
INSERT INTO mall_order (order_id, member_id, item_id, kind, title, picture, pieces, wallet, points, price_fen, cost_fen,
                        funder, cancel_until, state, stock, cause, code, community_id, leader_id, coupon_id, pay_until,
                        placed_on, paid_on, created_at, events)
SELECT order_id, member_id, item_id, kind, title::json, picture, pieces, wallet, points, price_fen, cost_fen, funder,
       cancel_until, state, stock, cause, code, community_id, leader_id, coupon_id, pay_until, %(on)s, paid_on, %(at)s,
       events::jsonb
FROM unnest(%(order_ids)s::uuid[], %(members)s::text[], %(items)s::uuid[], %(kinds)s::text[], %(titles)s::text[],
            %(pictures)s::text[], %(pieces)s::bigint[], %(wallets)s::text[], %(points)s::bigint[], %(prices)s::bigint[],
            %(costs)s::bigint[], %(funders)s::text[], %(cancels)s::text[], %(states)s::text[], %(stocks)s::text[],
            %(causes)s::text[], %(codes)s::text[], %(communities)s::text[], %(leaders)s::text[], %(coupons)s::text[],
            %(pay_untils)s::timestamptz[], %(paid_ons)s::date[], %(events)s::text[])
     AS n (order_id, member_id, item_id, kind, title, picture, pieces, wallet, points, price_fen, cost_fen, funder,
           cancel_until, state, stock, cause, code, community_id, leader_id, coupon_id, pay_until, paid_on, events)
"""

ADD_CODES = """
INSERT INTO mall_code (code, member_id, order_id)
SELECT * FROM unnest(%(codes)s::text[], %(members)s::text[], %(order_ids)s::uuid[])
ON CONFLICT DO NOTHING RETURNING order_id
"""

ORDER = f"SELECT {_ORDER} FROM mall_order WHERE member_id = %(member_id)s AND order_id = %(order_id)s"

LOCK_ORDER = f"{ORDER} FOR UPDATE"

OWNER = "SELECT member_id FROM mall_order WHERE order_id = %(order_id)s"

OF_CODE = "SELECT member_id, order_id FROM mall_code WHERE code = %(code)s"

OF_CAUSES = f"""
SELECT {_ORDER} FROM mall_order
WHERE (member_id, cause) IN (SELECT * FROM unnest(%(members)s::text[], %(causes)s::text[]))
"""

ORDERS_OF = f"""
SELECT {_ORDER} FROM mall_order
WHERE member_id = %(member_id)s AND order_id < %(before)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY order_id DESC LIMIT %(limit)s
"""

ORDERS = f"""
SELECT {_ORDER} FROM mall_order
WHERE order_id < %(before)s AND (%(state)s::text IS NULL OR state = %(state)s)
  AND (%(member_id)s::text IS NULL OR member_id = %(member_id)s)
  AND (%(item_id)s::uuid IS NULL OR item_id = %(item_id)s)
  AND (%(community_id)s::text IS NULL OR community_id = %(community_id)s)
ORDER BY order_id DESC LIMIT %(limit)s
"""

MOVE_ORDER = """
UPDATE mall_order SET state = %(state)s, stock = %(stock)s, code = coalesce(%(code)s, code),
       coupon_id = coalesce(%(coupon_id)s, coupon_id), paid_on = coalesce(paid_on, %(paid_on)s),
       events = events || %(event)s::jsonb
WHERE member_id = %(member_id)s AND order_id = %(order_id)s
"""

UNPAID = """
SELECT member_id, order_id FROM mall_order WHERE state = 'held' AND pay_until <= %(at)s
ORDER BY pay_until, order_id LIMIT %(limit)s
"""

# What was given back after it was collected has gone all the same: it cost what it cost, and brought nothing.
COSTS = """
SELECT item_id, min(title ->> 'zh'), min(title ->> 'en'), funder, paid_on, sum(pieces)::bigint,
       coalesce(sum(points) FILTER (WHERE state <> 'refunded'), 0)::bigint,
       coalesce(sum(price_fen) FILTER (WHERE state <> 'refunded'), 0)::bigint, sum(cost_fen)::bigint, count(*)
FROM mall_order WHERE stock = 'sold' AND paid_on BETWEEN %(from_on)s AND %(to_on)s
GROUP BY item_id, funder, paid_on ORDER BY paid_on, item_id, funder
"""
