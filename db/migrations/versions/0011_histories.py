"""Histories: promises that wait for a milestone, claims that pass from grant to grant, groups and who is in them.

Revision ID: 0011
Revises: 0014
"""

from alembic import op

revision = "0011"
down_revision = "0014"
branch_labels = None
depends_on = None

GRANTS = """
ALTER TABLE ledger_grant
    ADD COLUMN claim     text COLLATE "C",  -- what it stands for: null is its own key, '' nothing any more
    ADD COLUMN awaits    text COLLATE "C",  -- 'formed:<group>', 'collected:order:<id>', 'return_window:friend:<id>'
    ADD COLUMN wait_days int;               -- days from the milestone to settlement
CREATE INDEX ledger_grant_claim ON ledger_grant (member_id, claim) WHERE claim IS NOT NULL;
CREATE INDEX ledger_grant_awaits ON ledger_grant (member_id, awaits) WHERE awaits IS NOT NULL AND state = 'pending';
"""

EARNING = """
-- What few orders have: when and by which event it was completed, what else it caused, that nothing is left of it.
ALTER TABLE earning_order ADD COLUMN more json;

-- A group's row is the lock of all that is told of it.
CREATE TABLE earning_group (
    group_id  text COLLATE "C" PRIMARY KEY,
    formed_on date,                              -- the earliest business date on which it is told to have formed
    failed_at timestamptz                        -- the earliest business time at which it is told to have failed
) WITH (fillfactor = 85);

-- Who is in it, and by what: 'order:<id>', or 'event:<source>:<id>' with what that event caused.
CREATE TABLE earning_group_part (
    group_id  text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    cause     text COLLATE "C" NOT NULL,
    claims    json,
    PRIMARY KEY (group_id, member_id, cause)
);
CREATE INDEX earning_group_part_claims ON earning_group_part (member_id) WHERE claims IS NOT NULL;
"""


def upgrade() -> None:
    for part in (GRANTS, EARNING):
        op.execute(part)
