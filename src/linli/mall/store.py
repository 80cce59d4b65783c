"""SQL of the mall: items, stock, pictures."""

_ITEM = """i.item_id, i.state, i.terms::text, s.total, s.reserved, s.sold, i.revision, i.listed_at, i.created_at,
       i.updated_at, i.updated_by"""

ADD_ITEM = """
INSERT INTO mall_item (item_id, terms, created_at, updated_at, updated_by)
VALUES (%(item_id)s, %(terms)s::jsonb, %(at)s, %(at)s, %(by)s)
ON CONFLICT (sku) DO NOTHING RETURNING item_id
"""

ADD_STOCK = "INSERT INTO mall_stock (item_id, total) VALUES (%(item_id)s, %(total)s)"

ITEM = f"SELECT {_ITEM} FROM mall_item i JOIN mall_stock s USING (item_id) WHERE i.item_id = %(item_id)s"

LOCK_ITEM = f"{ITEM} FOR UPDATE OF i"

ITEMS_BY_ID = (
    f"SELECT {_ITEM} FROM mall_item i JOIN mall_stock s USING (item_id) WHERE i.item_id = ANY(%(ids)s::uuid[])"
)

ITEMS_BY_SKU = f"SELECT {_ITEM} FROM mall_item i JOIN mall_stock s USING (item_id) WHERE i.sku = ANY(%(skus)s)"

ITEMS = f"""
SELECT {_ITEM} FROM mall_item i JOIN mall_stock s USING (item_id)
WHERE i.item_id < %(before)s AND (%(state)s::text IS NULL OR i.state = %(state)s)
  AND (%(kind)s::text IS NULL OR i.kind = %(kind)s) AND (%(category)s::text IS NULL OR i.category = %(category)s)
  AND (%(q)s::text IS NULL OR i.sku = %(q)s
       OR strpos(lower((i.terms -> 'title' ->> 'zh') || ' ' || (i.terms -> 'title' ->> 'en')), lower(%(q)s)) > 0)
ORDER BY i.item_id DESC LIMIT %(limit)s
"""

LISTED = f"SELECT {_ITEM} FROM mall_item i JOIN mall_stock s USING (item_id) WHERE i.state = 'listed'"

SKU_OF_ANOTHER = "SELECT FROM mall_item WHERE sku = %(sku)s AND item_id <> %(item_id)s"

EDIT_ITEM = """
UPDATE mall_item SET terms = %(terms)s::jsonb, revision = revision + 1, updated_at = %(at)s, updated_by = %(by)s
WHERE item_id = %(item_id)s
"""

MOVE_ITEM = """
UPDATE mall_item SET state = %(state)s, listed_at = CASE WHEN %(state)s = 'listed' THEN %(at)s ELSE listed_at END,
       revision = revision + 1, updated_at = %(at)s, updated_by = %(by)s
WHERE item_id = %(item_id)s
"""

STOCK_KEPT = """
SELECT item_id, total, reserved, sold FROM mall_stock WHERE item_id = ANY(%(ids)s::uuid[]) ORDER BY item_id FOR UPDATE
"""

SET_TOTAL = "UPDATE mall_stock SET total = %(total)s WHERE item_id = %(item_id)s"

CHANGE_STOCK = """
UPDATE mall_stock AS s SET reserved = s.reserved + c.reserved, sold = s.sold + c.sold
FROM unnest(%(ids)s::uuid[], %(reserved)s::bigint[], %(sold)s::bigint[]) AS c (item_id, reserved, sold)
WHERE s.item_id = c.item_id
"""

ADD_STOCK_MOVE = """
INSERT INTO mall_stock_move (item_id, move_id, change, total_after, reason, by, at)
VALUES (%(item_id)s, %(move_id)s, %(change)s, %(total_after)s, %(reason)s, %(by)s, %(at)s)
"""

STOCK_MOVES = """
SELECT move_id, change, total_after, reason, by, at FROM mall_stock_move
WHERE item_id = %(item_id)s AND move_id < %(before)s ORDER BY move_id DESC LIMIT %(limit)s
"""

ADD_PICTURE = """
INSERT INTO mall_picture (picture_id, media_type, width, height, digest, body, by, at)
VALUES (%(picture_id)s, %(media_type)s, %(width)s, %(height)s, %(digest)s, %(body)s, %(by)s, %(at)s)
ON CONFLICT (digest) DO NOTHING
"""

PICTURE_LIKE = "SELECT picture_id FROM mall_picture WHERE digest = %(digest)s"

PICTURE = "SELECT media_type, body FROM mall_picture WHERE picture_id = %(picture_id)s"

LOCK_RESERVATIONS = """
SELECT item_id, cause, pieces - given FROM mall_reservation
WHERE (item_id, cause) IN (SELECT * FROM unnest(%(ids)s::uuid[], %(causes)s::text[])) ORDER BY item_id, cause FOR UPDATE
"""

ADD_RESERVATION = """
INSERT INTO mall_reservation AS r (item_id, cause, pieces) VALUES (%(item_id)s, %(cause)s, %(pieces)s)
ON CONFLICT (item_id, cause) DO UPDATE SET pieces = r.pieces + excluded.pieces
"""

GIVE_OF_RESERVATIONS = """
UPDATE mall_reservation AS r SET given = r.given + n.pieces
FROM unnest(%(ids)s::uuid[], %(causes)s::text[], %(pieces)s::bigint[]) AS n (item_id, cause, pieces)
WHERE r.item_id = n.item_id AND r.cause = n.cause
"""

CUT_RESERVATION = """
UPDATE mall_reservation SET pieces = given WHERE item_id = %(item_id)s AND cause = %(cause)s
"""
