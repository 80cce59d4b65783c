"""The back office: events by time of receipt, runs that can be stopped, figures rolled up by hour.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Events of one batch bear one `received_at`, so that the tree keeps it once for all of them, at its right edge.
EVENTS = """
CREATE INDEX inbox_event_received ON inbox_event (received_at);
"""

# Movements are only ever appended, so a block-range index finds an hour at no cost per row.
MOVEMENTS = """
CREATE INDEX ledger_movement_posted ON ledger_movement USING brin (posted_at)
    WITH (pages_per_range = 32, autosummarize = on);
"""

RUNS = """
ALTER TABLE ledger_run
    ADD COLUMN due        bigint NOT NULL DEFAULT 0,  -- items found at the start
    ADD COLUMN stopped_at timestamptz;                -- somebody asked it to stop, and nobody to go on
UPDATE ledger_run SET due = items;
"""

INSIGHTS = """
-- What happened, by the hour in which it came and the business date that it is booked on: sums of what never changes.
CREATE TABLE insights_hour (
    hour_at  timestamptz NOT NULL,
    on_date  date NOT NULL,
    city     text COLLATE "C" NOT NULL,          -- the member's when it was rolled up; '' where none is known
    events   bigint NOT NULL,
    granted  bigint NOT NULL,
    settled  bigint NOT NULL,
    spent    bigint NOT NULL,
    expired  bigint NOT NULL,
    reversed bigint NOT NULL,
    adjusted bigint NOT NULL,
    PRIMARY KEY (on_date, hour_at, city)
);

-- One row: up to which instant everything is in `insights_hour`.
CREATE TABLE insights_mark (
    one          boolean PRIMARY KEY DEFAULT true CHECK (one),
    rolled_until timestamptz NOT NULL,
    events       bigint NOT NULL DEFAULT 0       -- how many came before it
);
"""


def upgrade() -> None:
    for part in (EVENTS, MOVEMENTS, RUNS, INSIGHTS):
        op.execute(part)
