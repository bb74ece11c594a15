"""The demo business's spaces: four owners, twelve spaces with pictures and hours, and what clients booked of them.

Bookings are made and decided by the same verbs as over HTTP, at the times they would have been.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from app.bookings import service as bookings
from app.bookings.request import Request
from app.diary.openings import local_date, wall_seconds
from app.extensions import business, db
from app.images.service import add_image
from app.images.subjects import Kind, Subject
from app.kit import clock
from app.kit.errors import Conflict
from app.kit.intervals import to_instant, to_seconds
from app.models import Booking, BookingStatus, DepositType, OpeningRule, PendingReason, Role, Space, User
from app.security.actor import Actor
from app.security.passwords import hash_password
from app.transactions import transaction
from demo.lets import LETS, OWNERS, Let
from demo.pictures import room
from demo.salon import PASSWORD, make_account
from demo.takings import take_deposit, take_rest

PICTURES = ("The room as you come in.", "Seen from the other side.")
DAYS_PAST, DAYS_AHEAD = 21, 10
BOOKED_AHEAD = timedelta(days=1)
NOON = 12 * 60


def add_houses() -> bool:
    """Write those of the owners and spaces that are not there, and bookings of these; say whether any was written."""
    missing = [let for let in LETS if let.name not in set(db.session.scalars(select(Space.name)))]
    db.session.commit()
    if not missing:
        return False
    password_hash = hash_password(PASSWORD)
    with transaction():
        owners = {email: _owner(email, password_hash).id for email in OWNERS}
        added = {_space(let, owners[let.owner]).id: let for let in missing}
    for space_id, let in added.items():
        _add_pictures(space_id, let)
        _add_bookings(space_id, let, Actor(owners[let.owner], Role.OWNER))
    return True


def _owner(email: str, password_hash: str) -> User:
    """Return an owner's account, which may be there already."""
    found = db.session.scalar(select(User).where(User.email_key == email))
    if found is None:
        found = make_account(email, OWNERS[email], Role.OWNER, password_hash)
        db.session.add(found)
        db.session.flush()
    return found


def _space(let: Let, owner_id: int) -> Space:
    space = Space(
        owner_id=owner_id,
        name=let.name,
        description=let.description,
        address=let.address,
        city=let.city,
        country="KE",
        latitude=let.place[0],
        longitude=let.place[1],
        timezone=business.timezone,
        capacity=let.capacity,
        amenities=list(let.amenities),
        price_per_hour_amount=let.price,
        currency=business.currency,
        min_minutes=let.least_minutes,
        max_minutes=720,
        instant_booking=not let.approval,
        deposit_type=DepositType.PERCENT if let.deposit_percent else DepositType.NONE,
        deposit_value=let.deposit_percent,
    )
    db.session.add(space)
    db.session.flush()
    for days, (opens, closes) in let.hours.items():
        for weekday in days:
            rule = OpeningRule(resource_id=space.id, weekday=weekday, opens=opens * 60, closes=closes * 60)
            db.session.add(rule)
    return space


def _add_pictures(space_id: int, let: Let) -> None:
    for n, alt in enumerate(PICTURES):
        add_image(Subject(Kind.RESOURCE, space_id), room(let.colour, seed=10 * LETS.index(let) + n), alt)


def _add_bookings(space_id: int, let: Let, owner: Actor) -> None:
    """Make a booking every few days, for as long as it takes at least; what is over is completed."""
    clients = list(db.session.scalars(select(User.id).where(User.role == Role.CLIENT).order_by(User.id)))
    db.session.commit()
    now, length = clock.utcnow(), timedelta(minutes=max(let.least_minutes, 120))
    for number, starts_at in enumerate(_noons(now, every=3 + LETS.index(let) % 3)):
        wanted = Request(starts_at=starts_at, space_id=space_id, ends_at=starts_at + length)
        client = Actor(clients[(number * 5 + space_id) % len(clients)], Role.CLIENT)
        booking = _book(client, wanted, min(now, starts_at - BOOKED_AHEAD))
        if booking and booking.ends_at < now:
            _carry_out(owner, booking)


def _noons(now: datetime, every: int) -> Iterator[datetime]:
    today = local_date(to_seconds(now), business.timezone)
    for day in range(-DAYS_PAST, DAYS_AHEAD, every):
        yield to_instant(wall_seconds(today + timedelta(days=day), NOON, business.timezone))


def _book(client: Actor, wanted: Request, at: datetime) -> Booking | None:
    """Book what can be had: on some days a space is closed, and some clients have enough ahead."""
    try:
        with clock.frozen(at), transaction():
            return bookings.create_booking(actor=client, request=wanted)
    except Conflict:
        return None


def _carry_out(owner: Actor, booking: Booking) -> None:
    """Let the owner decide in time, and complete what was agreed; a deposit that nobody paid has lapsed."""
    if booking.pending_reason is PendingReason.APPROVAL:
        with clock.frozen(booking.created_at + timedelta(hours=1)), transaction():
            bookings.approve(owner, booking.id)
    take_deposit(booking)
    if booking.status is BookingStatus.CONFIRMED:
        with clock.frozen(booking.ends_at), transaction():
            bookings.complete(owner, booking.id)
        take_rest(booking)
