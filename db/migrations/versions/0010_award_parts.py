"""Awards have parts: a rate and the lines that it counts for, where there was one of each.

Revision ID: 0010
Revises: 0017
"""

from alembic import op

revision = "0010"
down_revision = "0017"
branch_labels = None
depends_on = None

# Only what is of the old form: an award with `per_fen` beside it.
PARTS = """
UPDATE earning_order AS o SET bases = (
    SELECT json_agg(json_build_object(
        'event_id', basis -> 'event_id', 'paid_fen', basis -> 'paid_fen', 'lines', basis -> 'lines',
        'awards', (
            SELECT coalesce(json_agg(CASE WHEN award ->> 'per_fen' IS NULL THEN award ELSE json_build_object(
                'key', award -> 'key', 'rule', award -> 'rule', 'rule_version', award -> 'rule_version',
                'parts', json_build_array(json_build_array(award -> 'points', award -> 'per_fen', award -> 'lines'))
            ) END ORDER BY nth), '[]')
            FROM json_array_elements(basis -> 'awards') WITH ORDINALITY AS awards (award, nth)
        )
    ) ORDER BY place)
    FROM json_array_elements(o.bases) WITH ORDINALITY AS bases (basis, place)
)
WHERE o.bases::text LIKE '%"per_fen":%'
"""


def upgrade() -> None:
    op.execute(PARTS)
