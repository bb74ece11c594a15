"""Who waits for time to be freed, and what they have been offered of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.diary import lawful_interval

EVERY_DAY = 127
"""All seven bits of `days`."""


class WaitState(StrEnum):
    """What became of an entry, as it is kept: whether it is over, or has an offer, follows from the time."""

    WAITING = "waiting"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"


class OfferState(StrEnum):
    """What became of an offer. One that is open past its time has lapsed."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"


_OPEN, _WAITING = text("state = 'open'"), text("state = 'waiting'")


class WaitlistEntry(Base):
    """A client's wish for a service on days from `first_day` to `last_day` of `timezone`, both included.

    `starts_at` and `ends_at` are the instants of that window. `days` has a bit for each weekday that suits, the lowest
    for Monday; `times` are the times of the day in which the visit is to lie, such as `09:00-12:00,17:00-20:00`, empty
    for any. Without `staff_id`, whoever performs the service will do.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        *lawful_interval(),
        CheckConstraint("first_day <= last_day", name="dates"),
        CheckConstraint(f"days BETWEEN 1 AND {EVERY_DAY}", name="days"),
        CheckConstraint("(state = 'booked') = (booking_id IS NOT NULL)", name="booked"),
        Index("ix_waitlist_entries_client_id", "client_id", "created_at", "id"),
        Index("ix_waitlist_entries_service_id", "service_id", "created_at", "id"),
        Index("ix_waitlist_entries_state", "state", "created_at", "id"),
        Index("ix_waitlist_entries_created_at", "created_at", "id"),
        Index("ix_waitlist_entries_booking_id", "booking_id"),
        Index(
            "ix_waitlist_entries_waiting",
            "service_id",
            "ends_at",
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
        Index(
            "uq_waitlist_entries_wish",
            *("client_id", "service_id", text("coalesce(staff_id, 0)"), "first_day", "last_day", "days", "times"),
            unique=True,
            postgresql_where=_WAITING,
            sqlite_where=_WAITING,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    days: Mapped[int] = mapped_column(Integer, default=EVERY_DAY)
    times: Mapped[str] = mapped_column(String(200), default="")
    timezone: Mapped[str] = mapped_column(String(64))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[WaitState] = mapped_column(word_of(WaitState, "state"), default=WaitState.WAITING)
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class WaitlistOffer(Base):
    """Time with a staff member that is held for whoever waits, until `expires_at`. No entry is offered one twice."""

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        *lawful_interval(),
        UniqueConstraint("entry_id", "staff_id", "starts_at"),
        UniqueConstraint("hold_id"),
        Index("uq_waitlist_offers_open", "entry_id", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_waitlist_offers_staff_id", "staff_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"))
    hold_id: Mapped[int] = mapped_column(ForeignKey("holds.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[OfferState] = mapped_column(word_of(OfferState, "state"), default=OfferState.OPEN)
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
