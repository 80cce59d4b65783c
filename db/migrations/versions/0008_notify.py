"""Notify: how far each member has read. Messages themselves are derived from the ledger.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

NOTIFY = """
CREATE TABLE notify_read (
    member_id text COLLATE "C" PRIMARY KEY,
    seq       bigint NOT NULL CHECK (seq >= 0),  -- movements up to this one are read
    read_on   date NOT NULL,                     -- and what was announced up to this business date
    read_at   timestamptz NOT NULL
) WITH (fillfactor = 85);
"""


def upgrade() -> None:
    op.execute(NOTIFY)
