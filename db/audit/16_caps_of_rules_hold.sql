-- No member was credited more by a rule in a day, a month or a life than the most generous of its caps lets through.
WITH cap AS (
    SELECT r ->> 'id' AS rule, (v.rule_versions ->> (r ->> 'id'))::int AS rule_version, c ->> 'per' AS per,
           max((c ->> 'points')::bigint) AS most
    FROM programmes_version v, json_array_elements(v.document -> 'rules') r, json_array_elements(r -> 'caps') c
    GROUP BY 1, 2, 3
)
SELECT member_id, rule, per, max(most) AS most, sum(points) AS points, min(earned_on) AS from_on, max(earned_on) AS to_on
FROM ledger_grant JOIN cap USING (rule, rule_version) WHERE state = 'settled'
GROUP BY member_id, rule, per,
         CASE per WHEN 'day' THEN earned_on WHEN 'month' THEN date_trunc('month', earned_on)::date END
HAVING sum(points) > max(most)
