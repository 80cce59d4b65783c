"""A campaign from its draft to the reveal of its seed. Whoever stops one, or tells its seed, has its lock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from linli import coupons, lottery, mall
from linli.coupons import TemplateNotFound
from linli.flows.lottery_table import reserved_for
from linli.kit.db import Connection
from linli.kit.texts import texts
from linli.ledger import Stamp
from linli.lottery import Campaign, CampaignChanged, CampaignFaulty, CampaignInState, Fault, Terms
from linli.mall import ItemNotFound, StockExhausted


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
    if faults := lottery.faults(terms, stamp.at) or await _set_aside(conn, campaign_id, terms):
        said = texts("lottery")
        raise CampaignFaulty(errors=[{**fault._asdict(), **said[f"fault.{fault.code}"]} for fault in faults])
    sealed = lottery.new_seed(key, str(campaign_id))
    told = lottery.terms_hash(lottery.public_terms(campaign_id, terms))
    await lottery.publish(conn, campaign_id, sealed, told, by=by, at=stamp.at)
    return await lottery.get(conn, campaign_id)


async def _set_aside(conn: Connection, campaign_id: UUID, terms: Terms) -> list[Fault]:
    """Set the goods aside, so that whoever draws one gets it; and see that coupons are there to be issued."""
    found: list[Fault] = []
    for place, prize in enumerate(terms.prizes):
        try:
            if prize.kind == "goods" and prize.item_id and prize.stock:
                item = await mall.get_item(conn, _id_of(prize.item_id))
                if item.terms.kind == "coupon":
                    found.append(Fault(f"prizes[{place}].item_id", "item_is_coupon"))
                    continue
                await mall.reserve(conn, item.item_id, prize.stock, reserved_for(campaign_id, prize.prize_id))
            elif prize.kind == "coupon" and prize.template_id:
                template = await coupons.get_template(conn, prize.template_id)
                if template.state != "open":
                    found.append(Fault(f"prizes[{place}].template_id", "template_not_open"))
        except ItemNotFound:
            found.append(Fault(f"prizes[{place}].item_id", "item_unknown"))
        except StockExhausted:
            found.append(Fault(f"prizes[{place}].stock", "stock_too_small"))
        except TemplateNotFound:
            found.append(Fault(f"prizes[{place}].template_id", "template_unknown"))
    return found


def _id_of(item_id: str) -> UUID:
    try:
        return UUID(item_id)
    except ValueError:
        raise ItemNotFound(item_id=item_id) from None


async def _put_back(conn: Connection, found: Campaign) -> None:
    """Let the mall have what was set aside and not won."""
    for prize in found.terms.prizes:
        if prize.kind == "goods" and prize.item_id:
            await mall.release(conn, UUID(prize.item_id), reserved_for(found.campaign_id, prize.prize_id))


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
    await _put_back(conn, found)
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
    await _put_back(conn, found)
    return await lottery.get(conn, campaign_id)
