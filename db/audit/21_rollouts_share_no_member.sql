-- At no time do two rollouts have the same members of a city: their buckets never meet.
WITH holding AS (
    SELECT s.version, n.step_no AS at_step, s.step_no, s.stage, s.shares,
           row_number() OVER (PARTITION BY s.version, n.step_no ORDER BY s.step_no DESC) AS nth
    FROM programmes_step n JOIN programmes_step s ON s.step_no <= n.step_no
), assigned AS (
    SELECT version, at_step, shares FROM holding WHERE nth = 1 AND stage IN ('cities', 'percent')
), places AS (
    SELECT DISTINCT at_step, city FROM assigned, json_object_keys(shares) AS c (city)
), taken AS (
    SELECT a.at_step, p.city, a.version, (r ->> 0)::int AS first_bucket, (r ->> 1)::int AS end_bucket
    FROM assigned a JOIN places p USING (at_step),
         json_array_elements(coalesce(a.shares -> p.city, a.shares -> '', '[]')) AS r
)
SELECT a.at_step, a.city, a.version, b.version AS other_version, a.first_bucket, a.end_bucket
FROM taken a JOIN taken b ON b.at_step = a.at_step AND b.city = a.city AND b.version > a.version
                         AND b.first_bucket < a.end_bucket AND a.first_bucket < b.end_bucket
