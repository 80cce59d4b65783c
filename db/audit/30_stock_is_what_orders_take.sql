-- Of each item, what is reserved and sold is what its orders and reservations take, and its total is what was put in.
WITH taken AS (
    SELECT item_id, coalesce(sum(pieces) FILTER (WHERE stock = 'reserved'), 0) AS reserved,
           coalesce(sum(pieces) FILTER (WHERE stock = 'sold'), 0) AS sold
    FROM mall_order GROUP BY item_id
), aside AS (
    SELECT item_id, sum(pieces - given) AS pieces FROM mall_reservation GROUP BY item_id
), moved AS (
    SELECT item_id, sum(change) AS total FROM mall_stock_move GROUP BY item_id
)
SELECT s.item_id, s.total, m.total AS moved, s.reserved, coalesce(t.reserved, 0) + coalesce(a.pieces, 0) AS taken,
       s.sold, t.sold AS went
FROM mall_stock s LEFT JOIN taken t USING (item_id) LEFT JOIN aside a USING (item_id) LEFT JOIN moved m USING (item_id)
WHERE s.reserved <> coalesce(t.reserved, 0) + coalesce(a.pieces, 0) OR s.sold <> coalesce(t.sold, 0)
   OR (s.total IS NOT NULL AND s.total <> coalesce(m.total, 0))
