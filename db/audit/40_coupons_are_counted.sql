-- A template's figures are those of its coupons: issued, void, used, and what the used ones take off.
SELECT t.template_id, t.issued, t.voided, t.used, t.used_fen, c.issued AS found, c.voided AS found_void,
       c.used AS found_used, c.used_fen AS found_fen
FROM coupons_template t
LEFT JOIN LATERAL (
    SELECT count(*) AS issued, count(*) FILTER (WHERE state = 'void') AS voided,
           count(*) FILTER (WHERE state = 'used') AS used,
           coalesce(sum(discount_fen) FILTER (WHERE state = 'used'), 0) AS used_fen
    FROM coupons_coupon WHERE template_id = t.template_id
) c ON true
WHERE (t.issued, t.voided, t.used, t.used_fen) <> (c.issued, c.voided, c.used, c.used_fen)
