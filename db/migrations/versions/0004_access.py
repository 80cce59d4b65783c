"""Access: users and their sessions, members' tokens, WeChat bindings, acts; and how members are shown.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

USERS = """
-- Users are disabled, never deleted: their names stand in the ledger as actors.
CREATE TABLE access_user (
    user_id         uuid PRIMARY KEY,
    name            text COLLATE "C" NOT NULL UNIQUE,
    display_name    text NOT NULL,
    role            text NOT NULL CHECK (role IN ('admin', 'operator', 'auditor')),
    password        text NOT NULL,               -- argon2id, with its parameters and salt
    disabled_at     timestamptz,
    created_at      timestamptz NOT NULL,
    last_sign_in_at timestamptz
);

CREATE TABLE access_session (
    digest     bytea PRIMARY KEY,                -- SHA-256 of what the cookie holds
    user_id    uuid NOT NULL REFERENCES access_user,
    created_at timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,             -- to the minute: a request in between writes nothing
    ends_at    timestamptz NOT NULL              -- however much it is used
);
CREATE INDEX access_session_user ON access_session (user_id);
CREATE INDEX access_session_ends ON access_session (ends_at);

-- Failed attempts, counted from the first one on, by a digest of the name or the address.
CREATE TABLE access_attempt (
    subject  bytea PRIMARY KEY,
    attempts int NOT NULL,
    begun_at timestamptz NOT NULL
);
CREATE INDEX access_attempt_begun ON access_attempt (begun_at);
"""

MEMBERS = """
CREATE TABLE access_token (
    digest     bytea PRIMARY KEY,                -- SHA-256 of the token
    member_id  text COLLATE "C" NOT NULL,
    made_by    text NOT NULL,
    created_at timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL
);
CREATE INDEX access_token_member ON access_token (member_id);
CREATE INDEX access_token_ends ON access_token (ends_at);

-- An openid is one app's name for a person.
CREATE TABLE access_wechat (
    app_id    text COLLATE "C" NOT NULL,
    openid    text COLLATE "C" NOT NULL,
    member_id text COLLATE "C" NOT NULL,
    bound_at  timestamptz NOT NULL,
    PRIMARY KEY (app_id, openid),
    UNIQUE (member_id, app_id)
);

-- Personal data, apart from all else.
CREATE TABLE members_profile (
    member_id  text COLLATE "C" PRIMARY KEY,
    nickname   text NOT NULL,
    avatar     text,
    updated_at timestamptz NOT NULL
);
"""

ACTS = """
-- What people did that others may ask about.
CREATE TABLE access_act (
    act_id  uuid PRIMARY KEY,                    -- version 7: in the order of time
    actor   text NOT NULL,
    act     text NOT NULL,                       -- user.add, programme.publish, …
    subject text NOT NULL,                       -- what it was done to
    reason  text NOT NULL,
    at      timestamptz NOT NULL
);
CREATE FUNCTION access_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'access_act is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER access_act_append_only BEFORE UPDATE OR DELETE ON access_act
    FOR EACH ROW EXECUTE FUNCTION access_refuse_change();
CREATE TRIGGER access_act_no_truncate BEFORE TRUNCATE ON access_act
    FOR EACH STATEMENT EXECUTE FUNCTION access_refuse_change();
"""


def upgrade() -> None:
    for part in (USERS, MEMBERS, ACTS):
        op.execute(part)
