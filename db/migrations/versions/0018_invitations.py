"""Invitations: a code for each member who invites, and whom they brought.

Revision ID: 0018
Revises: 0008
"""

from alembic import op

revision = "0018"
down_revision = "0008"
branch_labels = None
depends_on = None

CODES = """
-- One code a member, for ever: what stands on a poster that somebody kept still leads to the same member.
CREATE TABLE members_invite_code (
    member_id text COLLATE "C" PRIMARY KEY,
    code      text COLLATE "C" NOT NULL UNIQUE,
    made_at   timestamptz NOT NULL
);
"""

# Out of the facts by themselves, so they can not differ from them. A change of the facts that leaves them as they are
# touches no index (it stays a HOT update). RFC 3339 in UTC sorts as text.
FRIENDS = """
ALTER TABLE earning_member
    ADD COLUMN inviter_id text COLLATE "C" GENERATED ALWAYS AS (facts ->> 'inviter_id') STORED,
    ADD COLUMN invited_at text COLLATE "C" GENERATED ALWAYS AS (facts ->> 'invited_at') STORED;
CREATE INDEX earning_member_inviter ON earning_member (inviter_id, invited_at, member_id) WHERE inviter_id IS NOT NULL;
"""


def upgrade() -> None:
    for part in (CODES, FRIENDS):
        op.execute(part)
