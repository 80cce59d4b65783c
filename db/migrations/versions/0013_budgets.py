"""Budgets: what was sold and issued by month, city and rule, and which scopes rest.

Revision ID: 0013
Revises: 0010
"""

from alembic import op

revision = "0013"
down_revision = "0010"
branch_labels = None
depends_on = None

INSIGHTS = """
-- What was sold (less what was given back) and issued, by the event's business month and own city ('' where it has
-- none). Sales stand under no rule, and so do points that a refund undid.
CREATE TABLE insights_budget (
    month     date NOT NULL,
    city      text COLLATE "C" NOT NULL,
    rule      text COLLATE "C" NOT NULL,
    sales_fen bigint NOT NULL,
    points    bigint NOT NULL,
    PRIMARY KEY (month, city, rule)
);
-- Rolled up again from the first event on, these sums too.
TRUNCATE insights_hour, insights_mark;
"""

BUDGETS = """
-- A scope whose state was ever another than ok, by business month.
CREATE TABLE budgets_state (
    month    date NOT NULL,
    scope    text NOT NULL CHECK (scope IN ('all', 'city', 'rule')),
    id       text COLLATE "C" NOT NULL,          -- '' of all
    state    text NOT NULL CHECK (state IN ('ok', 'warning', 'paused')),
    since_at timestamptz NOT NULL,
    PRIMARY KEY (month, scope, id)
);
CREATE INDEX budgets_state_paused ON budgets_state (month) WHERE state = 'paused';
"""


def upgrade() -> None:
    for part in (INSIGHTS, BUDGETS):
        op.execute(part)
