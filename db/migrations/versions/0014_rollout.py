"""Staged rollout: drafts, the steps of versions, homes of members, what a shadow found; arms in the insights.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

DRAFTS = """
CREATE TABLE programmes_draft (
    draft_id    uuid PRIMARY KEY,                -- version 7: in the order of time
    title       text NOT NULL,
    document    text NOT NULL,                   -- JSON as it was sent: an object, or a text that holds YAML or JSON
    note        text NOT NULL,
    author      text NOT NULL,
    editor      text NOT NULL,                   -- who changed the document last
    state       text NOT NULL DEFAULT 'draft'
                CHECK (state IN ('draft', 'checked', 'approved', 'rejected', 'released')),
    revision    int NOT NULL DEFAULT 1,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    approved_by text,
    approved_at timestamptz,
    rejected    text,                            -- why
    version     int REFERENCES programmes_version,
    CHECK ((state = 'released') = (version IS NOT NULL)),
    CHECK (state NOT IN ('approved', 'released') OR approved_by IS NOT NULL)
);
"""

STEPS = """
CREATE TABLE programmes_rollout (
    version    int PRIMARY KEY REFERENCES programmes_version,
    salt       text NOT NULL,                    -- one for all rollouts that are under way together
    guardrails json NOT NULL
);

-- For whom a version holds, from when on. Of a version's steps whose time has come, the last written holds.
CREATE TABLE programmes_step (
    step_no int PRIMARY KEY,
    version int NOT NULL REFERENCES programmes_version,
    stage   text NOT NULL CHECK (stage IN ('shadow', 'cities', 'percent', 'all', 'retired', 'rolled_back')),
    cities  text[],
    percent int CHECK (percent BETWEEN 1 AND 100),
    shares  json NOT NULL,                       -- city ('' for everywhere else) -> [[first bucket, end], ...]
    at      timestamptz NOT NULL,                -- business time
    actor   text NOT NULL,
    reason  text NOT NULL
);
CREATE INDEX programmes_step_version ON programmes_step (version, step_no);
CREATE FUNCTION programmes_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'programmes_step is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER programmes_step_append_only BEFORE UPDATE OR DELETE ON programmes_step
    FOR EACH ROW EXECUTE FUNCTION programmes_refuse_change();
CREATE TRIGGER programmes_step_no_truncate BEFORE TRUNCATE ON programmes_step
    FOR EACH STATEMENT EXECUTE FUNCTION programmes_refuse_change();

-- What was published before there were steps holds for all.
INSERT INTO programmes_step (step_no, version, stage, shares, at, actor, reason)
SELECT row_number() OVER (ORDER BY version), version, 'all', '{}', effective_from, published_by, note
FROM programmes_version;

-- Where members lived when a rollout that asks for it first met them: they do not change sides by moving.
CREATE TABLE programmes_home (
    salt      text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    city      text NOT NULL,
    PRIMARY KEY (salt, member_id)
);
"""

SHADOW = """
-- What a version in the shadow would have promised, beside what was promised. '' is all rules together. Writers that
-- are at work at once have slots of their own, so none waits for another.
CREATE TABLE programmes_shadow (
    version       int NOT NULL,
    on_date       date NOT NULL,                 -- business date of the events
    rule          text NOT NULL,
    slot          int NOT NULL,
    events        bigint NOT NULL,
    changed       bigint NOT NULL,               -- events that would have brought other points
    failed        bigint NOT NULL,               -- events that it could not judge
    live_points   bigint NOT NULL,
    shadow_points bigint NOT NULL,
    PRIMARY KEY (version, on_date, rule, slot)
) WITH (fillfactor = 70);

-- Promises that only the shadow would have made: each key once, as in the ledger.
CREATE TABLE programmes_shadow_key (
    version   int NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    key       text COLLATE "C" NOT NULL,
    PRIMARY KEY (version, member_id, key)
);

-- Some of the events that came out differently.
CREATE TABLE programmes_shadow_sample (
    version     int NOT NULL,
    place       int NOT NULL,
    member_id   text NOT NULL,
    source      text NOT NULL,
    event_id    text NOT NULL,
    type        text NOT NULL,
    occurred_at timestamptz NOT NULL,
    live        json NOT NULL,                   -- rule -> points
    shadow      json NOT NULL,
    failure     text,
    PRIMARY KEY (version, place)
);
"""

ARMS = """
-- A rollout's figures by the version that judged: sums of the events that came since its first step.
CREATE TABLE insights_arm (
    rollout        int NOT NULL,
    version        int NOT NULL,
    members        bigint NOT NULL,
    orders         bigint NOT NULL,
    sales_fen      bigint NOT NULL,
    refunded_fen   bigint NOT NULL,
    granted_points bigint NOT NULL,
    PRIMARY KEY (rollout, version)
);
CREATE TABLE insights_arm_member (
    rollout   int NOT NULL,
    version   int NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (rollout, version, member_id)
);
-- Up to which instant of receipt a rollout's figures are added up.
CREATE TABLE insights_arm_mark (
    rollout     int PRIMARY KEY,
    added_until timestamptz NOT NULL
);
"""

ACTS = """
CREATE INDEX access_act_actor ON access_act (actor, act_id);
"""


def upgrade() -> None:
    for part in (DRAFTS, STEPS, SHADOW, ARMS, ACTS):
        op.execute(part)
