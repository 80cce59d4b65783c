"""Backtests: drafts tried on stored events, how far each has come, and what came out.

Revision ID: 0015
Revises: 0012
"""

from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

BACKTESTS = """
CREATE TABLE backtests_run (
    back_test_id    uuid PRIMARY KEY,
    state           text NOT NULL DEFAULT 'queued'
                    CHECK (state IN ('queued', 'running', 'stopped', 'finished', 'failed')),
    title           text NOT NULL,
    document        json NOT NULL,               -- the programme that is tried, as it was then
    digest          bytea NOT NULL,              -- of all that was asked for: asked again meanwhile, it is this one
    from_on         date NOT NULL,
    to_on           date NOT NULL CHECK (to_on >= from_on),
    against_version int,                         -- NULL: what held at each event's time
    by_name         text NOT NULL,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    members_due     bigint NOT NULL DEFAULT 0,
    members_done    bigint NOT NULL DEFAULT 0,
    events_done     bigint NOT NULL DEFAULT 0,
    after_member    text COLLATE "C" NOT NULL DEFAULT '',  -- members up to this one are done
    sums            json,                        -- of those members
    fault           text,                        -- why it failed
    result          json,
    CHECK ((state = 'finished') = (result IS NOT NULL))
);
CREATE UNIQUE INDEX backtests_run_open ON backtests_run (digest) WHERE state IN ('queued', 'running');

-- While a back-test is under way: what each member comes to, in points of the span.
CREATE TABLE backtests_member (
    member_id    text COLLATE "C" NOT NULL,
    back_test_id uuid NOT NULL REFERENCES backtests_run ON DELETE CASCADE,
    live_points  bigint NOT NULL,
    draft_points bigint NOT NULL,
    PRIMARY KEY (member_id, back_test_id)
);
CREATE INDEX backtests_member_run ON backtests_member (back_test_id);

-- While a back-test is under way: what one member's events earn for another, each key once.
CREATE TABLE backtests_claim (
    member_id    text COLLATE "C" NOT NULL,      -- who would be granted it
    back_test_id uuid NOT NULL REFERENCES backtests_run ON DELETE CASCADE,
    arm          text NOT NULL CHECK (arm IN ('live', 'draft')),
    key          text COLLATE "C" NOT NULL,
    points       bigint NOT NULL,
    counts       boolean NOT NULL,               -- false: of an event before the span
    rule         text NOT NULL,
    month        text NOT NULL,
    city         text NOT NULL,                  -- of the event; '' where it names none
    occurred_at  timestamptz NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    PRIMARY KEY (member_id, back_test_id, arm, key)
);
CREATE INDEX backtests_claim_run ON backtests_claim (back_test_id);
"""


def upgrade() -> None:
    op.execute(BACKTESTS)
