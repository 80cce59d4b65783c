"""Jobs: procrastinate's own schema, as the pinned version brings it.

Revision ID: 0002
Revises: 0001
"""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Straight to the driver: the text holds colons and percent signs that SQLAlchemy would read.
    op.get_bind().connection.driver_connection.execute(SchemaManager.get_schema())
