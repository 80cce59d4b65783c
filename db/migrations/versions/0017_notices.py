"""Notices: what members are told that no movement says, runs that tell it, and what is to be sent elsewhere.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

NOTICES = """
CREATE TABLE notify_notice (
    member_id  text COLLATE "C" NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('expiring', 'wake_up')),
    on_date    date NOT NULL,                    -- business date of the run that told it
    points     bigint,                           -- expiring: what lapses, as it was then
    lapses_on  date,                             -- expiring: when the first of them does
    coupon     text,                             -- wake_up: the coupon that was asked for
    created_at timestamptz NOT NULL,
    read_at    timestamptz,
    PRIMARY KEY (member_id, on_date, kind)
);
CREATE INDEX notify_notice_told ON notify_notice (on_date, kind, member_id);

-- One row a kind and business date. `after_member`: how far it has come, in the order of members.
CREATE TABLE notify_run (
    kind         text NOT NULL CHECK (kind IN ('remind', 'wake_up')),
    run_on       date NOT NULL,
    since        date,                           -- dates after this one, up to `until`, are looked at; null: all
    until        date NOT NULL,
    after_member text COLLATE "C" NOT NULL DEFAULT '',
    due          bigint NOT NULL DEFAULT 0,
    members      bigint NOT NULL DEFAULT 0,
    items        bigint NOT NULL DEFAULT 0,
    points       bigint NOT NULL DEFAULT 0,
    started_at   timestamptz NOT NULL,
    stopped_at   timestamptz,
    finished_at  timestamptz,
    PRIMARY KEY (kind, run_on)
);

-- What ports have to send, written with what it tells of, and gone once it is sent.
CREATE TABLE notify_outbox (
    outbox_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text NOT NULL CHECK (topic IN ('notice', 'coupon_wanted')),
    key        text COLLATE "C" NOT NULL,        -- by which a receiver knows it again
    member_id  text COLLATE "C" NOT NULL,
    body       json NOT NULL,
    created_at timestamptz NOT NULL
);

-- Each notice knows by itself whether it was read.
ALTER TABLE notify_read DROP COLUMN read_on;
"""


def upgrade() -> None:
    op.execute(NOTICES)
