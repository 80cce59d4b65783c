"""Lots that got points when their expiry had been or was about to be: so none need read all that ever lapsed.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = """
-- What the next expiry must look at beside the lots whose date has come since the last. Its own rows it takes away.
CREATE TABLE ledger_late_lot (
    member_id  text COLLATE "C" NOT NULL,
    wallet     text COLLATE "C" NOT NULL,
    expires_on date NOT NULL,
    PRIMARY KEY (member_id, wallet, expires_on)
);
INSERT INTO ledger_late_lot
SELECT DISTINCT member_id, wallet, expires_on FROM ledger_lot
WHERE remaining > 0 AND expires_on <= (SELECT max(run_on) FROM ledger_run WHERE kind = 'expire');
"""


def upgrade() -> None:
    op.execute(TABLE)
