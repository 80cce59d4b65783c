"""Screening: caps at settlement. What a cap cut off stands on the grant, and in a row of its own.

Revision ID: 0012
Revises: 0018
"""

from alembic import op

revision = "0012"
down_revision = "0018"
branch_labels = None
depends_on = None

# Devices, addresses and telephones come as keyed digests: the values themselves never reach these tables.
GRANTS = """
ALTER TABLE ledger_grant
    ADD COLUMN device_key bigint,
    ADD COLUMN ip_key     bigint,
    ADD COLUMN phone_key  bigint,
    ADD COLUMN capped     boolean NOT NULL DEFAULT false,  -- its rule has caps of its own
    ADD COLUMN cut        bigint NOT NULL DEFAULT 0 CHECK (cut >= 0),  -- points that caps took away before settlement
    ADD CHECK (points + cut <= promised);
-- Grants come roughly in the order of the dates on which they are earned: a block-range index costs nothing per row.
CREATE INDEX ledger_grant_earned ON ledger_grant USING brin (earned_on) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX ledger_grant_capped ON ledger_grant (member_id, rule, earned_on) WHERE capped;
"""

RUNS = """
ALTER TABLE ledger_run
    ADD COLUMN screened_at timestamptz,            -- a settlement's caps have been applied
    ADD COLUMN cut_points  bigint NOT NULL DEFAULT 0;
UPDATE ledger_run SET screened_at = started_at WHERE kind = 'settle';
"""

SCREENING = """
-- What made digests of personal data; without it they say nothing. Made here, once, of the server's own randomness.
CREATE TABLE screening_secret (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    key bytea NOT NULL CHECK (length(key) = 32)
);
INSERT INTO screening_secret (key)
SELECT decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex');

-- Each cut: of which grant, by which cap, in which run.
CREATE TABLE screening_cut (
    member_id    text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,      -- the grant
    cap          text COLLATE "C" NOT NULL,      -- the programme's cap, or 'rule:day', 'rule:month', 'rule:life'
    run_on       date NOT NULL,
    per          text NOT NULL,                  -- member, device, ip, phone; day, month, life of one rule
    earned_on    date NOT NULL,
    rule         text NOT NULL,
    rule_version int NOT NULL,
    promised     bigint NOT NULL,                -- what the grant promised
    cut_points   bigint NOT NULL CHECK (cut_points > 0),
    limit_points bigint NOT NULL CHECK (limit_points >= 0),
    cut_at       timestamptz NOT NULL,
    PRIMARY KEY (member_id, key, cap, run_on)
);
CREATE INDEX screening_cut_on ON screening_cut (run_on, member_id, key, cap);
"""


def upgrade() -> None:
    for part in (GRANTS, RUNS, SCREENING):
        op.execute(part)
