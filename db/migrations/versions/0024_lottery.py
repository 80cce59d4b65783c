"""Lottery: campaigns, their prizes, the seed's seal, and draws that nobody changes.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

CAMPAIGNS = """
CREATE TABLE lottery_campaign (
    campaign_id      uuid PRIMARY KEY,
    state            text NOT NULL CHECK (state IN ('draft', 'published', 'stopped', 'revealed')),
    revision         int NOT NULL DEFAULT 1,
    title            json NOT NULL,                    -- {zh, en}
    rules            json,
    price_points     bigint NOT NULL CHECK (price_points >= 0),
    draws_a_day      int CHECK (draws_a_day > 0),
    draws_a_member   int CHECK (draws_a_member > 0),
    starts_at        timestamptz NOT NULL,
    ends_at          timestamptz NOT NULL,
    minimum_prize_id text COLLATE "C",
    guarantee_every  int CHECK (guarantee_every > 0),
    budget_fen       bigint CHECK (budget_fen >= 0),
    draws            bigint NOT NULL DEFAULT 0,        -- the last place in its log
    cost_fen         bigint NOT NULL DEFAULT 0,
    seed_hash        bytea,                            -- published before anybody draws
    terms_hash       bytea,
    seed             bytea,                            -- once it is revealed
    created_by       text NOT NULL,
    created_at       timestamptz NOT NULL,
    published_by     text,
    published_at     timestamptz,
    stopped_at       timestamptz,
    revealed_at      timestamptz,
    request_key      text UNIQUE,                      -- the caller's, so that one request makes one campaign
    request_digest   bytea,
    CHECK (cost_fen <= budget_fen),
    CHECK ((state = 'draft') = (seed_hash IS NULL)),
    CHECK ((state = 'draft') = (published_at IS NULL)),
    CHECK (state = 'draft' OR starts_at < ends_at AND published_at <= starts_at),
    CHECK ((state = 'revealed') = (seed IS NOT NULL)),
    CHECK (sha256(seed) = seed_hash)
) WITH (fillfactor = 50);

CREATE TABLE lottery_prize (
    campaign_id uuid NOT NULL REFERENCES lottery_campaign,
    place       int NOT NULL,                          -- the order in which prizes share the tickets
    prize_id    text COLLATE "C" NOT NULL,
    name        json NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('points', 'coupon', 'goods', 'nothing')),
    odds_ppm    int NOT NULL CHECK (odds_ppm BETWEEN 0 AND 1000000),
    points      bigint,
    template_id text,
    item_id     text,
    stock       bigint CHECK (stock >= 0),
    cost_fen    bigint NOT NULL CHECK (cost_fen >= 0),
    picture     text,
    won         bigint NOT NULL DEFAULT 0 CHECK (won >= 0),
    PRIMARY KEY (campaign_id, prize_id),
    CHECK (won <= stock)
) WITH (fillfactor = 50);

-- Apart from the campaign, so that whoever reads a campaign does not read this: of use only with a key kept elsewhere.
CREATE TABLE lottery_secret (
    campaign_id uuid PRIMARY KEY REFERENCES lottery_campaign,
    seed        bytea NOT NULL CHECK (length(seed) = 32),
    member_key  bytea NOT NULL CHECK (length(member_key) = 32)
);
"""

DRAWS = """
CREATE TABLE lottery_draw (
    member_id     text COLLATE "C" NOT NULL,
    draw_id       uuid NOT NULL,
    campaign_id   uuid NOT NULL,
    seq           bigint NOT NULL,                     -- 1, 2, 3 … of the campaign
    number        int NOT NULL,                        -- 1, 2, 3 … of the member in the campaign
    digest        bytea NOT NULL,
    nonce         text NOT NULL,
    ticket        int NOT NULL CHECK (ticket BETWEEN 0 AND 999999),
    drawn_id      text COLLATE "C" NOT NULL,
    prize_id      text COLLATE "C" NOT NULL,
    why           text NOT NULL CHECK (why IN ('odds', 'stock', 'budget', 'guarantee', 'unavailable')),
    points_spent  bigint NOT NULL CHECK (points_spent >= 0),
    cost_fen      bigint NOT NULL CHECK (cost_fen >= 0),
    drawn_at      timestamptz NOT NULL,
    drawn_on      date NOT NULL,
    coupon_id     text,
    mall_order_id text,
    settle_on     date,                                -- of points that were promised
    PRIMARY KEY (member_id, draw_id),
    UNIQUE (member_id, campaign_id, number)
);
CREATE INDEX lottery_draw_log ON lottery_draw (campaign_id, seq);

CREATE TABLE lottery_entrant (
    member_id     text COLLATE "C" NOT NULL,
    campaign_id   uuid NOT NULL,
    draws         int NOT NULL CHECK (draws > 0),
    last_on       date NOT NULL,
    draws_on_last int NOT NULL CHECK (draws_on_last > 0),
    PRIMARY KEY (member_id, campaign_id)
) WITH (fillfactor = 70);
"""

# What members were promised stays as it was promised, whoever writes SQL.
FROZEN = """
CREATE FUNCTION lottery_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is not changed any more: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER lottery_draw_append_only BEFORE UPDATE OR DELETE ON lottery_draw
    FOR EACH ROW EXECUTE FUNCTION lottery_refuse_change();
CREATE TRIGGER lottery_draw_no_truncate BEFORE TRUNCATE ON lottery_draw
    FOR EACH STATEMENT EXECUTE FUNCTION lottery_refuse_change();

CREATE TRIGGER lottery_campaign_frozen BEFORE UPDATE ON lottery_campaign
    FOR EACH ROW WHEN (OLD.state <> 'draft' AND (
        (OLD.title::text, OLD.rules::text, OLD.price_points, OLD.draws_a_day, OLD.draws_a_member, OLD.starts_at,
         OLD.ends_at, OLD.minimum_prize_id, OLD.guarantee_every, OLD.budget_fen, OLD.seed_hash, OLD.terms_hash)
        IS DISTINCT FROM
        (NEW.title::text, NEW.rules::text, NEW.price_points, NEW.draws_a_day, NEW.draws_a_member, NEW.starts_at,
         NEW.ends_at, NEW.minimum_prize_id, NEW.guarantee_every, NEW.budget_fen, NEW.seed_hash, NEW.terms_hash)
        OR NEW.state = 'draft' OR OLD.state = 'revealed' AND NEW.state <> 'revealed'
        OR NEW.draws < OLD.draws OR NEW.cost_fen < OLD.cost_fen))
    EXECUTE FUNCTION lottery_refuse_change();
CREATE TRIGGER lottery_campaign_stays BEFORE DELETE ON lottery_campaign
    FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION lottery_refuse_change();

CREATE FUNCTION lottery_refuse_prize() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT state FROM lottery_campaign
        WHERE campaign_id = CASE TG_OP WHEN 'INSERT' THEN NEW.campaign_id ELSE OLD.campaign_id END) <> 'draft' THEN
        RAISE EXCEPTION 'prizes of a published campaign are not changed: % refused', TG_OP
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER lottery_prize_frozen BEFORE INSERT OR DELETE ON lottery_prize
    FOR EACH ROW EXECUTE FUNCTION lottery_refuse_prize();
CREATE TRIGGER lottery_prize_unchanged BEFORE UPDATE ON lottery_prize
    FOR EACH ROW WHEN (
        (OLD.campaign_id, OLD.place, OLD.prize_id, OLD.name::text, OLD.kind, OLD.odds_ppm, OLD.points, OLD.template_id,
         OLD.item_id, OLD.stock, OLD.cost_fen, OLD.picture)
        IS DISTINCT FROM
        (NEW.campaign_id, NEW.place, NEW.prize_id, NEW.name::text, NEW.kind, NEW.odds_ppm, NEW.points, NEW.template_id,
         NEW.item_id, NEW.stock, NEW.cost_fen, NEW.picture)
        OR NEW.won < OLD.won)
    EXECUTE FUNCTION lottery_refuse_change();
"""


def upgrade() -> None:
    for part in (CAMPAIGNS, DRAWS, FROZEN):
        op.execute(part)
