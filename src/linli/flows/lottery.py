"""A campaign from its draft to the reveal of its seed. Whoever stops one, or tells its seed, has its lock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from linli import lottery
from linli.kit.db import Connection
from linli.ledger import Stamp
from linli.lottery import Campaign, CampaignChanged, CampaignFaulty, CampaignInState, Terms


async def change(conn: Connection, campaign_id: UUID, terms: Terms, revision: int) -> Campaign:
    """Let a draft that stands at `revision` have other terms.

    Raises CampaignNotFound, CampaignInState, CampaignChanged.
    """
    await _draft(conn, campaign_id, revision)
    await lottery.change(conn, campaign_id, terms)
    return await lottery.get(conn, campaign_id)


async def drop(conn: Connection, campaign_id: UUID) -> None:
    """Delete a draft. Raises CampaignNotFound, CampaignInState."""
    await _draft(conn, campaign_id, None)
    await lottery.drop(conn, campaign_id)


async def _draft(conn: Connection, campaign_id: UUID, revision: int | None) -> Campaign:
    found = await lottery.get(conn, campaign_id, lock=True)
    if found.kept != "draft":
        raise CampaignInState(state=found.kept)
    if revision not in (None, found.revision):
        raise CampaignChanged(revision=found.revision)
    return found


async def publish(conn: Connection, campaign_id: UUID, key: bytes, stamp: Stamp, *, by: str) -> Campaign:
    """Publish a draft: its terms are as they are for ever, and so is the hash of a seed that nobody has seen.

    One that should have begun already begins now: never before the hash is there. Twice is once.
    Raises CampaignNotFound, CampaignInState, CampaignFaulty.
    """
    found = await lottery.get(conn, campaign_id, lock=True)
    if found.kept == "published":
        return found
    if found.kept != "draft":
        raise CampaignInState(state=found.kept)
    terms = replace(found.terms, starts_at=max(found.terms.starts_at, stamp.at))
    if faults := lottery.faults(terms, stamp.at):
        raise CampaignFaulty(errors=[{"place": fault.place, "code": fault.code} for fault in faults])
    sealed = lottery.new_seed(key, str(campaign_id))
    told = lottery.terms_hash(lottery.public_terms(campaign_id, terms))
    await lottery.publish(conn, campaign_id, sealed, told, by=by, at=stamp.at)
    return await lottery.get(conn, campaign_id)


async def stop(conn: Connection, campaign_id: UUID, at: datetime) -> Campaign:
    """Take no more draws, for ever: its seed is revealed soon. Twice is once.

    Raises CampaignNotFound, CampaignInState.
    """
    found = await lottery.get(conn, campaign_id, lock=True)
    if found.kept == "stopped":
        return found
    if found.state(at) != "published":
        raise CampaignInState(state=found.state(at))
    await lottery.stop(conn, campaign_id, at)
    return await lottery.get(conn, campaign_id)


async def reveal(conn: Connection, campaign_id: UUID, key: bytes, at: datetime) -> Campaign:
    """Tell the seed of a campaign that is over: ended, or stopped. Whoever draws waits for the same lock, and then is
    refused. Twice is once. Raises CampaignNotFound, CampaignInState, SeedUnreadable."""
    found = await lottery.get(conn, campaign_id, lock=True)
    if found.kept == "revealed":
        return found
    if found.state(at) not in ("ended", "stopped"):
        raise CampaignInState(state=found.state(at))
    sealed = await lottery.secrets(conn, [campaign_id])
    opened = lottery.open_seed(key, str(campaign_id), sealed[campaign_id])
    await lottery.reveal(conn, campaign_id, opened.seed, at)
    return await lottery.get(conn, campaign_id)
