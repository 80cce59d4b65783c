"""SQL of the mall's imports."""

_IMPORT = "import_id, state, lines, faulty, new, changed, created_by, created_at, finished_at"

ADD = """
INSERT INTO mall_import (import_id, state, lines, faulty, new, changed, created_by, created_at, request_key,
                         request_digest)
VALUES (%(import_id)s, 'preview', %(lines)s, %(faulty)s, %(new)s, %(changed)s, %(by)s, %(at)s, %(request_key)s,
        %(request_digest)s)
ON CONFLICT (request_key) DO NOTHING RETURNING true
"""

OF_REQUEST = "SELECT import_id, request_digest FROM mall_import WHERE request_key = %(request_key)s"

ADD_LINES = """
INSERT INTO mall_import_line (import_id, no, act, sku, title, terms, stock, differs, faults, revision)
SELECT %(import_id)s, no, act, sku, title, terms::json, stock,
       coalesce(string_to_array(nullif(differs, ''), ','), '{}'), faults::json, revision
FROM unnest(%(nos)s::int[], %(acts)s::text[], %(skus)s::text[], %(titles)s::text[], %(terms)s::text[],
            %(stocks)s::bigint[], %(differs)s::text[], %(faults)s::text[], %(revisions)s::int[])
     AS n (no, act, sku, title, terms, stock, differs, faults, revision)
"""

ONE = f"SELECT {_IMPORT} FROM mall_import WHERE import_id = %(import_id)s"

LOCK = f"{ONE} FOR UPDATE"

IMPORTS = f"""
SELECT {_IMPORT} FROM mall_import WHERE import_id < %(before)s ORDER BY import_id DESC LIMIT %(limit)s
"""

LINES = """
SELECT no, act, sku, title, terms::text, stock, differs, faults::text, revision FROM mall_import_line
WHERE import_id = %(import_id)s AND no > %(after)s AND (%(act)s::text IS NULL OR act = %(act)s)
ORDER BY no LIMIT %(limit)s
"""

FINISH = "UPDATE mall_import SET state = %(state)s, finished_at = %(at)s WHERE import_id = %(import_id)s"
