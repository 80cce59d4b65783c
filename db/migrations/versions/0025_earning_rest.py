"""Shares of one day with several friends: which of their orders a member's claims hang on.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# A claim that several causes may give a right to, kept with another member's order: where to look for the next one.
TABLE = """
CREATE TABLE earning_claim_elsewhere (
    member_id text COLLATE "C" NOT NULL,
    claim     text COLLATE "C" NOT NULL,
    owner_id  text COLLATE "C" NOT NULL,  -- the member whose order it is
    order_id  text COLLATE "C" NOT NULL,
    PRIMARY KEY (member_id, claim, owner_id, order_id)
);
"""

FILL = """
INSERT INTO earning_claim_elsewhere (member_id, claim, owner_id, order_id)
SELECT c ->> 'member_id', c ->> 'key', o.member_id, o.order_id
FROM earning_order o CROSS JOIN json_array_elements(o.more -> 'claims') AS c
WHERE c ->> 'member_id' <> o.member_id AND c ->> 'key' ~ '^(day|month|once):'
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    for part in (TABLE, FILL):
        op.execute(part)
