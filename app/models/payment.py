"""Money asked for or received for a booking or an order, and what of it went back."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, Json, word_of
from app.kit.money import Money
from app.models.payment_life import (
    LEGAL_PAYMENT_STATES,
    LEGAL_REFUND_STATES,
    OPEN_PAYMENTS,
    PaymentMethod,
    PaymentState,
    Purpose,
    RefundOrigin,
    RefundState,
)

_OPEN = text("status IN ('pending', 'requires_action')")
_PENDING = text("status = 'pending'")

LONGEST_NAME = 255
"""Characters of a provider's name for anything."""


class IllegalPaymentState(Exception):
    """A payment or refund would go from one state to another that does not follow it; the room asks before it tries."""


class Payment(Base):
    """Money for one booking, or one order, by one method.

    `captured_amount` has come. Of that, `refunded_amount` went back and `refunding_amount` is on its way back. Of each
    booking or order at most one payment is open. Every change is made under the lock of the booking or order.
    """

    __tablename__ = "payments"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("provider", "provider_reference"),
        UniqueConstraint("callback_hash"),
        CheckConstraint("(booking_id IS NULL) <> (order_id IS NULL)", name="one_thing"),
        CheckConstraint("amount > 0 AND captured_amount <= amount", name="amounts"),
        CheckConstraint(
            "refunded_amount >= 0 AND refunding_amount >= 0 AND refunded_amount + refunding_amount <= captured_amount",
            name="refunded",
        ),
        CheckConstraint(
            "(status = 'succeeded') = (captured_amount > 0) AND (status = 'succeeded') = (settled_at IS NOT NULL)",
            name="captured",
        ),
        CheckConstraint("NOT counted OR status = 'succeeded'", name="counted"),
        CheckConstraint("(next_check_at IS NOT NULL) = (status IN ('pending', 'requires_action'))", name="next_check"),
        CheckConstraint("checks >= 0", name="checks"),
        CheckConstraint("(provider = 'cash') = (recorded_by IS NOT NULL)", name="recorded"),
        CheckConstraint("(provider = 'prepaid') = (method IN ('gift_card', 'package'))", name="prepaid"),
        CheckConstraint("method NOT IN ('cash', 'card_terminal') OR provider = 'cash'", name="cash"),
        CheckConstraint("(failure_code IS NULL) = (failure_message IS NULL)", name="failure"),
        Index("uq_payments_booking_id", "booking_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("uq_payments_order_id", "order_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_payments_booking_id", "booking_id", "created_at", "id"),
        Index("ix_payments_order_id", "order_id", "created_at", "id"),
        Index("ix_payments_client_id", "client_id", "created_at", "id"),
        Index("ix_payments_created_at", "created_at", "id"),
        Index("ix_payments_status", "status", "created_at", "id"),
        Index("ix_payments_next_check_at", "next_check_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Whose booking or order it is; nobody's at the counter."""

    purpose: Mapped[Purpose] = mapped_column(word_of(Purpose, "purpose"))
    method: Mapped[PaymentMethod] = mapped_column(word_of(PaymentMethod, "method"))
    provider: Mapped[str] = mapped_column(String(32))
    provider_reference: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    status: Mapped[PaymentState] = mapped_column(word_of(PaymentState, "status"), default=PaymentState.PENDING)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column()
    captured_amount: Mapped[int] = mapped_column(default=0)
    refunding_amount: Mapped[int] = mapped_column(default=0)
    refunded_amount: Mapped[int] = mapped_column(default=0)
    counted: Mapped[bool] = mapped_column(default=False)
    """Whether the booking or order counts it as paid; not where it came when nothing was owed any more."""

    next_action: Mapped[dict[str, Any] | None] = mapped_column(Json)
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(String(500))
    phone: Mapped[str | None] = mapped_column(String(20))
    payment_method_id: Mapped[int | None] = mapped_column(ForeignKey("payment_methods.id"))
    callback_hash: Mapped[str | None] = mapped_column(String(64))
    """Of the secret in the address at which an unsigned provider tells of this payment: SHA-256, in hex digits."""

    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    """Who had the money in hand."""

    next_check_at: Mapped[datetime | None]
    checks: Mapped[int] = mapped_column(Integer, default=0)
    settled_at: Mapped[datetime | None]
    """When we learnt that the money has come."""

    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    refunds: Mapped[list["Refund"]] = relationship(lazy="raise_on_sql", order_by="Refund.id", back_populates="payment")

    def may_become(self, status: PaymentState) -> bool:
        """Say whether `status` may follow the present one."""
        return status in LEGAL_PAYMENT_STATES.get(self.status, frozenset())

    def become(self, status: PaymentState) -> None:
        """Give it a state other than `succeeded`. Raises `IllegalPaymentState`."""
        self._take_step(status)
        if status not in OPEN_PAYMENTS:
            self.next_check_at = self.next_action = None

    def capture(self, now: datetime) -> None:
        """Write that all of it has come. Raises `IllegalPaymentState`."""
        self._take_step(PaymentState.SUCCEEDED)
        self.captured_amount, self.settled_at = self.amount, now
        self.next_check_at = self.next_action = self.failure_code = self.failure_message = None

    def _take_step(self, status: PaymentState) -> None:
        if not self.may_become(status):
            raise IllegalPaymentState(f"from {self.status} to {status}")
        self.status = status

    @property
    def is_open(self) -> bool:
        """Whether money may still come, and the provider is asked about it."""
        return self.status in OPEN_PAYMENTS

    @property
    def refundable_amount(self) -> int:
        """What has come, and is not back nor on its way back."""
        return self.captured_amount - self.refunded_amount - self.refunding_amount

    @property
    def refunded(self) -> Money:
        """What has gone back."""
        return Money(self.refunded_amount, self.currency)

    @property
    def failure(self) -> dict[str, str | None] | None:
        """Why it failed, in the provider's words."""
        return None if self.failure_code is None else {"code": self.failure_code, "message": self.failure_message}


class Refund(Base):
    """Money of one payment that goes back, for a reason. `created_by` is nobody where the system itself gives it back.

    While it is pending its amount is part of the payment's `refunding_amount`, once it succeeded of `refunded_amount`.
    """

    __tablename__ = "refunds"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("payment_id", "provider_reference"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(status = 'pending') = (settled_at IS NULL)", name="settled"),
        CheckConstraint("(failure_code IS NULL) = (failure_message IS NULL)", name="failure"),
        CheckConstraint("status <> 'failed' OR failure_code IS NOT NULL", name="failed"),
        Index("ix_refunds_payment_id", "payment_id", "created_at", "id"),
        Index("ix_refunds_pending", "created_at", "id", postgresql_where=_PENDING, sqlite_where=_PENDING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    status: Mapped[RefundState] = mapped_column(word_of(RefundState, "status"), default=RefundState.PENDING)
    origin: Mapped[RefundOrigin] = mapped_column(word_of(RefundOrigin, "origin"))
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column()
    reason: Mapped[str] = mapped_column(String(500), default="")
    provider_reference: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    failure_code: Mapped[str | None] = mapped_column(String(64))
    failure_message: Mapped[str | None] = mapped_column(String(500))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    settled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    payment: Mapped[Payment] = relationship(back_populates="refunds", lazy="raise_on_sql")

    def end(self, status: RefundState, now: datetime) -> None:
        """Give it its final state. Raises `IllegalPaymentState`."""
        if status not in LEGAL_REFUND_STATES.get(self.status, frozenset()):
            raise IllegalPaymentState(f"of a refund, from {self.status} to {status}")
        self.status, self.settled_at = status, now
        if status is RefundState.SUCCEEDED:
            self.failure_code = self.failure_message = None

    @property
    def failure(self) -> dict[str, str | None] | None:
        """Why it was refused the last time, in the provider's words."""
        return None if self.failure_code is None else {"code": self.failure_code, "message": self.failure_message}
