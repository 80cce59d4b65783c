-- A run that tells members something counted each notice of its date once, and its points.
SELECT r.kind, r.run_on, r.members, count(n.member_id) AS notices, r.points, coalesce(sum(n.points), 0) AS told
FROM notify_run r LEFT JOIN notify_notice n
  ON n.on_date = r.run_on AND n.kind = CASE r.kind WHEN 'remind' THEN 'expiring' ELSE 'wake_up' END
GROUP BY r.kind, r.run_on, r.members, r.points
HAVING r.members <> count(n.member_id) OR r.points <> coalesce(sum(n.points), 0)
