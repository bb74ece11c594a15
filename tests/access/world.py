"""One of everything, and somebody of every kind to ask for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.bookings.manage.tokens import BOOKING_LINKS
from app.bookings.service.read import load_booking, load_booking_with_client
from app.extensions import db
from app.invoices.service import issue_for_booking
from app.models import (
    Booking,
    BookingStatus,
    CuratedLink,
    Hold,
    OutboxEvent,
    PendingReason,
    ProductCategory,
    ReviewStatus,
    Role,
    Space,
    Staff,
    User,
    WaitlistOffer,
)
from app.orders.basket import Item
from app.orders.manage.tokens import ORDER_LINKS
from app.orders.service import Wanted, load_order, place_order
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.factories import (
    assign,
    claims_of,
    make_alias,
    make_booking,
    make_card,
    make_category,
    make_delivery,
    make_image,
    make_letting,
    make_payment,
    make_product,
    make_refund,
    make_review,
    make_service,
    make_space,
    make_space_booking,
    make_staff,
    make_testimonial,
    make_user,
    make_visit,
    make_webhook,
    make_working_staff,
    set_hours,
    token_for,
)
from tests.prepaid.bought import make_gift_card, make_package

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TEN = NOW + timedelta(hours=4)
JUST_NOW = NOW - timedelta(minutes=5)
WAITING = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL, "expires_at": TEN}

SOLD = "SOLD-1"
"""The SKU of what can be bought."""

COUNTED = "COUNTED-1"
"""The SKU of what nobody has ordered."""

PEOPLE = {
    "client": Role.CLIENT,
    "stranger": Role.CLIENT,
    "staff": Role.STAFF,
    "colleague": Role.STAFF,
    "owner": Role.OWNER,
    "rival": Role.OWNER,
    "admin": Role.ADMIN,
}
"""`client`, `staff` and `owner` are those of the things asked about; `stranger`, `colleague` and `rival` are others."""

ACTORS = ("anonymous", *PEOPLE)


@dataclass(frozen=True)
class World:
    """The ids of the things by name (of a link, its token); the access token and the email of each of `PEOPLE`."""

    ids: dict[str, Any]
    tokens: dict[str, str]
    emails: dict[str, str]

    def body(self, written: Any) -> Any:
        """Return a body with the ids that its placeholders name."""
        if isinstance(written, dict):
            return {key: self.body(value) for key, value in written.items()}
        return self.ids[written[1:-1]] if isinstance(written, str) and written[:1] == "{" else written


def make_world(api: Api) -> World:
    """Write everything; the clock must stand at `NOW`."""
    users = {name: make_user(role) for name, role in PEOPLE.items()}
    tokens = {name: token_for(user) for name, user in users.items()}
    staff = make_working_staff(user_id=users["staff"].id)
    make_working_staff(user_id=users["colleague"].id)
    ids: dict[str, Any] = {f"{name}_user": user.id for name, user in users.items()}
    space = make_space(users["owner"])
    set_hours(space)
    ids |= things(users, staff) | bookings(users, staff, space)
    ids |= {"space": space.id, "quiet_space": make_space(users["owner"]).id}
    ids |= opinions(users, staff, space)
    ids["invoice"] = bill(ids["had"])
    ids |= purchases(users)
    ids |= goods()
    ids |= money(users, ids)
    ids["gift_card"] = make_gift_card(users["client"]).id
    ids["package"] = make_package(users["client"], make_service()).id
    webhook = make_webhook()
    ids |= {"webhook": webhook.id, "delivery": make_delivery(webhook).id}
    ids |= {"link": link_to(ids["pending"]), "order_link": link_to_order(ids["order"])}
    ids["alias"] = make_alias(service_id=ids["service"]).id
    ids["image"] = make_image(service_id=ids["service"]).id
    ids |= {"portrait": make_image(resource_id=staff.id).id, "view": make_image(resource_id=space.id).id}
    ids["space_closure"] = closed(api, space, tokens["admin"])
    ids["closure"] = absence(api, staff, tokens["admin"])
    ids |= repeated(api, ids["service"], space.id, tokens["client"])
    ids["hold"] = held(api, ids["service"], tokens["client"])
    ids["entry"] = waiting(api, ids["service"], staff, tokens["client"])
    ids["dead_job"] = given_up()
    return World(ids, tokens, {name: user.email or "" for name, user in users.items()})


def things(users: dict[str, User], staff: Staff) -> dict[str, int]:
    """Write what can be asked for besides bookings, and return the ids."""
    service = make_service()
    return {
        "session": claims_of(token_for(users["client"]))["sid"],
        "service": service.id,
        "unassigned": make_service().id,
        "staff": staff.id,
        "idle": make_staff().id,
        "empty": make_category("Empty").id,
        "assignment": assign(staff, service).id,
    }


def bookings(users: dict[str, User], staff: Staff, space: Space) -> dict[str, int]:
    """Write the client's bookings: one of each kind that waits for an answer, and one that has begun."""
    client, service = users["client"], make_service()
    return {
        "pending": make_booking(client, service, staff, TEN, **WAITING).id,
        "begun": make_booking(client, service, staff, JUST_NOW).id,
        "due": make_booking(client, service, staff, TEN, deposit_amount=500).id,
        "let": make_space_booking(client, space, TEN, **WAITING).id,
        "let_begun": make_space_booking(client, space, JUST_NOW).id,
    }


def bill(booking_id: int) -> int:
    """Issue the invoice of a booking, and return its id."""
    booking = load_booking(booking_id)
    assert booking is not None
    with transaction():
        return issue_for_booking(booking).id


def opinions(users: dict[str, User], staff: Staff, space: Space) -> dict[str, int]:
    """Let the client have visited, and said what it thinks: of all but one visit, and of the house."""
    client, service = users["client"], make_service()
    return {
        "had": make_visit(client, service, staff=staff).id,
        "review": make_review(make_visit(client, service, staff=staff)).id,
        "hidden_review": make_review(make_visit(client, service, staff=staff), status=ReviewStatus.HIDDEN).id,
        "let_review": make_review(make_letting(client, space)).id,
        "testimonial": make_testimonial(client).id,
    }


def money(users: dict[str, User], had: dict[str, int]) -> dict[str, int]:
    """Let the client have paid for a visit and for a space, of which some is on its way back; return the ids."""
    visit, let = (db.session.get_one(Booking, had[name]) for name in ("begun", "let_begun"))
    paid, paid_let = make_payment(visit), make_payment(let, refunding_amount=10)
    return {
        "paid": paid.id,
        "paid_let": paid_let.id,
        "refund": make_refund(paid_let).id,
        "card": make_card(users["client"]).id,
    }


def goods() -> dict[str, int]:
    """Write a product with a picture, what goes with it, and two headings, one of them with nothing below it."""
    used, free = ProductCategory(name="Care"), ProductCategory(name="Tools")
    with transaction():
        db.session.add_all([used, free])
    product = make_product(9, sku=COUNTED, category_id=used.id)
    picture = make_image(product_id=product.id)
    curated = CuratedLink(from_product_id=product.id, to_service_id=make_service().id)
    with transaction():
        db.session.add(curated)
    return {"product": product.id, "packshot": picture.id, "heading": free.id, "curated": curated.id}


def purchases(users: dict[str, User]) -> dict[str, int]:
    """Let the client have ordered something, of which more is there; return the order's id."""
    product, client = make_product(50, sku=SOLD), users["client"]
    with transaction():
        order = place_order(actor=Actor(client.id, client.role), wanted=Wanted([Item(product.id, 2)]))
    return {"order": order.id}


def given_up() -> int:
    """Write a task that is dead, and return its id."""
    with transaction():
        job = OutboxEvent(topic="test.given_up", payload={}, dead_at=datetime.now(UTC))
        db.session.add(job)
    return job.id


def link_to(booking_id: int) -> str:
    """Return the token by which its client looks after a booking."""
    booking = load_booking_with_client(booking_id)
    db.session.commit()
    assert booking is not None
    return BOOKING_LINKS.token_of(booking, booking.client)


def link_to_order(order_id: int) -> str:
    """Return the token by which its client looks after an order."""
    order = load_order(order_id)
    db.session.commit()
    assert order is not None
    assert order.client is not None
    return ORDER_LINKS.token_of(order, order.client)


def absence(api: Api, staff: Staff, token: str) -> int:
    """Take time off for the staff member, and return its id."""
    hour = {"starts_at": "2030-03-01T09:00:00Z", "ends_at": "2030-03-01T10:00:00Z"}
    made: int = api.post(f"/api/staff/{staff.id}/time-off", hour, token=token).json["id"]
    return made


def closed(api: Api, space: Space, token: str) -> int:
    """Close the space for an hour, and return the closure's id."""
    hour = {"starts_at": "2030-03-01T09:00:00Z", "ends_at": "2030-03-01T10:00:00Z"}
    made: int = api.post(f"/api/spaces/{space.id}/closures", hour, token=token).json["id"]
    return made


def held(api: Api, service_id: int, token: str) -> int:
    """Hold the client some time, and return the hold's id."""
    asked = {"service_id": service_id, "starts_at": "2030-01-07T16:00:00Z", "for_self": True}
    made: int = api.post("/api/bookings/holds", asked, token=token).json["id"]
    return made


def waiting(api: Api, service_id: int, staff: Staff, token: str) -> int:
    """Let the client wait for the service, with an offer to answer; return the entry's id."""
    asked = {"service_id": service_id, "from": "2030-01-14", "to": "2030-01-20"}
    entry = api.post("/api/bookings/waitlist", asked, token=token).json
    week, soon = timedelta(days=7), NOW + timedelta(minutes=15)
    hold = Hold(client_id=entry["client_id"], expires_at=soon)
    with transaction():
        db.session.add(hold)
        db.session.flush()
        offer = WaitlistOffer(entry_id=entry["id"], hold_id=hold.id, staff_id=staff.id, expires_at=soon)
        offer.starts_at, offer.ends_at = TEN + week, TEN + week + timedelta(hours=1)
        db.session.add(offer)
    made: int = entry["id"]
    return made


def repeated(api: Api, service_id: int, space_id: int, token: str) -> dict[str, int]:
    """Book the client a series of the service and one of the space; return their ids and those of their first ones."""
    when = {"starts_at": "2030-01-09T10:00:00Z", "repeat": {"every_weeks": 1, "count": 2}, "for_self": True}
    asked = {
        "series": when | {"service_id": service_id},
        "let_series": when | {"space_id": space_id, "ends_at": "2030-01-09T11:00:00Z"},
    }
    made = {name: api.post("/api/bookings/series", body, token=token).json for name, body in asked.items()}
    firsts = {f"{name}_first": one["items"][0]["booking"]["id"] for name, one in made.items()}
    return {name: one["id"] for name, one in made.items()} | firsts
