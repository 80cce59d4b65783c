-- No member, device, address or telephone was credited more for one business date than the programme's cap lets through
-- (the programme that held for all when that date ended), but for what arrived at once, which nothing can cut any more,
-- and what was won in a lottery, which was paid for.
WITH held AS (
    SELECT d.earned_on, w.document
    FROM (SELECT DISTINCT earned_on FROM ledger_grant WHERE state = 'settled') d
    CROSS JOIN LATERAL (
        SELECT v.document
        FROM (
            SELECT DISTINCT ON (s.version) s.version, s.stage, s.step_no
            FROM programmes_step s JOIN programmes_version v USING (version)
            WHERE s.at < (d.earned_on + 1)::timestamp AT TIME ZONE coalesce(v.document ->> 'timezone', 'Asia/Shanghai')
            ORDER BY s.version, s.step_no DESC
        ) AS l JOIN programmes_version v USING (version)
        WHERE l.stage = 'all' ORDER BY l.step_no DESC LIMIT 1
    ) AS w
), cap AS (
    SELECT earned_on, c ->> 'id' AS cap, c ->> 'per' AS per, c ->> 'of' AS of, (c ->> 'points')::bigint AS most
    FROM held, json_array_elements(document -> 'screening' -> 'caps') c
)
SELECT cap, earned_on, CASE per WHEN 'member' THEN member_id WHEN 'device' THEN device_key::text
                                WHEN 'ip' THEN ip_key::text ELSE phone_key::text END AS who,
       most, sum(points) AS points
FROM cap JOIN ledger_grant g USING (earned_on)
WHERE g.state = 'settled' AND NOT g.at_once AND g.event_type <> 'lottery.drawn'
  AND CASE per WHEN 'device' THEN device_key IS NOT NULL WHEN 'ip' THEN ip_key IS NOT NULL
               WHEN 'phone' THEN phone_key IS NOT NULL ELSE true END
  AND CASE of WHEN 'all' THEN true
              ELSE (event_type IN ('order.paid', 'order.completed') AND source <> 'linli') = (of = 'purchases') END
GROUP BY 1, 2, 3, 4 HAVING sum(points) > most
