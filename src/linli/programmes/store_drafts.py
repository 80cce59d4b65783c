"""SQL of drafts."""

_LINE = """draft_id, title, note, author, editor, state, revision, created_at, updated_at, approved_by, approved_at,
           rejected, version"""

ADD_DRAFT = """
INSERT INTO programmes_draft (draft_id, title, document, note, author, editor, created_at, updated_at)
VALUES (%(draft_id)s, %(title)s, %(document)s, %(note)s, %(author)s, %(author)s, %(now)s, %(now)s)
ON CONFLICT (draft_id) DO NOTHING
"""

DRAFTS = f"""
SELECT {_LINE} FROM programmes_draft
WHERE (%(before)s::uuid IS NULL OR draft_id < %(before)s) AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY draft_id DESC LIMIT %(limit)s
"""

DRAFT = f"SELECT {_LINE}, document FROM programmes_draft WHERE draft_id = %(draft_id)s"

LOCK_DRAFT = f"{DRAFT} FOR UPDATE"

EDIT_DRAFT = """
UPDATE programmes_draft SET title = %(title)s, document = %(document)s, note = %(note)s, editor = %(editor)s,
    state = 'draft', revision = revision + 1, updated_at = %(now)s, approved_by = NULL, approved_at = NULL,
    rejected = NULL
WHERE draft_id = %(draft_id)s
"""

SET_STATE = """
UPDATE programmes_draft SET state = %(state)s, updated_at = %(now)s,
    approved_by = CASE WHEN %(state)s = 'approved' THEN %(by)s WHEN %(state)s = 'released' THEN approved_by END,
    approved_at = CASE WHEN %(state)s = 'approved' THEN %(now)s WHEN %(state)s = 'released' THEN approved_at END,
    rejected = %(rejected)s, version = %(version)s
WHERE draft_id = %(draft_id)s
"""
