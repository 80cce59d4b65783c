"""Earning: what members did, as far as rules ask. Owns `earning_*`.

Facts are sets and sums, so they do not depend on the order in which events arrive. An order remembers how each of its
grants was reckoned, so that a refund is reckoned by the same rates, however often the rules changed since.
"""

from linli.earning.facts import apply_event, apply_refund
from linli.earning.orders import Basis, OrderRecord, Refunds, RefundTooLarge, basis_of, basis_order, with_refund
from linli.earning.state import (
    FriendPlace,
    count_friends,
    friends,
    read_facts,
    read_orders,
    write_facts,
    write_orders,
)

__all__ = [
    "Basis", "FriendPlace", "OrderRecord", "RefundTooLarge", "Refunds", "apply_event", "apply_refund", "basis_of",
    "basis_order", "count_friends", "friends", "read_facts", "read_orders", "with_refund", "write_facts",
    "write_orders",
]  # fmt: skip
