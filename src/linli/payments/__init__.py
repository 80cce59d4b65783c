"""Payments: the cash part of orders of the mall, its notices and refunds, whoever the provider is.

Owns `payments_*`. Promises: an order is paid for once; a notice has one effect, however often and in whichever order
it comes; never more goes back than came in, and what is to go back is asked for until the provider has done it.
"""

from linli.payments.book import (
    add_notice,
    add_payments,
    effect_of,
    get_payment,
    look_at,
    note_closed,
    note_paid,
    note_prepaid,
    of_orders,
    refunds_to_try,
    tell_refund,
    to_look_at,
    want_refund,
)
from linli.payments.types import (
    NewPayment,
    Payment,
    PaymentMismatch,
    PaymentNotFound,
    PaymentOver,
    PaymentState,
    Refund,
    RefundState,
)

__all__ = [
    "NewPayment", "Payment", "PaymentMismatch", "PaymentNotFound", "PaymentOver", "PaymentState", "Refund",
    "RefundState", "add_notice", "add_payments", "effect_of", "get_payment", "look_at", "note_closed", "note_paid",
    "note_prepaid", "of_orders", "refunds_to_try", "tell_refund", "to_look_at", "want_refund",
]  # fmt: skip
