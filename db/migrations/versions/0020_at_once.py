"""Points that arrive at once: which grants were credited in the transaction that promised them.

Revision ID: 0020
Revises: 0011
"""

from alembic import op

revision = "0020"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE ledger_grant ADD COLUMN at_once boolean NOT NULL DEFAULT false")
