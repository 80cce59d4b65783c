"""邀请: the member's code and where it leads, what an invitation brings, and what came of each friend."""

from __future__ import annotations

from datetime import date

import msgspec
from litestar import get

from linli import members, rules
from linli.api.call import Call, for_members
from linli.api.me_words import Bilingual, both, same
from linli.api.paging import decode_cursor, page
from linli.api.strict import Cursor, Limit
from linli.earning import FriendPlace
from linli.flows.invitations import Friend, FriendState, FriendTotals, Invited, Why, invited_by
from linli.flows.publish import NoProgramme
from linli.flows.redeem import WALLET
from linli.kit.db import Connection
from linli.members import MemberNotFound
from linli.rules import Invitation


class FriendLine(msgspec.Struct, frozen=True):
    """Somebody whom the member brought; who they are to the platform is not told. `points`: on their way while
    `ordered`, credited once `rewarded`. `text`: the reason in words."""

    nickname: str | None
    avatar: str | None
    joined_on: date
    state: FriendState
    points: int
    reason: Why | None
    text: Bilingual | None


class Invitations(msgspec.Struct, frozen=True):
    """`code` is the member's for ever; `link` leads a friend to the shop with it (`LINLI_INVITE_LINK`), and begins with
    `/` where that is a page of this server. `rules`: what an invitation brings now. `items`: newest first."""

    code: str
    link: str
    rules: list[Bilingual]
    totals: FriendTotals
    items: list[FriendLine]
    next_cursor: str | None


@get("/invitations", opt=for_members(MemberNotFound, NoProgramme))
async def list_my_invitations(call: Call, cursor: Cursor = None, limit: Limit = 20) -> Invitations:
    """The member's invite code, and those who came by it. The code is made when it is first asked for."""
    before = decode_cursor("me.invitations", cursor, FriendPlace) or FriendPlace.newest()

    async def work(conn: Connection) -> tuple[str | None, list[Bilingual], Invited]:
        me = await members.get_member(conn, call.member_id)
        programme = (await call.programme_of(conn, call.member_id)).programme
        live = [rule for rule in rules.rules_of(programme, me.city, call.stamp.at) if isinstance(rule, Invitation)]
        found = await invited_by(
            conn, me.member_id, WALLET, call.process.settings.calendar, before=before, limit=limit + 1
        )  # fmt: skip
        code = await members.find_invite_code(conn, me.member_id)
        return code, [same(rules.sentence(rule, programme)) for rule in live], found

    code, said, found = await call.read(work)
    if code is None:
        code = await call.run(lambda conn: members.make_invite_code(conn, call.member_id, call.stamp.at))
    items, next_cursor = page("me.invitations", found.friends, limit, lambda pair: pair[0])
    link = call.process.settings.invite_link.replace("{code}", code)
    return Invitations(code, link, said, found.totals, [_told(friend) for _, friend in items], next_cursor)


def _told(friend: Friend) -> FriendLine:
    return FriendLine(
        nickname=friend.nickname, avatar=friend.avatar, joined_on=friend.joined_on, state=friend.state,
        points=friend.points, reason=friend.reason,
        text=both(f"friend.{friend.reason}") if friend.reason else None,
    )  # fmt: skip


handlers = [list_my_invitations]
