"""What payments speak in, and what may be refused of them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias
from uuid import UUID

import msgspec

from linli.kit.errors import NotFound, Refusal

PaymentState: TypeAlias = Literal["unpaid", "paid", "closed"]
RefundState: TypeAlias = Literal["wanted", "processing", "succeeded", "abnormal", "closed"]


class Payment(msgspec.Struct, frozen=True):
    """The cash part of an order. `refunded_fen`: asked for, whether it has arrived or not."""

    member_id: str
    order_id: UUID
    out_trade_no: str
    description: str
    fen: int
    state: PaymentState
    pay_until: datetime
    prepay_id: str | None
    prepaid_at: datetime | None
    transaction_id: str | None
    paid_at: datetime | None
    refunded_fen: int
    looks: int
    created_at: datetime
    refunding: bool
    """Whether some of what is refunded has not arrived yet."""


class NewPayment(msgspec.Struct, frozen=True):
    """What is to be paid for an order, and until when."""

    member_id: str
    order_id: UUID
    description: str
    fen: int
    pay_until: datetime

    @property
    def out_trade_no(self) -> str:
        """What the provider knows it by: 32 characters, as many as it takes."""
        return self.order_id.hex


class Refund(msgspec.Struct, frozen=True):
    """Cash on its way back."""

    out_refund_no: str
    out_trade_no: str
    fen: int
    total_fen: int
    reason: str
    state: RefundState
    tries: int


class PaymentNotFound(NotFound):
    """Nothing is paid in cash for the order, or the provider's number is nobody's. Fields: `order_id`."""

    code: ClassVar[str] = "payment_not_found"


class PaymentOver(Refusal):
    """It is paid, or can be paid no more. Fields: `state`."""

    code: ClassVar[str] = "payment_over"


class PaymentMismatch(Refusal):
    """What the provider tells was paid is not what was to be paid. Fields: `expected_fen`, `paid_fen`."""

    code: ClassVar[str] = "payment_mismatch"
