"""The house: members, inbox, earning, ledger, programmes, access.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Ids sort by bytes (COLLATE "C") everywhere: members are locked in this order, in SQL as in Python.
MEMBERS = """
CREATE TABLE members_member (
    member_id     text COLLATE "C" PRIMARY KEY,
    city          text,
    leader_id     text,
    community_id  text,
    profile_at    timestamptz NOT NULL,          -- business time of the event that the three above come from
    registered_at timestamptz,
    enrolled_at   timestamptz NOT NULL
) WITH (fillfactor = 85);
"""

INBOX = """
-- Idempotency for ever: one narrow row an event, whatever happens to the archive of bodies.
CREATE TABLE inbox_key (
    source      text COLLATE "C" NOT NULL,
    event_id    text COLLATE "C" NOT NULL,
    digest      bytea NOT NULL,
    member_id   text COLLATE "C" NOT NULL,
    business_on date NOT NULL,
    PRIMARY KEY (source, event_id)
);

-- Bodies and outcomes, by month of the business date.
CREATE TABLE inbox_event (
    member_id    text COLLATE "C" NOT NULL,
    business_on  date NOT NULL,
    source       text COLLATE "C" NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    type         text NOT NULL,
    occurred_at  timestamptz NOT NULL,
    received_at  timestamptz NOT NULL,
    data         json NOT NULL,
    outcome      json NOT NULL,
    PRIMARY KEY (member_id, business_on, source, event_id)
) PARTITION BY RANGE (business_on);
CREATE TABLE inbox_event_default PARTITION OF inbox_event DEFAULT;

-- What could not be taken in, with the reason: never dropped, always replayable.
CREATE TABLE inbox_parked (
    parked_id   uuid PRIMARY KEY,
    channel     text NOT NULL,                   -- http, nats, rabbit, redis, kafka, …
    reason      text NOT NULL,                   -- stable code
    detail      text NOT NULL,
    member_id   text COLLATE "C",
    source      text COLLATE "C",
    event_id    text COLLATE "C",
    awaits      text COLLATE "C",                -- 'order:<id>' where another event will set it free
    raw         bytea NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'replayed', 'discarded')),
    attempts    int NOT NULL DEFAULT 1,
    parked_at   timestamptz NOT NULL,
    resolved_at timestamptz
);
CREATE INDEX inbox_parked_awaits ON inbox_parked (member_id, awaits) WHERE state = 'waiting' AND awaits IS NOT NULL;
CREATE INDEX inbox_parked_waiting ON inbox_parked (parked_at, parked_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX inbox_parked_event ON inbox_parked (source, event_id) WHERE state = 'waiting';
"""

EARNING = """
CREATE TABLE earning_member (
    member_id text COLLATE "C" PRIMARY KEY,
    facts     json NOT NULL
) WITH (fillfactor = 70);

CREATE TABLE earning_order (
    member_id    text COLLATE "C" NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    paid_on      date,                           -- business date of order.paid, once it came
    paid_fen     bigint NOT NULL CHECK (paid_fen >= 0),
    completed_on date,
    bases        json NOT NULL,                  -- frozen: how each grant was reckoned, and from which amounts
    refunds      json NOT NULL,                  -- cumulative, by line
    PRIMARY KEY (member_id, order_id)
) WITH (fillfactor = 90);
"""

LEDGER = """
CREATE TYPE ledger_kind AS ENUM
    ('settle', 'spend', 'hold', 'capture', 'release', 'expire', 'reverse', 'refund', 'repay', 'adjust');
CREATE TYPE ledger_account AS ENUM
    ('issued', 'available', 'held', 'redeemed', 'expired', 'reversed', 'adjusted', 'owed');

-- Promised points. Pending until settled; a refund lowers `points`, and after settlement raises `reversed`.
CREATE TABLE ledger_grant (
    member_id    text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    wallet       text COLLATE "C" NOT NULL,
    state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'settled')),
    promised     bigint NOT NULL CHECK (promised >= 0),
    points       bigint NOT NULL CHECK (points BETWEEN 0 AND promised),
    reversed     bigint NOT NULL DEFAULT 0 CHECK (reversed BETWEEN 0 AND points),
    rule         text NOT NULL,
    rule_version int NOT NULL,
    funder       text COLLATE "C" NOT NULL,
    occurred_at  timestamptz NOT NULL,
    earned_on    date NOT NULL,
    settle_on    date NOT NULL,
    expires_on   date NOT NULL,
    settled_on   date,
    event_type   text NOT NULL,
    source       text COLLATE "C" NOT NULL,
    event_id     text COLLATE "C" NOT NULL,
    order_id     text COLLATE "C",
    PRIMARY KEY (member_id, key),
    CHECK ((state = 'settled') = (settled_on IS NOT NULL)),
    CHECK (state = 'settled' OR reversed = 0)
) WITH (fillfactor = 90);
CREATE INDEX ledger_grant_due ON ledger_grant (settle_on, member_id) WHERE state = 'pending';

-- One row a member and wallet: a cache of sums, and the one place where its postings queue up.
CREATE TABLE ledger_balance (
    member_id text COLLATE "C" NOT NULL,
    wallet    text COLLATE "C" NOT NULL,
    available bigint NOT NULL DEFAULT 0 CHECK (available >= 0),
    held      bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
    debt      bigint NOT NULL DEFAULT 0 CHECK (debt >= 0),
    version   bigint NOT NULL DEFAULT 0,         -- number of the member's last movement
    PRIMARY KEY (member_id, wallet)
) WITH (fillfactor = 70);

-- Every line of every statement: `points` go from one account to another, so it balances by construction.
CREATE TABLE ledger_movement (
    member_id       text COLLATE "C" NOT NULL,
    wallet          text COLLATE "C" NOT NULL,
    seq             bigint NOT NULL,             -- 1, 2, 3 … within member and wallet, without a gap
    posted_on       date NOT NULL,
    posted_at       timestamptz NOT NULL,
    kind            ledger_kind NOT NULL,
    from_account    ledger_account NOT NULL,
    to_account      ledger_account NOT NULL,
    points          bigint NOT NULL CHECK (points > 0),
    available_after bigint NOT NULL CHECK (available_after >= 0),
    key             text COLLATE "C" NOT NULL,   -- the grant, hold, or idempotency key that caused it
    order_id        text COLLATE "C",
    reason          text,
    actor           text,
    PRIMARY KEY (member_id, wallet, seq, posted_on),
    CHECK (from_account <> to_account)
) PARTITION BY RANGE (posted_on);
CREATE TABLE ledger_movement_default PARTITION OF ledger_movement DEFAULT;

CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger_movement is append-only: % refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER ledger_movement_append_only BEFORE UPDATE OR DELETE ON ledger_movement
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change();
CREATE TRIGGER ledger_movement_no_truncate BEFORE TRUNCATE ON ledger_movement
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();

-- Points that lapse on one date, by who pays for them. points = remaining + lapsed + what uses hold of it.
CREATE TABLE ledger_lot (
    member_id  text COLLATE "C" NOT NULL,
    wallet     text COLLATE "C" NOT NULL,
    expires_on date NOT NULL,                    -- the first date on which they can no longer be spent
    funder     text COLLATE "C" NOT NULL,
    points     bigint NOT NULL CHECK (points >= 0),
    remaining  bigint NOT NULL CHECK (remaining >= 0),
    lapsed     bigint NOT NULL DEFAULT 0 CHECK (lapsed >= 0),
    PRIMARY KEY (member_id, wallet, expires_on, funder),
    CHECK (remaining + lapsed <= points)
) WITH (fillfactor = 80);
-- Lots are made in the order in which they lapse, so a block-range index finds a date at no cost per row.
CREATE INDEX ledger_lot_expiry ON ledger_lot USING brin (expires_on) WITH (pages_per_range = 32, autosummarize = on);

-- What took points out of which lot, so that what comes back goes home.
CREATE TABLE ledger_lot_use (
    member_id  text COLLATE "C" NOT NULL,
    wallet     text COLLATE "C" NOT NULL,
    use_key    text COLLATE "C" NOT NULL,        -- hold:<id>, spend:<key>, reverse:<key>, …
    expires_on date NOT NULL,
    funder     text COLLATE "C" NOT NULL,
    points     bigint NOT NULL CHECK (points > 0),
    returned   bigint NOT NULL DEFAULT 0 CHECK (returned BETWEEN 0 AND points),
    PRIMARY KEY (member_id, wallet, use_key, expires_on, funder)
) WITH (fillfactor = 90);

CREATE TABLE ledger_hold (
    member_id  text COLLATE "C" NOT NULL,
    hold_id    uuid NOT NULL,
    wallet     text COLLATE "C" NOT NULL,
    points     bigint NOT NULL CHECK (points > 0),
    captured   bigint NOT NULL DEFAULT 0 CHECK (captured >= 0),
    refunded   bigint NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND captured),
    state      text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'captured', 'released')),
    order_id   text COLLATE "C",
    reason     text,
    lapses_at  timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    closed_at  timestamptz,
    PRIMARY KEY (member_id, hold_id),
    CHECK (captured <= points),
    CHECK ((state = 'held') = (closed_at IS NULL))
) WITH (fillfactor = 90);
CREATE INDEX ledger_hold_open ON ledger_hold (lapses_at, member_id) WHERE state = 'held';

-- Idempotency keys of single postings, for ever.
CREATE TABLE ledger_key (
    member_id  text COLLATE "C" NOT NULL,
    key        text COLLATE "C" NOT NULL,
    digest     bytea NOT NULL,
    outcome    json NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (member_id, key)
);

-- One row a sweep and business date.
CREATE TABLE ledger_run (
    kind        text NOT NULL CHECK (kind IN ('settle', 'expire')),
    run_on      date NOT NULL,
    members     bigint NOT NULL DEFAULT 0,
    items       bigint NOT NULL DEFAULT 0,
    points      bigint NOT NULL DEFAULT 0,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (kind, run_on)
);
"""

PROGRAMMES = """
CREATE TABLE programmes_version (
    version        int PRIMARY KEY,
    name           text NOT NULL,
    document       json NOT NULL,
    rule_versions  json NOT NULL,
    effective_from timestamptz NOT NULL,
    published_at   timestamptz NOT NULL,
    published_by   text NOT NULL,
    note           text NOT NULL DEFAULT ''
);
"""

ACCESS = """
CREATE TABLE access_key (
    key_id     text PRIMARY KEY,
    digest     bytea NOT NULL,
    name       text NOT NULL,
    scopes     text[] NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);
"""


def upgrade() -> None:
    for part in (MEMBERS, INBOX, EARNING, LEDGER, PROGRAMMES, ACCESS):
        op.execute(part)
