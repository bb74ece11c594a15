"""The selects of the booking room; `visible_to` first of all."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Select,
    SQLColumnExpression,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload, selectinload

from app.kit.clock import utcnow
from app.models import (
    LIVING,
    Allocation,
    Assignment,
    Booking,
    BookingHistory,
    BookingItem,
    BookingKind,
    BookingStatus,
    Hold,
    Resource,
    Role,
    Space,
    Step,
    WaitlistOffer,
)
from app.models.booking import LONGEST_BOOKING, LONGEST_SERVICE_BOOKING, LONGEST_WORK
from app.security.actor import Actor

EARLIEST = datetime(3, 1, 1, tzinfo=UTC)
"""Nothing is older: a booking's length before it is still in the calendar."""

SHOWN = (*LIVING, BookingStatus.COMPLETED, BookingStatus.NO_SHOW)
"""What was given up, or never came about, is not in a calendar."""

BOOKINGS, SPACES = Booking.__table__, Space.__table__
"""The tables alone: without entities, and what a space is as a resource."""

reaching = aliased(Booking, name="reaching")

Known = TypeVar("Known")
Value: TypeAlias = Known | SQLColumnExpression[Known]
"""A value, or what stands for it in a statement that is made once."""


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which bookings the actor may see: everybody's own, staff all of services, owners those of their spaces."""
    return visible_by_role(actor.role, actor.id)


def visible_by_role(role: Role, user_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Return the same for an account of the role, whose id may be bound later. It is about the table, no entity."""
    own = BOOKINGS.c.client_id == user_id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: or_(own, BOOKINGS.c.kind == BookingKind.SERVICE),
        Role.OWNER: BOOKINGS.c.id.in_(_booked_or_let_by(user_id)),
        Role.CLIENT: of_client(user_id),
    }
    return visible.get(role, false())


def of_client(client_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """Select a client's bookings, for a list that is ordered by client first.

    The id is said twice: were it known to be one, PostgreSQL would leave it out of the order, and walk through
    everybody's bookings from the newest, in the hope of meeting some of a client who has many. As it is, only the index
    that begins with the client has the order.
    """
    return BOOKINGS.c.client_id.in_((client_id, client_id))


def _booked_or_let_by(user_id: int | BindParameter[int]) -> CompoundSelect[int]:
    """Select the ids of one's own bookings and of those of one's own spaces: either half by its index."""
    own_spaces = select(SPACES.c.id).where(SPACES.c.owner_id == user_id)
    mine, let = BOOKINGS.c.client_id == user_id, BOOKINGS.c.space_id.in_(own_spaces)
    return union_all(select(BOOKINGS.c.id).where(mine), select(BOOKINGS.c.id).where(let))


def whole() -> Select[Booking]:
    """Select bookings with all that an answer shows."""
    return select(Booking).options(selectinload(Booking.items), joinedload(Booking.space))


def bookings(actor: Actor) -> Select[Booking]:
    """Select the actor's bookings with all that an answer shows."""
    return whole().where(visible_to(actor))


def locked(*booking_ids: int) -> Select[Booking]:
    """Select bookings as they are now, by id, and lock their rows."""
    these = whole().where(Booking.id.in_(booking_ids)).order_by(Booking.id)
    return these.with_for_update(key_share=True, of=Booking).execution_options(populate_existing=True)


def of_series(series_id: int) -> ColumnElement[bool]:
    """Select the bookings of a series."""
    return Booking.series_id == series_id


def history_of(booking_id: int) -> Select[BookingHistory]:
    """Select a booking's changes."""
    return select(BookingHistory).where(BookingHistory.booking_id == booking_id)


def with_status(statuses: Iterable[BookingStatus]) -> ColumnElement[bool]:
    """Select by status as readers see it: a pending booking past its time is expired."""
    overdue = and_(Booking.status == BookingStatus.PENDING, Booking.expires_at <= utcnow())
    conditions: list[ColumnElement[bool]] = []
    for status in statuses:
        if status is BookingStatus.EXPIRED:
            conditions.append(or_(Booking.status == status, overdue))
        elif status is BookingStatus.PENDING:
            conditions.append(and_(Booking.status == status, Booking.expires_at > utcnow()))
        else:
            conditions.append(Booking.status == status)
    return or_(false(), *conditions)


def not_lapsed(now: Value[datetime]) -> ColumnElement[bool]:
    """Leave out what is pending past its time."""
    return or_(Booking.expires_at.is_(None), Booking.expires_at > now)


def not_over_at(since: datetime) -> ColumnElement[bool]:
    """Select what ends after `since`: one short range of the index on the start, however long the past.

    It begins where the longest service booking that still reaches over `since` can start, or the earliest space
    booking that does.
    """
    horizon = max(since, EARLIEST) - LONGEST_SERVICE_BOOKING
    first = select(func.min(reaching.starts_at)).where(
        reaching.kind == BookingKind.SPACE,
        reaching.starts_at.between(max(since, EARLIEST) - LONGEST_BOOKING, horizon),
        reaching.ends_at > since,
    )
    begin = func.coalesce(first.scalar_subquery(), literal(horizon, Booking.starts_at.type))
    return and_(Booking.starts_at >= begin, Booking.ends_at > since)


def of_service(service_id: int) -> ColumnElement[bool]:
    """Select the bookings in which a service is performed."""
    return Booking.id.in_(select(BookingItem.booking_id).where(BookingItem.service_id == service_id))


def with_staff(staff_id: int) -> ColumnElement[bool]:
    """Select the bookings in which a staff member has work.

    `OFFSET 0` makes PostgreSQL begin with these: it cannot know who is new and has hardly any, and would walk through
    everybody's in the hope of meeting some soon.
    """
    return Booking.id.in_(select(BookingItem.booking_id).where(BookingItem.staff_id == staff_id).offset(0))


def items_of_staff(staff_ids: Collection[int], starts_at: datetime, ends_at: datetime) -> Select[*tuple[Any, ...]]:
    """Select what staff do in the interval, as `VisitOut` shows it, but for what was given up or never came about.

    Rows and no entities: a schedule has tens of thousands of them.
    """
    item = (BookingItem.service_id, BookingItem.service_name, BookingItem.staff_id, BookingItem.staff_name)
    interval = (BookingItem.starts_at, BookingItem.ends_at)
    price = (BookingItem.price_amount, BookingItem.currency)
    booking = (BookingItem.booking_id, Booking.reference, Booking.status, Booking.client_id)
    return (
        select(*item, *interval, *price, *booking)
        .join(BookingItem.booking)
        .where(
            BookingItem.staff_id.in_(staff_ids),
            BookingItem.starts_at > max(starts_at, EARLIEST) - LONGEST_WORK,
            BookingItem.starts_at < ends_at,
            BookingItem.ends_at > starts_at,
            Booking.status.in_(SHOWN),
            not_lapsed(utcnow()),
        )
        .order_by(BookingItem.starts_at, BookingItem.id)
    )


def performers(service_id: Value[int], staff_id: Value[int] | None) -> Select[int]:
    """Select the ids of those assigned to a service, or of the one of them that is named."""
    found = select(Assignment.staff_id).where(Assignment.service_id == service_id)
    return found if staff_id is None else found.where(Assignment.staff_id == staff_id)


def performed_by(staff_id: int) -> Select[int]:
    """Select the ids of the services that a staff member is assigned to, retired ones too."""
    return select(Assignment.service_id).where(Assignment.staff_id == staff_id)


def count_ahead_of_client(client_id: Value[int], now: Value[datetime]) -> Select[int]:
    """Select how many of a client's living bookings have not begun yet."""
    own = select(func.count()).where(Booking.client_id == client_id, Booking.status.in_(LIVING), not_lapsed(now))
    return own.where(Booking.starts_at > now)


def expiries_of(booking_id: int) -> Select[BookingHistory]:
    """Select the changes by which a booking expired, the last one first."""
    return history_of(booking_id).where(BookingHistory.step == Step.EXPIRE).order_by(BookingHistory.id.desc())


def departed(resource_ids: Collection[int]) -> Select[int]:
    """Select the ids of those of some resources that are not active any more."""
    return select(Resource.id).where(Resource.id.in_(resource_ids), ~Resource.active)


def holds_of(client_id: int, now: datetime) -> Select[Hold]:
    """Select a client's living holds, the first to lapse first; not those that were offered to it."""
    is_offer = select(WaitlistOffer.id).where(WaitlistOffer.hold_id == Hold.id).exists()
    living = select(Hold).where(Hold.client_id == client_id, Hold.expires_at > now, ~is_offer)
    return living.order_by(Hold.expires_at, Hold.id)


def held_by(hold_id: int) -> Select[int]:
    """Select the ids of the resources that a hold has time of."""
    return select(Allocation.resource_id).where(Allocation.hold_id == hold_id)


def spaces_held_by(hold_id: int) -> Select[int]:
    """Select the ids of the spaces that a hold has time of."""
    return held_by(hold_id).join(SPACES, SPACES.c.id == Allocation.resource_id)


def ahead_of_staff(staff_id: int, now: datetime) -> Select[Booking]:
    """Select the living bookings in which a staff member has work not yet ended."""
    working = select(BookingItem.booking_id).where(BookingItem.staff_id == staff_id, BookingItem.ends_at > now)
    return _living(now).where(Booking.id.in_(working))


def ahead_of_space(space_id: int, now: datetime) -> Select[Booking]:
    """Select the living bookings of a space that have not ended."""
    return _living(now).where(Booking.space_id == space_id, Booking.ends_at > now)


def _living(now: datetime) -> Select[Booking]:
    living = whole().where(Booking.status.in_(LIVING), not_lapsed(now))
    return living.order_by(Booking.starts_at, Booking.id)
