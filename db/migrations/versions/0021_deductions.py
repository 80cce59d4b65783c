"""Deductions: what points paid of an order, line by line, at rates frozen with it, and what was given back of it.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

DEDUCTIONS = """
CREATE TABLE deductions_deduction (
    member_id       text COLLATE "C" NOT NULL,
    deduction_id    uuid NOT NULL,
    order_id        text COLLATE "C" NOT NULL,
    state           text NOT NULL CHECK (state IN ('held', 'captured', 'released')),
    points          bigint NOT NULL CHECK (points > 0),
    deduct_fen      bigint NOT NULL CHECK (deduct_fen > 0),
    refunded_points bigint NOT NULL DEFAULT 0,
    refunded_fen    bigint NOT NULL DEFAULT 0,          -- of deduct_fen
    bonus_points    bigint NOT NULL DEFAULT 0,
    hold_id         uuid,                               -- of the ledger; null: spent in one step
    lapses_at       timestamptz,                        -- of that hold: still 'held' afterwards, it has lapsed
    rates_version   int NOT NULL,
    arm             text COLLATE "C",
    created_at      timestamptz NOT NULL,
    closed_at       timestamptz,
    PRIMARY KEY (member_id, deduction_id),
    CHECK (refunded_points BETWEEN 0 AND points),
    CHECK (refunded_fen BETWEEN 0 AND deduct_fen),
    CHECK ((hold_id IS NULL) = (lapses_at IS NULL)),
    CHECK (state <> 'held' OR hold_id IS NOT NULL),
    CHECK (refunded_points = 0 OR state = 'captured')
) WITH (fillfactor = 80);
CREATE INDEX deductions_order ON deductions_deduction (order_id);
CREATE INDEX deductions_newest ON deductions_deduction (deduction_id);
CREATE UNIQUE INDEX deductions_hold ON deductions_deduction (member_id, hold_id) WHERE hold_id IS NOT NULL;

CREATE TABLE deductions_line (
    member_id       text COLLATE "C" NOT NULL,
    deduction_id    uuid NOT NULL,
    no              int NOT NULL,                       -- 1, 2, 3 … as in the cart
    line_id         text COLLATE "C" NOT NULL,
    sku             text COLLATE "C" NOT NULL,
    price_fen       bigint NOT NULL CHECK (price_fen >= 0),
    points          bigint NOT NULL CHECK (points >= 0),
    deduct_fen      bigint NOT NULL CHECK (deduct_fen BETWEEN 0 AND price_fen),
    cap_fen         bigint NOT NULL CHECK (cap_fen >= deduct_fen),
    rate            json NOT NULL,                      -- {id, name, points, fen} as it was
    funders         json,                               -- funder → fen of deduct_fen; null: the platform bears it
    refunded_price_fen bigint NOT NULL DEFAULT 0,       -- of price_fen
    refunded_points bigint NOT NULL DEFAULT 0,
    refunded_fen    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (member_id, deduction_id, no),
    CHECK (refunded_price_fen BETWEEN 0 AND price_fen),
    CHECK (refunded_points BETWEEN 0 AND points),
    CHECK (refunded_fen BETWEEN 0 AND deduct_fen)
) WITH (fillfactor = 80);
"""


def upgrade() -> None:
    op.execute(DEDUCTIONS)
