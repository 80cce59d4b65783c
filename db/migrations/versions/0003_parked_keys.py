"""A parked event that could be read holds its key; one whose key is taken by another body is in conflict.

Revision ID: 0003
Revises: 0002
"""

import hashlib
from datetime import UTC, datetime

import msgspec
from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLE = """
ALTER TABLE inbox_parked
    ADD COLUMN digest bytea,                     -- of an event that could be read: it holds its key while it waits
    DROP CONSTRAINT inbox_parked_state_check,
    ADD CONSTRAINT inbox_parked_state_check CHECK (state IN ('waiting', 'conflict', 'replayed', 'discarded'));
"""

INDEXES = """
UPDATE inbox_parked SET state = 'conflict' WHERE state = 'waiting' AND reason = 'event_id_reused';
DROP INDEX inbox_parked_event;
CREATE INDEX inbox_parked_key ON inbox_parked (source, event_id) WHERE state IN ('waiting', 'conflict');
CREATE UNIQUE INDEX inbox_parked_event ON inbox_parked (source, event_id)
    WHERE state = 'waiting' AND digest IS NOT NULL;
CREATE UNIQUE INDEX inbox_parked_unread ON inbox_parked (source, event_id, sha256(raw))
    WHERE state IN ('waiting', 'conflict') AND digest IS NULL;
"""


def upgrade() -> None:
    op.execute(TABLE)
    connection = op.get_bind()
    # Intake, which names the member, parks in one form; channels park bytes as they came, unread.
    waiting = text(
        "SELECT parked_id, raw FROM inbox_parked WHERE state = 'waiting' AND member_id IS NOT NULL"
        " AND NOT EXISTS (SELECT FROM inbox_key k"
        "                 WHERE k.source = inbox_parked.source AND k.event_id = inbox_parked.event_id)"
    )
    for parked_id, raw in connection.execute(waiting).all():
        held = {"parked_id": parked_id, "digest": digest(bytes(raw))}
        connection.execute(text("UPDATE inbox_parked SET digest = :digest WHERE parked_id = :parked_id"), held)
    op.execute(INDEXES)


def digest(raw: bytes) -> bytes:
    """Of a parked event, as the inbox reckons it at this revision."""
    event = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    occurred_at = msgspec.json.decode(event["time"], type=datetime).astimezone(UTC)
    stamp = f"{msgspec.json.decode(event['type'])}\n{occurred_at.isoformat()}\n".encode()
    return hashlib.blake2b(stamp + bytes(event["data"]), digest_size=16).digest()
