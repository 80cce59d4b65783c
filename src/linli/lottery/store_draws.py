"""SQL of draws and of who drew. All of it is written under the lock of the campaign's row."""

ENTRANTS = """
SELECT member_id, campaign_id, draws, last_on, draws_on_last FROM lottery_entrant
WHERE member_id = ANY(%(member_ids)s) AND campaign_id = ANY(%(campaign_ids)s)
"""

SAVE_ENTRANTS = """
INSERT INTO lottery_entrant AS e (member_id, campaign_id, draws, last_on, draws_on_last)
SELECT member_id, campaign_id::uuid, draws, last_on, draws_on_last
FROM unnest(%(member_ids)s::text[], %(campaign_ids)s::text[], %(draws)s::bigint[], %(last)s::date[],
            %(on_last)s::bigint[]) AS n (member_id, campaign_id, draws, last_on, draws_on_last)
ON CONFLICT (member_id, campaign_id) DO UPDATE SET
    draws = excluded.draws, last_on = excluded.last_on, draws_on_last = excluded.draws_on_last
"""

_DRAW = """draw_id, campaign_id, member_id, seq, number, digest, nonce, ticket, drawn_id, prize_id, why, points_spent,
       cost_fen, drawn_at, drawn_on, coupon_id, mall_order_id, settle_on"""

ADD_DRAWS = f"""
INSERT INTO lottery_draw ({_DRAW})
SELECT draw_id::uuid, campaign_id::uuid, member_id, seq, number, digest, nonce, ticket, drawn_id, prize_id, why,
       points_spent, cost_fen, drawn_at, drawn_on, coupon_id, mall_order_id, settle_on
FROM unnest(%(draw_ids)s::text[], %(campaign_ids)s::text[], %(member_ids)s::text[], %(seqs)s::bigint[],
            %(numbers)s::bigint[], %(digests)s::bytea[], %(nonces)s::text[], %(tickets)s::bigint[], %(drawn)s::text[],
            %(prizes)s::text[], %(whys)s::text[], %(points)s::bigint[], %(costs)s::bigint[], %(coupons)s::text[],
            %(orders)s::text[], %(settles)s::date[], %(ats)s::timestamptz[], %(ons)s::date[])
     AS n (draw_id, campaign_id, member_id, seq, number, digest, nonce, ticket, drawn_id, prize_id, why, points_spent,
           cost_fen, coupon_id, mall_order_id, settle_on, drawn_at, drawn_on)
"""

OF_MEMBER = f"""
SELECT {_DRAW} FROM lottery_draw
WHERE member_id = %(member_id)s AND (%(campaign_id)s::uuid IS NULL OR campaign_id = %(campaign_id)s)
  AND draw_id < %(before)s
ORDER BY draw_id DESC LIMIT %(limit)s
"""

LOG = f"""
SELECT {_DRAW} FROM lottery_draw WHERE campaign_id = %(campaign_id)s AND seq > %(after)s ORDER BY seq LIMIT %(limit)s
"""

DRAWS = f"""
SELECT {_DRAW} FROM lottery_draw
WHERE campaign_id = %(campaign_id)s AND seq < %(before)s
  AND (%(member_id)s::text IS NULL OR member_id = %(member_id)s)
  AND (%(prize_id)s::text IS NULL OR prize_id = %(prize_id)s)
ORDER BY seq DESC LIMIT %(limit)s
"""

FIGURES = """
SELECT drawn_id, prize_id, why, count(*), sum(points_spent)::bigint, sum(cost_fen)::bigint FROM lottery_draw
WHERE campaign_id = %(campaign_id)s GROUP BY drawn_id, prize_id, why
"""

COUNT_ENTRANTS = "SELECT count(*) FROM lottery_entrant WHERE campaign_id = %(campaign_id)s"
