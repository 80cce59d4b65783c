"""How far a batch that was parked whole has been taken in.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE inbox_parked ADD COLUMN taken int NOT NULL DEFAULT 0 CHECK (taken >= 0)")
