"""The demo salon: three categories, ten services, six staff, twenty clients, bookings before and after today.

Bookings are made by the same verb as over HTTP, at the time they would have been made.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select

from app.bookings import service as bookings
from app.bookings.request import Asked, Request
from app.bookings.wishes import NOTHING, read_visit
from app.diary.openings import local_date, wall_seconds
from app.extensions import business, db
from app.kit import clock
from app.kit.intervals import to_seconds
from app.models import (
    Assignment,
    Booking,
    BookingStatus,
    Category,
    DepositType,
    MutedNotice,
    NoticeChannel,
    OpeningRule,
    Role,
    Service,
    Staff,
    User,
)
from app.models.diary import DAY_MINUTES
from app.notifications.bookings import REMINDERS
from app.security.actor import Actor
from app.security.passwords import hash_password
from app.transactions import transaction
from demo.people import CLIENTS, STAFF
from demo.services import SERVICES
from demo.takings import take_deposit, take_rest

PASSWORD = "parlour-demo-2026"  # noqa: S105  # printed for everybody to use
DEMO_LOGINS = {
    "admin": "admin@parlour.example",
    "staff": "amina@parlour.example",
    "owner": "owner@parlour.example",
    "client": "client1@parlour.example",
}
DAYS_PAST, DAYS_AHEAD = 21, 14
BOOKINGS_A_DAY = 4
BOOKED_AHEAD = timedelta(days=3)
"""How long before its start a demo booking is made."""


def add_salon() -> bool:
    """Write the demo salon unless it is there; say whether it was written."""
    if db.session.scalar(select(User.id).where(User.email_key == DEMO_LOGINS["admin"])):
        return False
    db.session.commit()
    password_hash = hash_password(PASSWORD)
    with transaction():
        admin = _add_people(password_hash)
        _add_staff(_add_services(), password_hash)
    _add_bookings(admin)
    return True


def _add_people(password_hash: str) -> User:
    admin = make_account(DEMO_LOGINS["admin"], "Wanjiru Kamau", Role.ADMIN, password_hash)
    db.session.add(admin)
    clients = [
        make_account(f"client{number}@parlour.example", name, Role.CLIENT, password_hash)
        for number, name in enumerate(CLIENTS, start=1)
    ]
    db.session.add_all(clients)
    db.session.flush()
    _leave_in_peace([client for client in clients if client.email != DEMO_LOGINS["client"]])
    return admin


def _leave_in_peace(clients: list[User]) -> None:
    """Switch off reminders: whoever tries the demo is reminded as its client, and not as all of them."""
    for client in clients:
        for kind in REMINDERS:
            db.session.add(MutedNotice(user_id=client.id, kind=kind, channel=NoticeChannel.EMAIL))


def make_account(email: str, name: str, role: Role, password_hash: str) -> User:
    """Return an account to be written, its address proved."""
    first_name, last_name = name.rsplit(" ", 1)
    return User(
        email=email,
        email_key=email,
        first_name=first_name,
        last_name=last_name,
        role=role,
        password_hash=password_hash,
        email_verified=True,
    )


def _add_services() -> list[Service]:
    categories: dict[str, Category] = {}
    services = []
    for offer in SERVICES:
        category = categories.setdefault(offer.category, Category(name=offer.category, position=len(categories)))
        service = Service(
            category=category,
            name=offer.name,
            description=offer.description,
            duration_minutes=offer.minutes,
            buffer_after_minutes=offer.buffer,
            price_amount=offer.price,
            currency=business.currency,
            requires_approval=offer.approval,
            deposit_type=DepositType.PERCENT if offer.deposit_percent else DepositType.NONE,
            deposit_value=offer.deposit_percent,
        )
        db.session.add(service)
        services.append(service)
    db.session.flush()
    return services


def _add_staff(services: list[Service], password_hash: str) -> None:
    for member in STAFF:
        first_name = member.name.split()[0].lower()
        account = make_account(f"{first_name}@parlour.example", member.name, Role.STAFF, password_hash)
        db.session.add(account)
        db.session.flush()
        staff = Staff(name=member.name, bio=member.bio, user_id=account.id, timezone=business.timezone)
        db.session.add(staff)
        db.session.flush()
        for weekday, opens, closes in member.hours:
            db.session.add(OpeningRule(resource_id=staff.id, weekday=weekday, opens=opens * 60, closes=closes * 60))
        for service in services:
            if service.category.name in member.categories:
                db.session.add(Assignment(staff_id=staff.id, service_id=service.id, currency=business.currency))


def _add_bookings(admin: User) -> None:
    """Make some bookings a day, those of the past completed, the odd one cancelled or missed."""
    actor = Actor(id=admin.id, role=Role.ADMIN)
    clients = list(db.session.scalars(select(User.id).where(User.role == Role.CLIENT).order_by(User.id)))
    service_ids = list(db.session.scalars(select(Service.id).order_by(Service.id)))
    db.session.commit()
    now = clock.utcnow()
    for number, wanted_at in enumerate(_wanted_times(now)):
        with clock.frozen(wanted_at - BOOKED_AHEAD):
            start = start_near(service_ids[number * 7 % len(service_ids)], wanted_at)
            booking = start and book(
                actor, start, service_ids[number * 7 % len(service_ids)], clients[number % len(clients)]
            )
        if booking:
            take_deposit(booking)
        if booking and booking.ends_at < now:
            conclude(actor, booking, number)
            take_rest(booking)


def _wanted_times(now: datetime) -> Iterator[datetime]:
    for day in range(-DAYS_PAST, DAYS_AHEAD + 1):
        for nth in range(BOOKINGS_A_DAY):
            yield now.replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=day, hours=2 * nth)


def start_near(service_id: int, wanted_at: datetime) -> datetime | None:
    """Return the first start that can be had on the day of `wanted_at`, from then on."""
    day = local_date(to_seconds(wanted_at), business.timezone)
    end = wall_seconds(day, DAY_MINUTES, business.timezone)
    slots = read_visit([Asked(service_id)]).slots((to_seconds(wanted_at), end), clock.utcnow(), NOTHING)
    db.session.commit()
    return slots[0].starts_at if slots else None


def book(actor: Actor, starts_at: datetime, service_id: int, client_id: int) -> Booking:
    """Book a service for a client, with anybody."""
    with transaction():
        request = Request(starts_at=starts_at, parts=(Asked(service_id),), client_id=client_id)
        return bookings.create_booking(actor=actor, request=request)


def conclude(actor: Actor, booking: Booking, number: int = 1) -> None:
    """Say of a visit how it ended: of most that they took place."""
    if booking.status is not BookingStatus.CONFIRMED:
        return
    with clock.frozen(booking.ends_at), transaction():
        if number % 11 == 0:
            bookings.mark_no_show(actor, booking.id)
        elif number % 7 == 0:
            bookings.cancel(actor, booking.id, reason="Asked for by phone.")
        else:
            bookings.complete(actor, booking.id)
