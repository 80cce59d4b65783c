"""Earning: what members did, as far as rules ask. Owns `earning_*`.

Facts are sets and sums, so they do not depend on the order in which events arrive. An order remembers how each of its
grants was reckoned, so that a refund is reckoned by the same rates, however often the rules changed since, and what
else it caused, so that this goes with it. A group remembers who is in it, for the case that it fails.
"""

from linli.earning.facts import (
    apply_event,
    apply_first_order,
    apply_loss,
    apply_order,
    apply_refund,
    apply_ring,
    is_ring,
)
from linli.earning.groups import (
    GroupRecord,
    Part,
    failed_at,
    live_claims,
    lock_groups,
    read_parts,
    write_groups,
    write_parts,
)
from linli.earning.orders import (
    Basis,
    More,
    OrderRecord,
    Refunds,
    RefundTooLarge,
    basis_of,
    basis_order,
    cancelled,
    told,
    with_claims,
    with_refund,
)
from linli.earning.state import (
    Elsewhere,
    FriendPlace,
    born_in,
    claims_elsewhere,
    count_friends,
    friends,
    invited_by,
    next_orders,
    orders_with_claim,
    read_facts,
    read_orders,
    write_elsewhere,
    write_facts,
    write_orders,
)

__all__ = [
    "Basis", "Elsewhere", "FriendPlace", "GroupRecord", "More", "OrderRecord", "Part", "RefundTooLarge", "Refunds",
    "apply_event", "apply_first_order", "apply_loss", "apply_order", "apply_refund", "apply_ring", "basis_of",
    "basis_order", "born_in", "cancelled", "claims_elsewhere", "count_friends", "failed_at", "friends", "invited_by",
    "is_ring", "live_claims", "lock_groups", "next_orders", "orders_with_claim", "read_facts", "read_orders",
    "read_parts", "told", "with_claims", "with_refund", "write_elsewhere", "write_facts", "write_groups",
    "write_orders", "write_parts",
]  # fmt: skip
