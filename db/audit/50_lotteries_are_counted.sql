-- The log of a lottery has no gap, its counters are those of its draws, and no prize, budget or limit was exceeded.
WITH draw AS (
    SELECT campaign_id, count(*) AS draws, count(DISTINCT seq) AS places, max(seq) AS last, sum(cost_fen) AS cost_fen
    FROM lottery_draw GROUP BY campaign_id
), given AS (
    SELECT campaign_id, prize_id, count(*) AS won FROM lottery_draw GROUP BY campaign_id, prize_id
), of_member AS (
    SELECT member_id, campaign_id, count(*) AS draws, max(number) AS last, max(drawn_on) AS last_on
    FROM lottery_draw GROUP BY member_id, campaign_id
), of_day AS (
    SELECT member_id, campaign_id, drawn_on, count(*) AS draws FROM lottery_draw GROUP BY member_id, campaign_id, drawn_on
)
SELECT 'campaign' AS what, c.campaign_id::text AS id, NULL AS member_id FROM lottery_campaign c
LEFT JOIN draw d USING (campaign_id)
WHERE (c.draws, c.draws, c.draws, c.cost_fen::numeric)
      <> (coalesce(d.draws, 0), coalesce(d.places, 0), coalesce(d.last, 0), coalesce(d.cost_fen, 0))
   OR c.cost_fen > c.budget_fen
UNION ALL
SELECT 'prize', coalesce(p.campaign_id, g.campaign_id) || ':' || coalesce(p.prize_id, g.prize_id), NULL
FROM lottery_prize p FULL JOIN given g USING (campaign_id, prize_id)
WHERE p.prize_id IS NULL OR p.won <> coalesce(g.won, 0) OR p.won > p.stock
UNION ALL
SELECT 'entrant', coalesce(e.campaign_id, m.campaign_id)::text, coalesce(e.member_id, m.member_id)
FROM lottery_entrant e FULL JOIN of_member m USING (member_id, campaign_id)
LEFT JOIN of_day d ON d.member_id = m.member_id AND d.campaign_id = m.campaign_id AND d.drawn_on = m.last_on
WHERE e.member_id IS NULL OR m.member_id IS NULL OR e.draws <> m.draws OR m.last <> m.draws
   OR e.last_on <> m.last_on OR e.draws_on_last <> d.draws
UNION ALL
SELECT 'limit', campaign_id::text, member_id FROM of_day JOIN lottery_campaign c USING (campaign_id)
WHERE of_day.draws > c.draws_a_day
UNION ALL
SELECT 'limit', campaign_id::text, member_id FROM of_member JOIN lottery_campaign c USING (campaign_id)
WHERE of_member.draws > c.draws_a_member
