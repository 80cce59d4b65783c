"""Coupons: templates with their budgets, the coupons of members, codes that claim them, issues of many at once.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TEMPLATES = """
CREATE TABLE coupons_template (
    template_id text COLLATE "C" PRIMARY KEY,
    terms       json NOT NULL,                      -- what it promises; what it is worth holds still once it was open
    purpose     text NOT NULL CHECK (purpose IN ('general', 'birthday', 'wake_up', 'prize')),
    state       text NOT NULL CHECK (state IN ('draft', 'open', 'closed')),
    pieces      bigint CHECK (pieces > 0),
    budget_fen  bigint CHECK (budget_fen > 0),
    worth_fen   bigint CHECK (worth_fen > 0),       -- what one coupon takes off at the most, where there is a most
    issued      bigint NOT NULL DEFAULT 0,
    voided      bigint NOT NULL DEFAULT 0,
    used        bigint NOT NULL DEFAULT 0,          -- used now: what was returned is not
    used_fen    bigint NOT NULL DEFAULT 0,
    revision    int NOT NULL DEFAULT 1,
    created_by  text NOT NULL,
    created_at  timestamptz NOT NULL,
    updated_at  timestamptz NOT NULL,
    CHECK (0 <= used AND used + voided <= issued AND used_fen >= 0),
    CHECK (state <> 'draft' OR issued = 0),
    CHECK (issued - voided <= pieces),
    CHECK (budget_fen IS NULL OR worth_fen IS NOT NULL),
    CHECK ((issued - voided) * worth_fen <= budget_fen)
) WITH (fillfactor = 50);
"""

COUPONS = """
CREATE TABLE coupons_coupon (
    member_id   text COLLATE "C" NOT NULL,
    coupon_id   uuid NOT NULL,
    template_id text COLLATE "C" NOT NULL REFERENCES coupons_template,
    code        text COLLATE "C" NOT NULL,
    cause       text COLLATE "C" NOT NULL,          -- one coupon a cause for ever
    source      text NOT NULL,
    state       text NOT NULL DEFAULT 'issued' CHECK (state IN ('issued', 'locked', 'used', 'void')),
    valid_from  date NOT NULL,
    valid_until date NOT NULL,                      -- the last business date on which it can be used
    issued_at   timestamptz NOT NULL,
    order_id    text COLLATE "C",                   -- that it is locked or used for
    discount_fen bigint CHECK (discount_fen > 0),
    changed_at  timestamptz,
    void_reason text,
    PRIMARY KEY (member_id, coupon_id),
    UNIQUE (member_id, cause),
    CHECK (valid_from <= valid_until),
    CHECK ((state IN ('locked', 'used')) = (order_id IS NOT NULL)),
    CHECK ((order_id IS NULL) = (discount_fen IS NULL)),
    CHECK ((state = 'void') = (void_reason IS NOT NULL))
) WITH (fillfactor = 80);
-- One coupon an order.
CREATE UNIQUE INDEX coupons_coupon_order ON coupons_coupon (member_id, order_id) WHERE order_id IS NOT NULL;
CREATE INDEX coupons_coupon_template ON coupons_coupon (template_id, coupon_id);
CREATE INDEX coupons_coupon_id ON coupons_coupon (coupon_id);

-- What became of a coupon at each order that it was locked for.
CREATE TABLE coupons_use (
    member_id    text COLLATE "C" NOT NULL,
    coupon_id    uuid NOT NULL,
    order_id     text COLLATE "C" NOT NULL,
    state        text NOT NULL CHECK (state IN ('locked', 'used', 'returned')),
    discount_fen bigint NOT NULL CHECK (discount_fen > 0),
    lines        json NOT NULL,                     -- [{line_id, sku, price_fen, discount_fen}] as it was locked
    locked_at    timestamptz NOT NULL,
    used_at      timestamptz,
    returned_at  timestamptz,
    PRIMARY KEY (member_id, coupon_id, order_id),
    FOREIGN KEY (member_id, coupon_id) REFERENCES coupons_coupon,
    CHECK (state <> 'used' OR used_at IS NOT NULL),
    CHECK ((state = 'returned') = (returned_at IS NOT NULL))
);
"""

CODES = """
CREATE TABLE coupons_code (
    code        text COLLATE "C" PRIMARY KEY,
    template_id text COLLATE "C" NOT NULL REFERENCES coupons_template,
    shared      boolean NOT NULL,                   -- for everybody once, else for the first who says it
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL,
    member_id   text COLLATE "C",
    coupon_id   uuid,
    claimed_at  timestamptz,
    CHECK ((member_id IS NULL) = (coupon_id IS NULL) AND (member_id IS NULL) = (claimed_at IS NULL)),
    CHECK (NOT shared OR member_id IS NULL)
);
CREATE INDEX coupons_code_template ON coupons_code (template_id, code);
CREATE UNIQUE INDEX coupons_code_shared ON coupons_code (template_id) WHERE shared;
"""

ISSUES = """
CREATE TABLE coupons_issue (
    issue_id       uuid PRIMARY KEY,
    template_id    text COLLATE "C" NOT NULL REFERENCES coupons_template,
    kind           text NOT NULL CHECK (kind IN ('members', 'filter', 'birthday')),
    state          text NOT NULL CHECK (state IN ('preview', 'approved', 'running', 'stopped', 'finished',
                                                   'cancelled')),
    reason         text NOT NULL,
    city           text,
    tier           text,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    lines          int NOT NULL DEFAULT 0,
    faulty         int NOT NULL DEFAULT 0,
    done           int NOT NULL DEFAULT 0,
    failed         int NOT NULL DEFAULT 0,
    request_key    text UNIQUE,
    request_digest bytea,
    CHECK (done + failed + faulty <= lines)
);

CREATE TABLE coupons_issue_line (
    issue_id  uuid NOT NULL REFERENCES coupons_issue,
    no        int NOT NULL,                         -- 1, 2, 3 … as they stand in the list
    member_id text COLLATE "C" NOT NULL,
    state     text NOT NULL CHECK (state IN ('ready', 'faulty', 'done', 'failed')),
    fault     json,                                 -- {code, fields} of what is faulty or failed
    coupon_id uuid,
    PRIMARY KEY (issue_id, no),
    CHECK ((state = 'done') = (coupon_id IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX coupons_issue_line_ready ON coupons_issue_line (issue_id, no) WHERE state = 'ready';
"""

# Out of the facts by itself; a change of the facts that leaves it as it is touches no index (it stays a HOT update).
BIRTHDAYS = """
ALTER TABLE earning_member
    ADD COLUMN birth_month smallint GENERATED ALWAYS AS ((facts ->> 'birth_month')::smallint) STORED;
CREATE INDEX earning_member_birth_month ON earning_member (birth_month, member_id) WHERE birth_month IS NOT NULL;
"""


def upgrade() -> None:
    for part in (TEMPLATES, COUPONS, CODES, ISSUES, BIRTHDAYS):
        op.execute(part)
