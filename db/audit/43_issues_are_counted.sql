-- An issue counts its lines as they are; a line that is done has brought its member a coupon of the issue's template.
SELECT i.issue_id, i.state, i.lines, i.faulty, i.done, i.failed, l.lines AS found, l.done AS found_done,
       l.coupons AS found_coupons
FROM coupons_issue i, LATERAL (
    SELECT count(*) AS lines, count(*) FILTER (WHERE n.state = 'faulty') AS faulty,
           count(*) FILTER (WHERE n.state = 'done') AS done, count(*) FILTER (WHERE n.state = 'failed') AS failed,
           count(*) FILTER (WHERE n.state = 'ready') AS ready,
           count(*) FILTER (WHERE c.template_id = i.template_id) AS coupons
    FROM coupons_issue_line n
    LEFT JOIN coupons_coupon c ON (c.member_id, c.coupon_id) = (n.member_id, n.coupon_id)
    WHERE n.issue_id = i.issue_id
) l
WHERE (i.lines, i.faulty, i.done, i.failed) <> (l.lines, l.faulty, l.done, l.failed)
   OR l.coupons <> l.done OR (i.state = 'finished' AND l.ready > 0)
