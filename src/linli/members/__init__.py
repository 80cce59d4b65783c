"""Members: who they are to the platform. Owns `members_*`.

A member is enrolled by the first event that names them. The member's row is the lock that intake takes, in order of
member id, before it reads any of their facts. Nickname and picture, which are personal data, stand in a table of their
own. Whoever invites has a code of their own, for ever.
"""

from linli.members.invite import find_invite_code, inviters, make_invite_code
from linli.members.roll import (
    Member,
    MemberNotFound,
    Sighting,
    cities,
    count_members,
    enrol,
    enrolled,
    find_member,
    get_member,
    ids_after,
    lock,
    members_by_id,
    set_profile,
    shown,
)
from linli.members.search import Found, search

__all__ = [
    "Found", "Member", "MemberNotFound", "Sighting", "cities", "count_members", "enrol", "enrolled",
    "find_invite_code", "find_member", "get_member", "ids_after", "inviters", "lock", "make_invite_code",
    "members_by_id", "search", "set_profile", "shown",
]  # fmt: skip
