"""The cash part of orders: payments, the notices of their provider, refunds.

Revision ID: 0026
Revises: 0025
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

PAYMENTS = """
-- One for each order. `out_trade_no` is what the provider knows it by.
CREATE TABLE payments_payment (
    member_id      text COLLATE "C" NOT NULL,
    order_id       uuid NOT NULL,
    out_trade_no   text COLLATE "C" NOT NULL UNIQUE,
    description    text NOT NULL,
    fen            bigint NOT NULL CHECK (fen > 0),
    state          text NOT NULL DEFAULT 'unpaid' CHECK (state IN ('unpaid', 'paid', 'closed')),
    pay_until      timestamptz NOT NULL,
    prepay_id      text,
    prepaid_at     timestamptz,
    transaction_id text COLLATE "C" UNIQUE,
    paid_at        timestamptz,
    refunded_fen   bigint NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND fen),  -- asked for, arrived or not
    look_at        timestamptz,                         -- when to ask the provider next; null: all is known
    looks          int NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (member_id, order_id),
    CHECK ((state = 'paid') = (transaction_id IS NOT NULL AND paid_at IS NOT NULL)),
    CHECK (refunded_fen = 0 OR state = 'paid'),
    CHECK ((state = 'unpaid') = (look_at IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX payments_payment_looks ON payments_payment (look_at) WHERE look_at IS NOT NULL;

-- What the provider told, each notice once, and what came of it.
CREATE TABLE payments_notice (
    notice_id    text COLLATE "C" PRIMARY KEY,
    event_type   text NOT NULL,
    out_trade_no text COLLATE "C" NOT NULL,
    effect       text NOT NULL,
    told         json NOT NULL,
    at           timestamptz NOT NULL
);

CREATE TABLE payments_refund (
    out_refund_no text COLLATE "C" PRIMARY KEY,
    out_trade_no  text COLLATE "C" NOT NULL REFERENCES payments_payment (out_trade_no),
    fen           bigint NOT NULL CHECK (fen > 0),
    reason        text NOT NULL,
    state         text NOT NULL DEFAULT 'wanted'
                  CHECK (state IN ('wanted', 'processing', 'succeeded', 'abnormal', 'closed')),
    refund_id     text,
    problem       text,                                 -- what the provider said when it would not
    try_at        timestamptz,                          -- when to ask the provider next; null: it is over
    tries         int NOT NULL DEFAULT 0,
    wanted_at     timestamptz NOT NULL,
    finished_at   timestamptz,
    CHECK ((state IN ('wanted', 'processing')) = (try_at IS NOT NULL))
) WITH (fillfactor = 85);
CREATE INDEX payments_refund_of ON payments_refund (out_trade_no);
CREATE INDEX payments_refund_tries ON payments_refund (try_at) WHERE try_at IS NOT NULL;
"""


def upgrade() -> None:
    op.execute(PAYMENTS)
