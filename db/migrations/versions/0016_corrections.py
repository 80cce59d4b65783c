"""Corrections: many adjustments and reversals at once, with a preview, a second person, and a way back.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

CORRECTIONS = """
CREATE TABLE corrections_correction (
    correction_id   uuid PRIMARY KEY,
    state           text NOT NULL CHECK (state IN ('preview', 'waiting', 'approved', 'running', 'stopped', 'finished',
                                                   'rejected', 'cancelled')),
    reason          text NOT NULL,
    created_by      text NOT NULL,
    created_at      timestamptz NOT NULL,
    approved_by     text,
    approved_at     timestamptz,
    finished_at     timestamptz,
    remark          text,                              -- why it was rejected
    lines           int NOT NULL DEFAULT 0,
    faulty          int NOT NULL DEFAULT 0,
    done            int NOT NULL DEFAULT 0,
    failed          int NOT NULL DEFAULT 0,
    credit_points   bigint NOT NULL DEFAULT 0,         -- of the lines that are not faulty
    debit_points    bigint NOT NULL DEFAULT 0,
    approval_points bigint NOT NULL,                   -- above so many in all, a second person approves
    reverses        uuid REFERENCES corrections_correction,
    request_key     text UNIQUE,                       -- the caller's, so that one upload is one correction
    request_digest  bytea,
    CHECK (done + failed + faulty <= lines)
);
-- One at a time takes a correction back.
CREATE UNIQUE INDEX corrections_reversal ON corrections_correction (reverses)
    WHERE state IN ('preview', 'waiting', 'approved', 'running', 'stopped');

CREATE TABLE corrections_line (
    correction_id    uuid NOT NULL REFERENCES corrections_correction,
    no               int NOT NULL,                     -- 1, 2, 3 … as they stand in the file
    member_id        text COLLATE "C" NOT NULL,
    wallet           text COLLATE "C" NOT NULL,
    act              text NOT NULL CHECK (act IN ('adjust', 'reverse')),
    points           bigint NOT NULL,                  -- for the member: > 0 comes, < 0 goes
    grant_key        text COLLATE "C",
    reason           text NOT NULL,
    state            text NOT NULL CHECK (state IN ('ready', 'faulty', 'done', 'failed')),
    fault            json,                             -- {code, fields} of what is faulty or failed
    available_before bigint,
    available_after  bigint,
    undoes           int,                              -- the line of the correction that is reversed
    undone           boolean NOT NULL DEFAULT false,
    trace            json,                             -- what one must know to undo it exactly
    PRIMARY KEY (correction_id, no)
) WITH (fillfactor = 85);
CREATE INDEX corrections_line_ready ON corrections_line (correction_id, no) WHERE state = 'ready';
"""


def upgrade() -> None:
    op.execute(CORRECTIONS)
