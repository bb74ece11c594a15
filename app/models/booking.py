"""Agreements with clients, what they consist of, and how they came to be what they are."""

from datetime import datetime, timedelta
from typing import Any, Self

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import Money
from app.models.booking_life import LEGAL_STEPS, LIVING, UNDONE, BookingKind, BookingStatus, PendingReason, Step
from app.models.diary import DAY_MINUTES, lawful_interval
from app.models.resource import Space
from app.models.user import User

LONGEST_WORK = timedelta(minutes=DAY_MINUTES)
"""No service, nor anybody's own duration of one, takes longer, say the CHECKs of their tables."""

MOST_ITEMS = 10
"""Parts that one booking may have."""

LONGEST_SERVICE_BOOKING = MOST_ITEMS * LONGEST_WORK
LONGEST_BOOKING = timedelta(days=366)
"""What the CHECK on the interval allows, and a space may be let for."""


class IllegalStep(Exception):
    """A status was about to be written that may not follow the present one: the caller has not asked `may_move_to`."""


class Booking(Base):
    """An agreement with one client about one interval of time; `items` say what happens in it."""

    __tablename__ = "bookings"
    __table_args__ = (
        UniqueConstraint("reference"),
        *lawful_interval(),
        CheckConstraint("(status = 'pending') = (pending_reason IS NOT NULL)", name="pending_reason"),
        CheckConstraint("(status = 'pending') = (expires_at IS NOT NULL)", name="pending_expires"),
        CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled"),
        CheckConstraint("(kind = 'space') = (space_id IS NOT NULL)", name="space"),
        CheckConstraint(
            "total_amount >= 0 AND paid_amount >= 0 AND late_cancel_fee_amount >= 0"
            " AND no_show_fee_amount >= 0 AND deposit_amount >= 0 AND deposit_amount <= total_amount"
            " AND (cancel_fee_amount IS NULL OR cancel_fee_amount >= 0)",
            name="amounts",
        ),
        CheckConstraint("credited_amount >= 0", name="credited"),
        CheckConstraint("party_size > 0", name="party_size"),
        Index("ix_bookings_client_id", "client_id", "starts_at", "id"),
        Index("ix_bookings_client_id_created_at", "client_id", "created_at", "id"),
        Index("ix_bookings_starts_at", "starts_at", "id"),
        Index("ix_bookings_created_at", "created_at", "id"),
        Index("ix_bookings_kind", "kind", "starts_at", "id", postgresql_include=["ends_at"]),
        Index("ix_bookings_status", "status", "starts_at", "id"),
        Index("ix_bookings_space_id", "space_id", "starts_at"),
        Index("ix_bookings_series_id", "series_id"),
        Index(
            "ix_bookings_expires_at",
            "expires_at",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    kind: Mapped[BookingKind] = mapped_column(word_of(BookingKind, "kind"))
    status: Mapped[BookingStatus] = mapped_column(word_of(BookingStatus, "status"))
    pending_reason: Mapped[PendingReason | None] = mapped_column(word_of(PendingReason, "pending_reason_word"))
    expires_at: Mapped[datetime | None]
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    space_id: Mapped[int | None] = mapped_column(ForeignKey("spaces.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("booking_series.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    timezone: Mapped[str] = mapped_column(String(64))
    party_size: Mapped[int] = mapped_column(Integer, default=1)
    notes: Mapped[str] = mapped_column(String(2000), default="")
    currency: Mapped[str] = mapped_column(String(3))
    total_amount: Mapped[int] = mapped_column()
    deposit_amount: Mapped[int] = mapped_column(default=0)
    paid_amount: Mapped[int] = mapped_column(default=0)
    credited_amount: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """What credit notes have taken off its invoice: it was given back, and is owed no more."""

    cancel_free_until: Mapped[datetime]
    late_cancel_fee_amount: Mapped[int] = mapped_column(default=0)
    no_show_fee_amount: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(500))
    cancel_fee_amount: Mapped[int | None] = mapped_column()
    """What is kept of one that was cancelled; of one that was missed, 0 where its fee was waived."""

    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    items: Mapped[list["BookingItem"]] = relationship(
        lazy="raise_on_sql", order_by="BookingItem.position", back_populates="booking"
    )
    space: Mapped[Space | None] = relationship(lazy="raise_on_sql")
    client: Mapped[User] = relationship(foreign_keys=client_id, lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own protocol

    def status_at(self, now: datetime) -> BookingStatus:
        """Return the status as a reader must see it: a pending booking past its time is expired."""
        overdue = self.expires_at is not None and self.expires_at <= now
        return BookingStatus.EXPIRED if overdue else self.status

    def may_move_to(self, status: BookingStatus, now: datetime) -> bool:
        """Say whether `status` may follow the one that a reader sees at `now`.

        Only `expired` follows the one in the table: it is written down after it has come about.
        """
        present = self.status if status is BookingStatus.EXPIRED else self.status_at(now)
        return status in LEGAL_STEPS.get(present, frozenset())

    def wait_for(self, reason: PendingReason, until: datetime, now: datetime) -> None:
        """Make it pending for `reason` until the instant `until`. Raises `IllegalStep`."""
        self._take_step(BookingStatus.PENDING, now)
        self.pending_reason, self.expires_at = reason, until

    def move_to(self, status: BookingStatus, now: datetime) -> None:
        """Give it a status other than pending: what it waited for is over. Raises `IllegalStep`."""
        self._take_step(status, now)
        self.pending_reason = self.expires_at = None

    def revive(self, now: datetime) -> None:
        """Confirm it after it has expired, which nothing but late money does. Raises `IllegalStep`."""
        if self.status_at(now) is not BookingStatus.EXPIRED:
            raise IllegalStep(f"from {self.status_at(now)} to {BookingStatus.CONFIRMED}, by late money")
        self.status, self.pending_reason, self.expires_at = BookingStatus.CONFIRMED, None, None

    def _take_step(self, status: BookingStatus, now: datetime) -> None:
        if not self.may_move_to(status, now):
            raise IllegalStep(f"from {self.status_at(now)} to {status}")
        self.status = status

    @property
    def current_status(self) -> BookingStatus:
        """The status as a reader must see it at this moment."""
        return self.status_at(utcnow())

    @property
    def current_wait(self) -> PendingReason | None:
        """What it waits for, unless its time for that has passed."""
        return self.pending_reason if self.current_status is BookingStatus.PENDING else None

    @property
    def current_deadline(self) -> datetime | None:
        """When that wait ends; null as soon as it has."""
        return self.expires_at if self.current_status is BookingStatus.PENDING else None

    @property
    def terms(self) -> Self:
        """The booking as the bearer of its frozen policy."""
        return self

    @property
    def cancellation(self) -> Self | None:
        """The booking as the bearer of its cancellation, if it is cancelled."""
        return self if self.status is BookingStatus.CANCELLED else None

    @property
    def space_name(self) -> str | None:
        """The name of the space that is let."""
        return None if self.space is None else self.space.name

    @property
    def deposit_due(self) -> Money:
        """What of the deposit is still to be paid."""
        due = self.deposit_amount - self.paid_amount if self.current_status in LIVING else 0
        return Money(max(0, due), self.currency)

    @property
    def fee_amount(self) -> int:
        """What is kept of one that was cancelled or missed, in minor units; of any other, nothing."""
        if self.status is BookingStatus.NO_SHOW and self.cancel_fee_amount is None:
            return self.no_show_fee_amount
        return self.cancel_fee_amount or 0

    @property
    def balance_due(self) -> Money:
        """What is still to be paid in all: the total less what was credited, or the fee of what did not come about."""
        owed = self.fee_amount if self.current_status in UNDONE else self.total_amount - self.credited_amount
        return Money(max(0, owed - self.paid_amount), self.currency)


class BookingItem(Base):
    """One consecutive part of a booking; name and price are copies, made when it was sold."""

    __tablename__ = "booking_items"
    __table_args__ = (
        UniqueConstraint("booking_id", "position"),
        *lawful_interval(),
        CheckConstraint("price_amount >= 0", name="price"),
        CheckConstraint("(service_id IS NULL) = (staff_id IS NULL)", name="service_and_staff"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name="buffers"),
        Index("ix_booking_items_staff_id", "staff_id", "starts_at"),
        Index("ix_booking_items_service_id", "service_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    service_name: Mapped[str | None] = mapped_column(String(200))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    staff_name: Mapped[str | None] = mapped_column(String(200))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    buffer_before_minutes: Mapped[int] = mapped_column(Integer, default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(Integer, default=0)
    price_amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))

    booking: Mapped[Booking] = relationship(back_populates="items", lazy="raise_on_sql")

    @property
    def price(self) -> Money:
        """What was agreed for this part."""
        return Money(self.price_amount, self.currency)

    @property
    def occupied(self) -> tuple[datetime, datetime]:
        """The work with its buffers, as the allocation takes it."""
        before, after = (timedelta(minutes=m) for m in (self.buffer_before_minutes, self.buffer_after_minutes))
        return self.starts_at - before, self.ends_at + after


class BookingHistory(Base):
    """One change of a booking: when, by whom (nobody: the system), from what to what, and why."""

    __tablename__ = "booking_history"
    __table_args__ = (Index("ix_booking_history_booking_id", "booking_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    step: Mapped[Step] = mapped_column(word_of(Step, "step"))
    from_status: Mapped[BookingStatus | None] = mapped_column(word_of(BookingStatus, "from_status"))
    to_status: Mapped[BookingStatus] = mapped_column(word_of(BookingStatus, "to_status"))
    reason: Mapped[str] = mapped_column(String(500), default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
