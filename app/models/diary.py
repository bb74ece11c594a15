"""When a resource is open, closed and taken."""

from datetime import date, datetime

from sqlalchemy import DDL, CheckConstraint, ForeignKey, Index, Integer, String, event, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base

DAY_MINUTES = 1440
NO_OVERLAP = "allocation_no_overlap"
"""The name by which both databases refuse the second taker."""

_LAWFUL_INTERVAL = {
    "postgresql": "isfinite(starts_at) AND isfinite(ends_at) AND starts_at < ends_at"
    " AND ends_at - starts_at <= interval '366 days'",
    "sqlite": "length(starts_at) = 26 AND length(ends_at) = 26 AND starts_at < ends_at"
    " AND julianday(ends_at) - julianday(starts_at) <= 366",
}


def lawful_interval() -> tuple[CheckConstraint, ...]:
    """Return each dialect's CHECK against empty, endless and over-long intervals."""
    return tuple(
        CheckConstraint(rule, name="interval").ddl_if(dialect=dialect) for dialect, rule in _LAWFUL_INTERVAL.items()
    )


class OpeningRule(Base):
    """Weekly hours: on `weekday` (0 is Monday) open from `opens` to `closes`, minutes of the wall clock.

    `closes <= opens` means past midnight; 1440 is 24:00.
    """

    __tablename__ = "opening_rules"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens BETWEEN 0 AND 1439 AND closes BETWEEN 0 AND 1440", name="hours"),
        Index("ix_opening_rules_resource_id", "resource_id", "weekday", "opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    weekday: Mapped[int] = mapped_column(Integer)
    opens: Mapped[int] = mapped_column(Integer)
    closes: Mapped[int] = mapped_column(Integer)


class DayHours(Base):
    """A date's own hours, which replace its weekday's rules. One row without hours means closed all day."""

    __tablename__ = "day_hours"
    __table_args__ = (
        CheckConstraint("(opens IS NULL) = (closes IS NULL)", name="both"),
        CheckConstraint("opens BETWEEN 0 AND 1439 AND closes BETWEEN 0 AND 1440", name="hours"),
        Index("ix_day_hours_resource_id", "resource_id", "date", "opens"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    date: Mapped[date]
    opens: Mapped[int | None] = mapped_column(Integer)
    closes: Mapped[int | None] = mapped_column(Integer)


class Closure(Base):
    """Time off of a resource or, without one, of the whole business. Two of them may overlap."""

    __tablename__ = "closures"
    __table_args__ = (*lawful_interval(), Index("ix_closures_resource_id", "resource_id", "starts_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Hold(Base):
    """A short exclusive claim on time while a client checks out."""

    __tablename__ = "holds"
    __table_args__ = (Index("ix_holds_client_id", "client_id", "expires_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Allocation(Base):
    """The fact that a resource is occupied in `[starts_at, ends_at)`. A row means taken; releasing deletes it.

    `expires_at` is that of the pending booking or hold it belongs to: past it the row no longer counts and may be
    deleted by whoever wants the time.
    """

    __tablename__ = "allocations"
    __table_args__ = (
        *lawful_interval(),
        CheckConstraint(
            "(CASE WHEN booking_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END)"
            " + (CASE WHEN closure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name="one_cause",
        ),
        ExcludeConstraint(
            (text("int8range(resource_id, resource_id, '[]')"), "&&"),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name=NO_OVERLAP,
            using="gist",
        ).ddl_if(dialect="postgresql"),
        Index("ix_allocations_resource_id", "resource_id", "starts_at", postgresql_include=["ends_at"]),
        Index(
            "ix_allocations_expires_at",
            "resource_id",
            "expires_at",
            postgresql_where=text("expires_at IS NOT NULL"),
            sqlite_where=text("expires_at IS NOT NULL"),
        ),
        Index("ix_allocations_booking_id", "booking_id"),
        Index("ix_allocations_hold_id", "hold_id"),
        Index("ix_allocations_closure_id", "closure_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"))
    closure_id: Mapped[int | None] = mapped_column(ForeignKey("closures.id"))
    expires_at: Mapped[datetime | None]


_SQLITE_OVERLAP = """
    EXISTS (
        SELECT 1 FROM allocations AS later
        WHERE later.resource_id = NEW.resource_id AND later.id IS NOT NEW.id
        AND later.starts_at >= NEW.starts_at AND later.starts_at < NEW.ends_at
    ) OR NEW.starts_at < (
        SELECT earlier.ends_at FROM allocations AS earlier
        WHERE earlier.resource_id = NEW.resource_id AND earlier.id IS NOT NEW.id
        AND earlier.starts_at < NEW.starts_at
        ORDER BY earlier.starts_at DESC LIMIT 1
    )
"""

SQLITE_TRIGGERS = tuple(
    f"CREATE TRIGGER {NO_OVERLAP}_{verb.split()[0].lower()} BEFORE {verb} ON allocations WHEN {_SQLITE_OVERLAP}"
    f" BEGIN SELECT RAISE(ABORT, '{NO_OVERLAP}'); END"
    for verb in ("INSERT", "UPDATE OF resource_id, starts_at, ends_at")
)
"""What SQLite has in place of the exclusion constraint.

As rows of one resource never overlap, only the last one that starts earlier can reach into the new interval: each
check is two look-ups in the index, however long the diary.
"""

for _statement in SQLITE_TRIGGERS:
    event.listen(
        Allocation.__table__,
        "after_create",
        DDL(_statement.replace("%", "%%")).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
    )
