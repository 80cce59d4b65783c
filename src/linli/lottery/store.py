"""SQL of campaigns and their prizes. A campaign's row is the lock of its counters, draws and entrants."""

_TERMS = """title::text, rules::text, price_points, draws_a_day, draws_a_member, starts_at, ends_at, minimum_prize_id,
       guarantee_every, budget_fen"""
_CAMPAIGN = f"""campaign_id, state, revision, draws, cost_fen, seed_hash, terms_hash, seed, created_by, created_at,
       published_by, published_at, stopped_at, revealed_at, {_TERMS}"""

ADD = """
INSERT INTO lottery_campaign (campaign_id, state, title, rules, price_points, draws_a_day, draws_a_member, starts_at,
                              ends_at, minimum_prize_id, guarantee_every, budget_fen, created_by, created_at,
                              request_key, request_digest)
VALUES (%(campaign_id)s, 'draft', %(title)s::text::json, %(rules)s::text::json, %(price_points)s, %(draws_a_day)s,
        %(draws_a_member)s, %(starts_at)s, %(ends_at)s, %(minimum_prize_id)s, %(guarantee_every)s, %(budget_fen)s,
        %(by)s, %(at)s, %(request_key)s, %(request_digest)s)
ON CONFLICT (request_key) DO NOTHING RETURNING campaign_id
"""

OF_REQUEST = "SELECT campaign_id, request_digest FROM lottery_campaign WHERE request_key = %(request_key)s"

CHANGE = """
UPDATE lottery_campaign SET revision = revision + 1, title = %(title)s::text::json, rules = %(rules)s::text::json,
       price_points = %(price_points)s, draws_a_day = %(draws_a_day)s, draws_a_member = %(draws_a_member)s,
       starts_at = %(starts_at)s, ends_at = %(ends_at)s, minimum_prize_id = %(minimum_prize_id)s,
       guarantee_every = %(guarantee_every)s, budget_fen = %(budget_fen)s
WHERE campaign_id = %(campaign_id)s
"""

ADD_PRIZES = """
INSERT INTO lottery_prize (campaign_id, place, prize_id, name, kind, odds_ppm, points, template_id, item_id, stock,
                           cost_fen, picture)
SELECT %(campaign_id)s, place, prize_id, name::json, kind, odds_ppm, points, template_id, item_id, stock, cost_fen,
       picture
FROM unnest(%(places)s::bigint[], %(prize_ids)s::text[], %(names)s::text[], %(kinds)s::text[], %(odds)s::bigint[],
            %(points)s::bigint[], %(templates)s::text[], %(items)s::text[], %(stocks)s::bigint[], %(costs)s::bigint[],
            %(pictures)s::text[])
     AS p (place, prize_id, name, kind, odds_ppm, points, template_id, item_id, stock, cost_fen, picture)
"""

DROP_PRIZES = "DELETE FROM lottery_prize WHERE campaign_id = %(campaign_id)s"

DROP = "DELETE FROM lottery_campaign WHERE campaign_id = %(campaign_id)s"

CAMPAIGN = f"SELECT {_CAMPAIGN} FROM lottery_campaign WHERE campaign_id = %(campaign_id)s"

LOCK = f"{CAMPAIGN} FOR UPDATE"

OF_IDS = f"SELECT {_CAMPAIGN} FROM lottery_campaign WHERE campaign_id = ANY(%(campaign_ids)s)"

LOCK_ALL = f"{OF_IDS} ORDER BY campaign_id FOR UPDATE"

PRIZES = """
SELECT campaign_id, prize_id, name::text, kind, odds_ppm, points, template_id, item_id, stock, cost_fen, picture, won
FROM lottery_prize WHERE campaign_id = ANY(%(campaign_ids)s) ORDER BY campaign_id, place
"""

_STATES = """CASE WHEN state = 'published' AND ends_at <= %(now)s THEN 'ended' ELSE state END"""

CAMPAIGNS = f"""
SELECT {_CAMPAIGN} FROM lottery_campaign
WHERE (%(state)s::text IS NULL OR {_STATES} = %(state)s) AND campaign_id < %(before)s
ORDER BY campaign_id DESC LIMIT %(limit)s
"""

SHOWN = f"""
SELECT {_CAMPAIGN} FROM lottery_campaign
WHERE state <> 'draft' AND campaign_id < %(before)s ORDER BY campaign_id DESC LIMIT %(limit)s
"""

PUBLISH = """
UPDATE lottery_campaign SET state = 'published', starts_at = greatest(starts_at, %(at)s), seed_hash = %(seed_hash)s,
       terms_hash = %(terms_hash)s, published_by = %(by)s, published_at = %(at)s
WHERE campaign_id = %(campaign_id)s
"""

ADD_SECRET = """
INSERT INTO lottery_secret (campaign_id, seed, member_key) VALUES (%(campaign_id)s, %(seed)s, %(member_key)s)
"""

SECRETS = """
SELECT s.campaign_id, s.seed, c.seed_hash, s.member_key
FROM lottery_secret s JOIN lottery_campaign c USING (campaign_id) WHERE campaign_id = ANY(%(campaign_ids)s)
"""

STOP = """
UPDATE lottery_campaign SET state = 'stopped', stopped_at = %(at)s WHERE campaign_id = %(campaign_id)s
"""

REVEAL = """
UPDATE lottery_campaign SET state = 'revealed', seed = %(seed)s, revealed_at = %(at)s
WHERE campaign_id = %(campaign_id)s
"""

TO_REVEAL = """
SELECT campaign_id FROM lottery_campaign
WHERE state = 'stopped' OR state = 'published' AND ends_at <= %(now)s ORDER BY campaign_id
"""

COUNT = """
UPDATE lottery_campaign AS c SET draws = n.draws, cost_fen = n.cost_fen
FROM unnest(%(campaign_ids)s::text[], %(draws)s::bigint[], %(costs)s::bigint[]) AS n (campaign_id, draws, cost_fen)
WHERE c.campaign_id = n.campaign_id::uuid
"""

COUNT_PRIZES = """
UPDATE lottery_prize AS p SET won = n.won
FROM unnest(%(campaign_ids)s::text[], %(prize_ids)s::text[], %(won)s::bigint[]) AS n (campaign_id, prize_id, won)
WHERE p.campaign_id = n.campaign_id::uuid AND p.prize_id = n.prize_id
"""
