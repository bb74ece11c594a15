"""Things for tests to work on, written straight into the database; every field has a default."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar

import jwt

from app.bookings.service.read import load_booking
from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import (
    CASH,
    AliasKind,
    Assignment,
    Booking,
    BookingItem,
    BookingKind,
    BookingStatus,
    Category,
    Image,
    MediaType,
    OpeningRule,
    Order,
    Payment,
    PaymentMethod,
    PaymentState,
    Product,
    ProductKind,
    Purpose,
    Refund,
    RefundOrigin,
    Resource,
    Review,
    ReviewSubject,
    Role,
    Service,
    Space,
    Staff,
    StoredCard,
    Testimonial,
    TestimonialStatus,
    User,
    VoiceAlias,
    VoiceSession,
    Webhook,
    WebhookDelivery,
)
from app.products import stock
from app.products.skus import sku_key
from app.reviews.counters import Subjects
from app.security.sessions import Tokens, begin_session
from app.transactions import transaction

Row = TypeVar("Row")

_number = count(100_001)  # none looks like a year: "Staff 2026" would be one that people name by it

PASSWORD = "correct horse battery"  # everybody's in tests
PASSWORD_HASH = "$2b$04$w1VmwRC5F.5sF5ExXX.ORekZ4pjqjJgY.fWrX0bLYSLBuxCUua.5G"


def make_user(role: Role = Role.CLIENT, **fields: Any) -> User:
    """Write an account; its email is `user<n>@example.test`."""
    n = next(_number)
    email = fields.pop("email", f"user{n}@example.test")
    defaults: dict[str, Any] = {"first_name": "Ada", "last_name": f"Number {n}", "password_hash": None}
    return _written(User(role=role, email=email, email_key=email, **(defaults | fields)))


def token_for(user: User) -> str:
    """Return an access token of the user, who signs in for it."""
    return sign_in(user).access_token


def sign_in(user: User) -> Tokens:
    """Begin a session of the user and return its tokens."""
    with transaction():
        return begin_session(db.session.get_one(User, user.id, populate_existing=True))


def claims_of(token: str) -> dict[str, Any]:
    """Return what a token says."""
    claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return claims


def make_category(name: str = "Hair", **fields: Any) -> Category:
    """Write a category, or return the one of that name."""
    found = db.session.query(Category).filter_by(name=name).one_or_none()
    return found or _written(Category(name=name, **fields))


def make_service(**fields: Any) -> Service:
    """Write a service of 60 minutes at 45.00 without buffers."""
    category = fields.pop("category", None) or make_category()
    defaults: dict[str, Any] = {
        "name": f"Service {next(_number)}",
        "duration_minutes": 60,
        "price_amount": 4500,
        "currency": business.currency,
    }
    return _written(Service(category_id=category.id, **(defaults | fields)))


def make_staff(**fields: Any) -> Staff:
    """Write a staff member without hours, in UTC."""
    return _written(Staff(**({"name": f"Staff {next(_number)}", "timezone": "UTC"} | fields)))


def make_space(owner: User | None = None, **fields: Any) -> Space:
    """Write a space for ten people at 1,000.00 an hour, in UTC."""
    owner = owner or make_user(Role.OWNER)
    defaults: dict[str, Any] = {
        "name": f"Space {next(_number)}",
        "timezone": "UTC",
        "address": "1 High Street",
        "city": "Nairobi",
        "country": "KE",
        "capacity": 10,
        "price_per_hour_amount": 100_000,
        "currency": business.currency,
    }
    return _written(Space(owner_id=owner.id, **(defaults | fields)))


def make_product(on_hand: int = 0, **fields: Any) -> Product:
    """Write a product at 12.00 with so many units in stock, through the ledger.

    Of a package or a gift card no stock is kept; either has what its kind must have.
    """
    n = next(_number)
    kind = fields.get("kind", ProductKind.RETAIL)
    defaults: dict[str, Any] = {"sku": f"SKU-{n}", "name": f"Product {n}", "price_amount": 1200}
    if kind is ProductKind.PACKAGE:
        defaults |= {"package_visits": 5, "valid_days": 365}
        fields["package_service_id"] = fields.get("package_service_id") or make_service().id
    if kind is ProductKind.GIFT_CARD:
        defaults["card_amount"] = 1200
    values = defaults | {"currency": business.currency, "tracked": kind is ProductKind.RETAIL} | fields
    product = _written(Product(sku_key=sku_key(values["sku"]), **values))
    with transaction():
        stock.adjust(product.id, on_hand, stock.Because(reason="receipt"))
        db.session.refresh(product)
    return product


def make_payment(thing: Booking | Order, **fields: Any) -> Payment:
    """Write a payment in cash, which has come, of all that a booking or order costs; in no book, and not counted."""
    column = "booking_id" if isinstance(thing, Booking) else "order_id"
    amount = fields.get("amount", thing.total_amount)
    came: dict[str, Any] = {"status": PaymentState.SUCCEEDED, "captured_amount": amount, "settled_at": utcnow()}
    defaults: dict[str, Any] = {
        column: thing.id,
        "reference": f"PY-T{next(_number):05}",
        "client_id": thing.client_id,
        "purpose": Purpose.FULL,
        "method": PaymentMethod.CASH,
        "provider": CASH,
        "currency": thing.currency,
        "amount": amount,
    }
    if fields.get("provider", CASH) == CASH:
        defaults["recorded_by"] = fields.pop("recorded_by", None) or thing.client_id
    if fields.get("status") in {None, PaymentState.SUCCEEDED}:
        defaults |= came
    return _written(Payment(**(defaults | fields)))


def make_refund(payment: Payment, **fields: Any) -> Refund:
    """Write a refund that waits for somebody to pay it out; the payment must have it in its `refunding_amount`."""
    defaults: dict[str, Any] = {
        "reference": f"RF-T{next(_number):05}",
        "origin": RefundOrigin.REQUEST,
        "currency": payment.currency,
        "amount": payment.refunding_amount,
        "failure_code": "pay_out_by_hand",
        "failure_message": "By hand.",
    }
    return _written(Refund(payment_id=payment.id, **(defaults | fields)))


def make_card(user: User, **fields: Any) -> StoredCard:
    """Write a stored card."""
    defaults = {"provider": "stripe", "token": f"pm_{next(_number)}", "brand": "visa", "last4": "4242"}
    return _written(StoredCard(user_id=user.id, **(defaults | {"exp_month": 12, "exp_year": 2031} | fields)))


def make_alias(**fields: Any) -> VoiceAlias:
    """Write another name of the service that `service_id` names, or of what `kind` and `resource_id` do."""
    text = f"alias {next(_number)}"
    return _written(VoiceAlias(**({"kind": AliasKind.SERVICE, "text": text, "text_key": text} | fields)))


def make_session(user: User | None = None, **fields: Any) -> VoiceSession:
    """Write a conversation in which nothing was said yet."""
    now = utcnow()
    defaults: dict[str, Any] = {"key": f"key{next(_number)}", "state": {}, "created_at": now}
    defaults |= {"user_id": user and user.id, "expires_at": now + timedelta(minutes=30)}
    return _written(VoiceSession(**(defaults | fields)))


def make_image(**fields: Any) -> Image:
    """Write a cover, without a file, of the thing that `service_id`, `resource_id` or `user_id` names."""
    n = next(_number)
    defaults = {"number": 1, "is_cover": True, "key": f"folder/{n:026}.jpg", "media_type": MediaType.JPEG}
    return _written(Image(**(defaults | {"width": 800, "height": 600} | fields)))


def assign(staff: Staff, service: Service, **fields: Any) -> Assignment:
    """Let a staff member perform a service."""
    return _written(Assignment(staff_id=staff.id, service_id=service.id, **({"currency": business.currency} | fields)))


def set_hours(
    resource: Resource, opens: str = "09:00", closes: str = "17:00", weekdays: Iterable[int] = range(7)
) -> None:
    """Open a resource on `weekdays` (0 is Monday)."""
    with transaction():
        for weekday in weekdays:
            rule = OpeningRule(resource_id=resource.id, weekday=weekday, opens=_minutes(opens), closes=_minutes(closes))
            db.session.add(rule)


def make_working_staff(*services: Service, **fields: Any) -> Staff:
    """Write a staff member who performs `services`, open 09:00 to 17:00 every day."""
    staff = make_staff(**fields)
    set_hours(staff)
    for service in services:
        assign(staff, service)
    return staff


def make_booking(client: User, service: Service, staff: Staff, starts_at: datetime, **fields: Any) -> Booking:
    """Write a confirmed booking without allocations: for lists and permissions, not for conflicts."""
    ends_at = starts_at + timedelta(minutes=service.duration_minutes)
    item = BookingItem(
        position=0,
        service_id=service.id,
        service_name=service.name,
        staff_id=staff.id,
        staff_name=staff.name,
        starts_at=starts_at,
        ends_at=ends_at,
        price_amount=service.price_amount,
        currency=service.currency,
    )
    defaults: dict[str, Any] = {
        "reference": f"BK-T{next(_number):05}",
        "kind": BookingKind.SERVICE,
        "status": BookingStatus.CONFIRMED,
        "timezone": staff.timezone,
        "currency": service.currency,
        "total_amount": service.price_amount,
        "cancel_free_until": starts_at - timedelta(days=1),
        "space": None,
    }
    return _written(
        Booking(client_id=client.id, starts_at=starts_at, ends_at=ends_at, items=[item], **(defaults | fields))
    )


def make_space_booking(client: User, space: Space, starts_at: datetime, **fields: Any) -> Booking:
    """Write a confirmed booking of a space for an hour, without allocations."""
    defaults: dict[str, Any] = {
        "reference": f"BK-T{next(_number):05}",
        "kind": BookingKind.SPACE,
        "status": BookingStatus.CONFIRMED,
        "timezone": space.timezone,
        "currency": space.currency,
        "total_amount": space.price_per_hour_amount,
        "cancel_free_until": starts_at - timedelta(days=1),
        "space_id": space.id,
    }
    ends_at = starts_at + timedelta(hours=1)
    return _written(Booking(client_id=client.id, starts_at=starts_at, ends_at=ends_at, **(defaults | fields)))


def make_visit(client: User, *services: Service, staff: Staff, **fields: Any) -> Booking:
    """Write a completed booking of an hour ago, of these services in turn by one staff member."""
    first, *others = services
    begun = utcnow().replace(microsecond=0) - timedelta(hours=len(services))
    booking = make_booking(client, first, staff, begun, **({"status": BookingStatus.COMPLETED} | fields))
    for position, service in enumerate(others, start=1):
        starts_at = begun + timedelta(hours=position)
        item = {column.key: getattr(booking.items[0], column.key) for column in BookingItem.__table__.columns}
        more = {"position": position, "service_id": service.id, "service_name": service.name, "starts_at": starts_at}
        _written(BookingItem(**(item | more | {"id": None, "ends_at": starts_at + timedelta(hours=1)})))
    return booking


def make_letting(client: User, space: Space, **fields: Any) -> Booking:
    """Write a completed booking of a space, which began an hour ago."""
    begun = utcnow().replace(microsecond=0) - timedelta(hours=1)
    return make_space_booking(client, space, begun, **({"status": BookingStatus.COMPLETED} | fields))


def make_review(booking: Booking, rating: int = 5, **fields: Any) -> Review:
    """Write a client's review of its booking, counted where it counts."""
    whole = load_booking(booking.id)
    assert whole is not None
    subjects = Subjects.of_booking(whole)
    review = _written(Review(booking_id=booking.id, author_id=booking.client_id, rating=rating, **fields))
    copied = {"review_id": review.id, "rating": rating, "created_at": review.created_at}
    with transaction():
        db.session.add_all(ReviewSubject(service_id=one, **copied) for one in subjects.service_ids)
        db.session.add_all(ReviewSubject(resource_id=one, **copied) for one in subjects.resource_ids)
        subjects.recount(None, review.counted)
    return review


def make_testimonial(user: User, **fields: Any) -> Testimonial:
    """Write a published testimonial, the author's first."""
    defaults = {"number": 1, "content": "Lovely people.", "rating": 5, "status": TestimonialStatus.PUBLISHED}
    return _written(Testimonial(user_id=user.id, **(defaults | fields)))


def make_webhook(**fields: Any) -> Webhook:
    """Write an active webhook, number one, for all events; its secret is none."""
    defaults = {"number": 1, "url": "https://hooks.example.com/", "events": ["*"], "secret": "sealed"}
    return _written(Webhook(**(defaults | fields)))


def make_delivery(webhook: Webhook, **fields: Any) -> WebhookDelivery:
    """Write a delivery that is due."""
    n, now = next(_number), utcnow()
    named: dict[str, Any] = {"key": f"msg_{n}", "event": "booking.confirmed", "event_key": str(n), "about": {}}
    due = {"happened_at": now, "next_attempt_at": now, "give_up_at": now + timedelta(days=3)}
    return _written(WebhookDelivery(webhook_id=webhook.id, **(named | due | fields)))


def _written(row: Row) -> Row:
    with transaction():
        db.session.add(row)
    return row


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
