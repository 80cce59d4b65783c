"""The points mall: items, their stock and pictures, orders with pickup codes, reservations, imports.

Revision ID: 0022
Revises: 0021
"""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

ITEMS = """
-- What an item is stands in `terms`; the columns that lists ask for are read from it.
CREATE TABLE mall_item (
    item_id      uuid PRIMARY KEY,
    state        text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'listed', 'delisted')),
    terms        jsonb NOT NULL,
    revision     int NOT NULL DEFAULT 1,
    listed_at    timestamptz,                          -- when it was listed last
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    updated_by   text NOT NULL,
    sku          text COLLATE "C" GENERATED ALWAYS AS (terms ->> 'sku') STORED UNIQUE,
    kind         text GENERATED ALWAYS AS (terms ->> 'kind') STORED NOT NULL,
    category     text COLLATE "C" GENERATED ALWAYS AS (terms ->> 'category') STORED NOT NULL,
    price_points bigint GENERATED ALWAYS AS ((terms ->> 'price_points')::bigint) STORED CHECK (price_points > 0),
    price_fen    bigint GENERATED ALWAYS AS ((terms ->> 'price_fen')::bigint) STORED CHECK (price_fen >= 0)
);
CREATE INDEX mall_item_listed ON mall_item (item_id) WHERE state = 'listed';

-- A row of its own: the lock of whoever orders. `total` null is without end.
CREATE TABLE mall_stock (
    item_id  uuid PRIMARY KEY REFERENCES mall_item,
    total    bigint CHECK (total >= 0),
    reserved bigint NOT NULL DEFAULT 0 CHECK (reserved >= 0),
    sold     bigint NOT NULL DEFAULT 0 CHECK (sold >= 0),
    CHECK (reserved + sold <= total)
) WITH (fillfactor = 50);

CREATE TABLE mall_stock_move (
    item_id     uuid NOT NULL REFERENCES mall_item,
    move_id     uuid NOT NULL,
    change      bigint NOT NULL,                       -- of the total
    total_after bigint,                                -- null: without end
    reason      text NOT NULL,
    by          text NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (item_id, move_id)
);

CREATE TABLE mall_picture (
    picture_id uuid PRIMARY KEY,
    media_type text NOT NULL CHECK (media_type IN ('image/png', 'image/jpeg', 'image/webp')),
    width      int NOT NULL,
    height     int NOT NULL,
    digest     bytea NOT NULL UNIQUE,
    body       bytea NOT NULL,
    by         text NOT NULL,
    at         timestamptz NOT NULL
);
"""

ORDERS = """
-- Pieces set aside for a cause (a campaign of the lottery), to be given away one by one.
CREATE TABLE mall_reservation (
    item_id uuid NOT NULL REFERENCES mall_item,
    cause   text COLLATE "C" NOT NULL,
    pieces  bigint NOT NULL CHECK (pieces >= 0),
    given   bigint NOT NULL DEFAULT 0 CHECK (given BETWEEN 0 AND pieces),
    PRIMARY KEY (item_id, cause)
) WITH (fillfactor = 50);

-- What an order cost and showed is frozen with it. `stock`: what of the item's stock it takes up now.
CREATE TABLE mall_order (
    member_id    text COLLATE "C" NOT NULL,
    order_id     uuid NOT NULL,
    item_id      uuid NOT NULL REFERENCES mall_item,
    kind         text NOT NULL,
    title        json NOT NULL,
    picture      text,
    pieces       bigint NOT NULL CHECK (pieces > 0),
    wallet       text COLLATE "C" NOT NULL,
    points       bigint NOT NULL CHECK (points >= 0),   -- of all pieces, as everything here
    price_fen    bigint NOT NULL CHECK (price_fen >= 0),
    cost_fen     bigint NOT NULL CHECK (cost_fen >= 0),
    funder       text COLLATE "C" NOT NULL,
    cancel_until text NOT NULL,
    state        text NOT NULL CHECK (state IN ('held', 'paid', 'ready', 'collected', 'cancelled', 'refunded',
                                                'expired')),
    stock        text NOT NULL CHECK (stock IN ('reserved', 'sold', 'none')),
    cause        text COLLATE "C",                      -- of one that was given away: whoever gave it, and for what
    code         text COLLATE "C",
    community_id text COLLATE "C",
    leader_id    text COLLATE "C",
    coupon_id    text COLLATE "C",
    pay_until    timestamptz,
    placed_on    date NOT NULL,
    paid_on      date,
    created_at   timestamptz NOT NULL,
    events       jsonb NOT NULL,                        -- [{state, at, by}], the first first
    PRIMARY KEY (member_id, order_id),
    UNIQUE (member_id, cause),
    CHECK (state <> 'held' OR (stock = 'reserved' AND pay_until IS NOT NULL)),
    CHECK (state NOT IN ('paid', 'ready', 'collected') OR (stock = 'sold' AND paid_on IS NOT NULL)),
    CHECK (state NOT IN ('cancelled', 'expired') OR stock = 'none')
) WITH (fillfactor = 85);
CREATE INDEX mall_order_newest ON mall_order (order_id);
CREATE INDEX mall_order_of_item ON mall_order (item_id, member_id, placed_on);
CREATE INDEX mall_order_unpaid ON mall_order (pay_until) WHERE state = 'held';
CREATE INDEX mall_order_costs ON mall_order (paid_on) WHERE stock = 'sold';

-- Pickup codes, each for one order for ever.
CREATE TABLE mall_code (
    code      text COLLATE "C" PRIMARY KEY,
    member_id text COLLATE "C" NOT NULL,
    order_id  uuid NOT NULL
);
"""

IMPORTS = """
CREATE TABLE mall_import (
    import_id      uuid PRIMARY KEY,
    state          text NOT NULL CHECK (state IN ('preview', 'applied', 'cancelled')),
    lines          int NOT NULL,
    faulty         int NOT NULL,
    new            int NOT NULL,
    changed        int NOT NULL,
    created_by     text NOT NULL,
    created_at     timestamptz NOT NULL,
    finished_at    timestamptz,
    request_key    text UNIQUE,
    request_digest bytea
);

CREATE TABLE mall_import_line (
    import_id uuid NOT NULL REFERENCES mall_import,
    no        int NOT NULL,
    act       text NOT NULL CHECK (act IN ('new', 'change', 'same', 'faulty')),
    sku       text NOT NULL,
    title     text NOT NULL,
    terms     json,                                     -- as the item will be; null where it cannot be read
    stock     bigint,                                   -- the total that is wanted; null: as it is
    differs   text[] NOT NULL DEFAULT '{}',             -- of an item that is there: the fields that change
    faults    json NOT NULL,                            -- [{column, code, fields}]
    revision  int,                                      -- of the item when it was compared
    PRIMARY KEY (import_id, no)
);
"""


def upgrade() -> None:
    for part in (ITEMS, ORDERS, IMPORTS):
        op.execute(part)
