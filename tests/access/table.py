"""Every route of the application with a request that would do, and how each actor is answered."""

from dataclasses import dataclass
from typing import Any

from tests.access.world import ACTORS, COUNTED, SOLD
from tests.images.files import encoded, scene

DAYS = "from=2030-01-07&to=2030-01-08"

Statuses = dict[str, int]
"""The status for each of `ACTORS`."""


@dataclass(frozen=True)
class Row:
    """A route, a request, its answers. `{names}` in path and body stand for ids of the world."""

    method: str
    rule: str
    path: str
    body: Any
    statuses: Statuses
    form: Any = None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def everybody(status: int) -> Statuses:
    """Return the answers to what anybody may do."""
    return dict.fromkeys(ACTORS, status)


def signed_in(status: int) -> Statuses:
    """Return the answers to what anybody may do who says who it is."""
    return everybody(status) | {"anonymous": 401}


def only(status: int, *actors: str, others: int = 403) -> Statuses:
    """Return the answers where some may and all others get one status."""
    return signed_in(others) | dict.fromkeys(actors, status)


def admins(status: int) -> Statuses:
    """Return the answers to what is for admins only."""
    return only(status, "admin")


def workers(status: int) -> Statuses:
    """Return the answers to what is for staff and admins."""
    return only(status, "staff", "colleague", "admin")


def keepers(status: int) -> Statuses:
    """Return the answers about a diary: the staff member's whose it is, and admins'."""
    return only(status, "staff", "admin")


def colleagues(status: int) -> Statuses:
    """Return the answer to all staff."""
    return {"staff": status, "colleague": status}


def members(status: int) -> Statuses:
    """Return the answers about a booking of a service: its client, all staff and admins; others see nothing."""
    return only(status, "client", "staff", "colleague", "admin", others=404)


def deciders(status: int) -> Statuses:
    """Return the answers to a decision about a booking of a service: clients never, owners see nothing of it."""
    return members(status) | {"client": 403, "stranger": 403}


def parties(status: int) -> Statuses:
    """Return the answers about a booking of a space: its client, the space's owner and admins; others see nothing."""
    return only(status, "client", "owner", "admin", others=404)


def keepers_of_space(status: int) -> Statuses:
    """Return the answers about a space's diary and data: its owner's and admins'; everybody sees the space."""
    return only(status, "owner", "admin")


def landlords(status: int) -> Statuses:
    """Return the answers to a decision about a booking of a space: clients never, staff see nothing of it."""
    return parties(status) | {"client": 403, "stranger": 403}


EMAIL = "new@example.test"
SIGNUP = {"email": EMAIL, "password": "correct horse battery", "first_name": "A", "last_name": "B"}
INVITED = {"email": EMAIL, "first_name": "A", "role": "admin"}
RESET = {"token": "nobody's", "password": "a brand new password"}
NEW_PASSWORD = {"current_password": "not this one", "new_password": "a brand new password"}
BOOKING = {"service_id": "{service}", "starts_at": "2030-01-07T12:00:00Z", "for_self": True}
SERIES = BOOKING | {"starts_at": "2030-01-08T12:00:00Z", "repeat": {"every_weeks": 1, "count": 2}}
LATER = {"scope": "all", "booking_id": "{series_first}", "starts_at": "2030-01-09T11:00:00Z"}
ALL = {"scope": "all"}
ABSENCE = {"starts_at": "2030-02-01T09:00:00Z", "ends_at": "2030-02-01T10:00:00Z"}
WEEK = {"hours": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}]}
DAY = {"hours": [{"opens": "09:00", "closes": "17:00"}]}
SERVICE = {"name": "Shave", "category": "Hair", "duration_minutes": 30, "price": {"amount": 1}}
ASSIGNMENT = {"staff_id": "{staff}", "service_id": "{unassigned}"}


SPACE = {
    "name": "Attic",
    "address": "1 High Street",
    "city": "Nairobi",
    "country": "KE",
    "capacity": 4,
    "price_per_hour": {"amount": 1},
}

PICTURE = {"image": encoded(scene(30, 20))}

WISH = {"service_id": "{service}", "from": "2030-01-07", "to": "2030-01-13", "for_self": True}
REVIEW = {"booking_id": "{had}", "rating": 5}
REPLY = {"text": "Thank you."}
WORDS = {"content": "Lovely people.", "rating": 4}
MOVED = {"position": 1}
CHOICE = "/api/users/me/recommendation-preferences"
LINKED = {"from": {"kind": "service", "id": "{service}"}, "to": {"kind": "service", "id": "{unassigned}"}}
WAITERS = only(200, "client", "staff", "colleague", "admin", others=404)
HOLDERS = only(204, "client", "staff", "colleague", "admin", others=404)
NO_PAYERS = colleagues(403) | {"owner": 403}
NOT_CLIENT = {"client": 403}
BASKET = {"items": [{"sku": SOLD, "quantity": 1}]}
SALE = BASKET | {"method": "cash"}
READY = {"fulfilment_status": "ready"}
PRODUCT = {"sku": "NEW-1", "name": "Soap", "price": {"amount": 1}}
DELIVERY = {"delta": 5, "reason": "receipt"}
GOODS_LIST = {"file": b"sku,name,price\nNEW-2,Oil,1\n"}
PREFERENCES = "/api/users/me/notification-preferences"
MANAGE = "/api/bookings/manage"
MANAGE_ORDER = "/api/orders/manage"
SAY = {"text": "Is anything free for a massage tomorrow?"}
CONFIRM = {"confirm_token": "nobody's"}
ALIAS = {"service_id": "{service}", "text": "short back and sides"}
HOOK = {"url": "https://hooks.example.com/", "events": ["*"]}
REPLAY = "/api/webhooks/{webhook}/deliveries/{delivery}/replay"

CASH = {"booking_id": "{due}", "method": "cash"}
CARD = {"booking_id": "{due}", "method": "card"}
GIFT = {"booking_id": "{due}", "method": "gift_card", "code": "2" * 16}
MONEY_BACK = {"payment_id": "{paid}", "amount": {"amount": 10}, "reason": "Asked for."}

TABLE = [
    Row("POST", "/api/auth/register", "/api/auth/register", SIGNUP, everybody(201)),
    Row("POST", "/api/auth/login", "/api/auth/login", {"email": EMAIL, "password": "no"}, everybody(401)),
    Row("POST", "/api/auth/refresh", "/api/auth/refresh", {"refresh_token": "nobody's"}, everybody(401)),
    Row("POST", "/api/auth/logout", "/api/auth/logout", None, signed_in(204)),
    Row("POST", "/api/auth/logout-all", "/api/auth/logout-all", None, signed_in(204)),
    Row("POST", "/api/auth/password/forgot", "/api/auth/password/forgot", {"email": EMAIL}, everybody(202)),
    Row("POST", "/api/auth/password/reset", "/api/auth/password/reset", RESET, everybody(400)),
    Row("POST", "/api/auth/email/verify", "/api/auth/email/verify", {"token": "nobody's"}, everybody(400)),
    Row("POST", "/api/auth/email/resend", "/api/auth/email/resend", None, signed_in(202)),
    Row("PUT", "/api/users/me/password", "/api/users/me/password", NEW_PASSWORD, signed_in(403)),
    Row("GET", "/reset-password", "/reset-password", None, everybody(200)),
    Row("GET", "/verify-email", "/verify-email", None, everybody(200)),
    Row("GET", "/api/auth/sessions", "/api/auth/sessions", None, signed_in(200)),
    Row("DELETE", "/api/auth/sessions/<id>", "/api/auth/sessions/{session}", None, only(204, "client", others=404)),
    Row("GET", "/api/users/me", "/api/users/me", None, signed_in(200)),
    Row("PATCH", "/api/users/me", "/api/users/me", {"bio": "x"}, signed_in(200)),
    Row("GET", PREFERENCES, PREFERENCES, None, signed_in(200)),
    Row("PATCH", PREFERENCES, PREFERENCES, {"email": {"reminder_day": False}}, signed_in(200)),
    Row("GET", "/api/notifications", "/api/notifications", None, admins(200)),
    Row("GET", "/unsubscribe/<token:token>", "/unsubscribe/1-reminder_day-0", None, everybody(404)),
    Row("POST", "/unsubscribe/<token:token>", "/unsubscribe/1-reminder_day-0", None, everybody(404)),
    *(
        Row(method, f"{MANAGE}/<token:token>{rest}", f"{MANAGE}/{{link}}{rest}", body, everybody(200))
        for method, rest, body in (("GET", "", None), ("POST", "/move", {}), ("POST", "/cancel", {}))
    ),
    *(
        Row(method, f"{MANAGE_ORDER}/<token:token>{rest}", f"{MANAGE_ORDER}/{{order_link}}{rest}", body, everybody(200))
        for method, rest, body in (("GET", "", None), ("POST", "/cancel", {}))
    ),
    Row("GET", "/bookings/manage/<token:token>", "/bookings/manage/{link}", None, everybody(303)),
    Row("POST", "/bookings/manage/<token:token>", "/bookings/manage/{link}", None, everybody(412)),
    Row("GET", "/orders/manage/<token:token>", "/orders/manage/{order_link}", None, everybody(303)),
    Row("POST", "/orders/manage/<token:token>", "/orders/manage/{order_link}", None, everybody(412)),
    Row("GET", "/api/users/me/export", "/api/users/me/export", None, signed_in(200)),
    Row("POST", "/api/users/me/erase", "/api/users/me/erase", {"password": "no"}, signed_in(403)),
    Row("GET", "/api/users", "/api/users", None, workers(200)),
    Row("POST", "/api/users", "/api/users", INVITED, admins(201)),
    Row(
        "GET",
        "/api/users/<id>",
        "/api/users/{client_user}",
        None,
        only(200, "client", "staff", "colleague", "admin", others=404),
    ),
    Row("GET", "/api/users/<id>", "/api/users/{owner_user}", None, only(200, "owner", "admin", others=404)),
    Row("GET", "/api/users/<id>", "/api/users/{staff_user}", None, only(200, "staff", "admin", others=404)),
    Row(
        "PATCH",
        "/api/users/<id>",
        "/api/users/{client_user}",
        {"bio": "x"},
        only(200, "client", "admin", others=404) | colleagues(403),
    ),
    Row(
        "PATCH",
        "/api/users/<id>",
        "/api/users/{client_user}",
        {"blocked": True},
        only(200, "admin", others=404) | colleagues(403) | {"client": 422},
    ),
    Row(
        "PATCH",
        "/api/users/<id>",
        "/api/users/{owner_user}",
        {"role": "admin"},
        only(200, "admin", others=404) | {"owner": 422},
    ),
    Row("DELETE", "/api/users/<id>", "/api/users/{client_user}", None, admins(204)),
    Row("PUT", "/api/users/me/avatar", "/api/users/me/avatar", None, signed_in(200), PICTURE),
    Row("DELETE", "/api/users/me/avatar", "/api/users/me/avatar", None, signed_in(204)),
    Row("GET", "/uploads/<name>", "/uploads/3k8v0q5m2x7c9z4b1n6h8j0f2d.jpg", None, everybody(404)),
    Row("POST", "/api/users/me/calendar-token", "/api/users/me/calendar-token", None, signed_in(201)),
    Row("DELETE", "/api/users/me/calendar-token", "/api/users/me/calendar-token", None, signed_in(204)),
    Row("GET", "/api/users/<id>/calendar.ics", "/api/users/{client_user}/calendar.ics?token=x", None, everybody(404)),
    Row("GET", "/api/audit", "/api/audit", None, admins(200)),
    Row("POST", "/api/clients", "/api/clients", {"first_name": "Ann"}, workers(201)),
    Row("GET", "/api/services", "/api/services", None, everybody(200)),
    Row("POST", "/api/services", "/api/services", SERVICE, admins(201)),
    Row("GET", "/api/services/<id>", "/api/services/{service}", None, everybody(200)),
    Row("PATCH", "/api/services/<id>", "/api/services/{service}", {"name": "New"}, admins(200)),
    Row("DELETE", "/api/services/<id>", "/api/services/{service}", None, admins(204)),
    Row("GET", "/api/services/<id>/staff", "/api/services/{service}/staff", None, everybody(200)),
    Row("GET", "/api/services/<id>/images", "/api/services/{service}/images", None, everybody(200)),
    Row("POST", "/api/services/<id>/images", "/api/services/{service}/images", None, admins(201), PICTURE),
    Row("PATCH", "/api/services/<id>/images/<id>", "/api/services/{service}/images/{image}", {"alt": "x"}, admins(200)),
    Row("DELETE", "/api/services/<id>/images/<id>", "/api/services/{service}/images/{image}", None, admins(204)),
    Row("GET", "/api/services/categories", "/api/services/categories", None, everybody(200)),
    Row("POST", "/api/services/categories", "/api/services/categories", {"name": "Nails"}, admins(201)),
    Row("PATCH", "/api/services/categories/<id>", "/api/services/categories/{empty}", {"name": "X"}, admins(200)),
    Row("DELETE", "/api/services/categories/<id>", "/api/services/categories/{empty}", None, admins(204)),
    Row("GET", "/api/services/assignments", "/api/services/assignments", None, workers(200)),
    Row("POST", "/api/services/assignments", "/api/services/assignments", ASSIGNMENT, admins(201)),
    Row("PATCH", "/api/services/assignments/<id>", "/api/services/assignments/{assignment}", {}, admins(200)),
    Row("DELETE", "/api/services/assignments/<id>", "/api/services/assignments/{assignment}", None, admins(204)),
    Row("GET", "/api/staff", "/api/staff", None, everybody(200)),
    Row("POST", "/api/staff", "/api/staff", {"name": "Jo"}, admins(201)),
    Row("GET", "/api/staff/<id>", "/api/staff/{staff}", None, everybody(200)),
    Row("PATCH", "/api/staff/<id>", "/api/staff/{staff}", {"bio": "x"}, admins(200)),
    Row("DELETE", "/api/staff/<id>", "/api/staff/{idle}", None, admins(204)),
    Row("GET", "/api/staff/<id>/images", "/api/staff/{staff}/images", None, everybody(200)),
    Row("POST", "/api/staff/<id>/images", "/api/staff/{staff}/images", None, admins(201), PICTURE),
    Row("PATCH", "/api/staff/<id>/images/<id>", "/api/staff/{staff}/images/{portrait}", {"alt": "x"}, admins(200)),
    Row("DELETE", "/api/staff/<id>/images/<id>", "/api/staff/{staff}/images/{portrait}", None, admins(204)),
    Row("GET", "/api/staff/<id>/hours", "/api/staff/{staff}/hours", None, everybody(200)),
    Row("PUT", "/api/staff/<id>/hours", "/api/staff/{staff}/hours", WEEK, keepers(200)),
    Row("GET", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", None, everybody(200)),
    Row("PUT", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", DAY, keepers(200)),
    Row("DELETE", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", None, keepers(204)),
    Row("GET", "/api/staff/<id>/time-off", "/api/staff/{staff}/time-off", None, keepers(200)),
    Row("POST", "/api/staff/<id>/time-off", "/api/staff/{staff}/time-off", ABSENCE, keepers(201)),
    Row("DELETE", "/api/staff/<id>/time-off/<id>", "/api/staff/{staff}/time-off/{closure}", None, keepers(204)),
    Row("GET", "/api/staff/<id>/calendar", "/api/staff/{staff}/calendar?" + DAYS, None, keepers(200)),
    Row("POST", "/api/staff/<id>/calendar-token", "/api/staff/{staff}/calendar-token", None, keepers(201)),
    Row("DELETE", "/api/staff/<id>/calendar-token", "/api/staff/{staff}/calendar-token", None, keepers(204)),
    Row("GET", "/api/staff/<id>/calendar.ics", "/api/staff/{staff}/calendar.ics?token=x", None, everybody(404)),
    Row("GET", "/api/spaces", "/api/spaces", None, everybody(200)),
    Row("POST", "/api/spaces", "/api/spaces", SPACE, only(201, "owner", "rival", "admin")),
    Row("GET", "/api/spaces/<id>", "/api/spaces/{space}", None, everybody(200)),
    Row("PATCH", "/api/spaces/<id>", "/api/spaces/{space}", {"name": "New"}, keepers_of_space(200)),
    Row("PUT", "/api/spaces/<id>", "/api/spaces/{space}", {"name": "New"}, keepers_of_space(200)),
    Row(
        "PATCH",
        "/api/spaces/<id>",
        "/api/spaces/{space}",
        {"owner_id": "{owner_user}"},
        keepers_of_space(200) | {"owner": 422},
    ),
    Row("DELETE", "/api/spaces/<id>", "/api/spaces/{quiet_space}", None, keepers_of_space(204)),
    Row("GET", "/api/spaces/<id>/images", "/api/spaces/{space}/images", None, everybody(200)),
    Row("POST", "/api/spaces/<id>/images", "/api/spaces/{space}/images", None, keepers_of_space(201), PICTURE),
    Row("PATCH", "/api/spaces/<id>/images/<id>", "/api/spaces/{space}/images/{view}", {}, keepers_of_space(200)),
    Row("DELETE", "/api/spaces/<id>/images/<id>", "/api/spaces/{space}/images/{view}", None, keepers_of_space(204)),
    Row("GET", "/api/spaces/<id>/hours", "/api/spaces/{space}/hours", None, everybody(200)),
    Row("PUT", "/api/spaces/<id>/hours", "/api/spaces/{space}/hours", WEEK, keepers_of_space(200)),
    Row("GET", "/api/spaces/<id>/closures", "/api/spaces/{space}/closures", None, keepers_of_space(200)),
    Row("POST", "/api/spaces/<id>/closures", "/api/spaces/{space}/closures", ABSENCE, keepers_of_space(201)),
    Row(
        "DELETE",
        "/api/spaces/<id>/closures/<id>",
        "/api/spaces/{space}/closures/{space_closure}",
        None,
        keepers_of_space(204),
    ),
    Row("GET", "/api/reports/spaces", "/api/reports/spaces?" + DAYS, None, only(200, "owner", "rival", "admin")),
    Row("GET", "/api/reports/dashboard", "/api/reports/dashboard", None, admins(200)),
    *(
        Row("GET", f"/api/reports/{name}", f"/api/reports/{name}?{DAYS}", None, admins(200))
        for name in ("summary", "bookings.csv", "utilisation.csv", "revenue.csv")
    ),
    Row("GET", "/api/jobs", "/api/jobs", None, admins(200)),
    Row("GET", "/api/jobs/state", "/api/jobs/state", None, admins(200)),
    Row("POST", "/api/jobs/<id>/replay", "/api/jobs/{dead_job}/replay", None, admins(200)),
    Row("DELETE", "/api/jobs/<id>", "/api/jobs/{dead_job}", None, admins(204)),
    Row("POST", "/api/voice/booking", "/api/voice/booking", SAY, signed_in(200)),
    Row("POST", "/api/voice/booking/confirm", "/api/voice/booking/confirm", CONFIRM, signed_in(404)),
    Row("POST", "/api/voice/dialogflow", "/api/voice/dialogflow", None, everybody(404)),
    Row("GET", "/api/voice/aliases", "/api/voice/aliases", None, admins(200)),
    Row("GET", "/api/voice/aliases/<id>", "/api/voice/aliases/{alias}", None, admins(200)),
    Row("POST", "/api/voice/aliases", "/api/voice/aliases", ALIAS, admins(201)),
    Row("PATCH", "/api/voice/aliases/<id>", "/api/voice/aliases/{alias}", {"text": "a trim"}, admins(200)),
    Row("DELETE", "/api/voice/aliases/<id>", "/api/voice/aliases/{alias}", None, admins(204)),
    Row("GET", "/api/webhooks", "/api/webhooks", None, admins(200)),
    Row("POST", "/api/webhooks", "/api/webhooks", HOOK, admins(201)),
    Row("GET", "/api/webhooks/events", "/api/webhooks/events", None, admins(200)),
    Row("GET", "/api/webhooks/<id>", "/api/webhooks/{webhook}", None, admins(200)),
    Row("PATCH", "/api/webhooks/<id>", "/api/webhooks/{webhook}", {"active": False}, admins(200)),
    Row("DELETE", "/api/webhooks/<id>", "/api/webhooks/{webhook}", None, admins(204)),
    Row("POST", "/api/webhooks/<id>/rotate-secret", "/api/webhooks/{webhook}/rotate-secret", None, admins(200)),
    Row("POST", "/api/webhooks/<id>/test", "/api/webhooks/{webhook}/test", None, admins(202)),
    Row("GET", "/api/webhooks/<id>/deliveries", "/api/webhooks/{webhook}/deliveries", None, admins(200)),
    Row("POST", "/api/webhooks/<id>/deliveries/<id>/replay", REPLAY, None, admins(202)),
    Row("GET", "/api/reviews", "/api/reviews", None, everybody(200)),
    Row("POST", "/api/reviews", "/api/reviews", REVIEW, members(403) | {"client": 201}),
    Row("GET", "/api/reviews/<id>", "/api/reviews/{review}", None, everybody(200)),
    Row(
        "GET",
        "/api/reviews/<id>",
        "/api/reviews/{hidden_review}",
        None,
        everybody(404) | {"client": 200, "admin": 200},
    ),
    Row("PATCH", "/api/reviews/<id>", "/api/reviews/{review}", {"rating": 1}, only(200, "client", "admin")),
    Row("DELETE", "/api/reviews/<id>", "/api/reviews/{review}", None, only(204, "client", "admin")),
    Row("POST", "/api/reviews/<id>/reply", "/api/reviews/{review}/reply", REPLY, only(200, "staff", "admin")),
    Row("POST", "/api/reviews/<id>/reply", "/api/reviews/{let_review}/reply", REPLY, only(200, "owner", "admin")),
    Row("POST", "/api/reviews/<id>/hide", "/api/reviews/{review}/hide", {"reason": "Rude."}, admins(200)),
    Row("POST", "/api/reviews/<id>/publish", "/api/reviews/{review}/publish", {}, admins(200)),
    Row("GET", "/api/services/<id>/reviews", "/api/services/{service}/reviews", None, everybody(200)),
    Row("GET", "/api/staff/<id>/reviews", "/api/staff/{staff}/reviews", None, everybody(200)),
    Row("GET", "/api/spaces/<id>/reviews", "/api/spaces/{space}/reviews", None, everybody(200)),
    Row("GET", "/api/testimonials", "/api/testimonials", None, everybody(200)),
    Row("POST", "/api/testimonials", "/api/testimonials", WORDS, signed_in(201)),
    Row("GET", "/api/testimonials/<id>", "/api/testimonials/{testimonial}", None, everybody(200)),
    Row("PUT", "/api/testimonials/<id>", "/api/testimonials/{testimonial}", WORDS, only(200, "client")),
    Row("PATCH", "/api/testimonials/<id>", "/api/testimonials/{testimonial}", {"rating": 1}, only(200, "client")),
    Row("DELETE", "/api/testimonials/<id>", "/api/testimonials/{testimonial}", None, only(204, "client", "admin")),
    Row(
        "POST", "/api/testimonials/<id>/hide", "/api/testimonials/{testimonial}/hide", {"reason": "Rude."}, admins(200)
    ),
    Row("POST", "/api/testimonials/<id>/publish", "/api/testimonials/{testimonial}/publish", {}, admins(200)),
    Row("GET", "/api/staff/schedule", "/api/staff/schedule?" + DAYS, None, admins(200)),
    Row(
        "GET",
        "/api/bookings/availability",
        "/api/bookings/availability?service_id={service}&" + DAYS,
        None,
        everybody(200),
    ),
    Row(
        "GET",
        "/api/bookings/check-availability",
        "/api/bookings/check-availability?service_id={service}&starts_at=2030-01-07T12:00:00Z",
        None,
        everybody(200),
    ),
    Row("POST", "/api/bookings", "/api/bookings", BOOKING, signed_in(201)),
    Row("POST", "/api/bookings/holds", "/api/bookings/holds", BOOKING, signed_in(201)),
    Row("DELETE", "/api/bookings/holds/<id>", "/api/bookings/holds/{hold}", None, HOLDERS),
    Row("POST", "/api/bookings/series", "/api/bookings/series", SERIES, signed_in(201)),
    Row("GET", "/api/bookings/series/<id>", "/api/bookings/series/{series}", None, members(200)),
    Row("PATCH", "/api/bookings/series/<id>", "/api/bookings/series/{series}", LATER, members(200)),
    Row("POST", "/api/bookings/series/<id>/cancel", "/api/bookings/series/{series}/cancel", ALL, members(200)),
    Row("GET", "/api/bookings/series/<id>", "/api/bookings/series/{let_series}", None, parties(200)),
    Row(
        "PATCH",
        "/api/bookings/series/<id>",
        "/api/bookings/series/{let_series}",
        LATER | {"booking_id": "{let_series_first}"},
        parties(200) | {"owner": 403},
    ),
    Row("POST", "/api/bookings/series/<id>/cancel", "/api/bookings/series/{let_series}/cancel", ALL, parties(200)),
    Row("POST", "/api/bookings/waitlist", "/api/bookings/waitlist", WISH, signed_in(201)),
    Row("GET", "/api/bookings/waitlist", "/api/bookings/waitlist", None, signed_in(200)),
    Row("GET", "/api/bookings/waitlist/<id>", "/api/bookings/waitlist/{entry}", None, WAITERS),
    Row("DELETE", "/api/bookings/waitlist/<id>", "/api/bookings/waitlist/{entry}", None, HOLDERS),
    Row("POST", "/api/bookings/waitlist/<id>/decline", "/api/bookings/waitlist/{entry}/decline", {}, WAITERS),
    Row("GET", "/api/bookings", "/api/bookings", None, signed_in(200)),
    Row("GET", "/api/bookings/<id>", "/api/bookings/{pending}", None, members(200)),
    Row("PATCH", "/api/bookings/<id>", "/api/bookings/{pending}", {"notes": "x"}, members(200)),
    Row("PATCH", "/api/bookings/<id>", "/api/bookings/{pending}", {"status": "confirmed"}, members(200) | NOT_CLIENT),
    Row("PATCH", "/api/bookings/<id>", "/api/bookings/{let}", {"notes": "x"}, parties(200) | {"owner": 403}),
    Row("PATCH", "/api/bookings/<id>", "/api/bookings/{let}", {"status": "confirmed"}, parties(200) | NOT_CLIENT),
    Row("GET", "/api/bookings/<id>/history", "/api/bookings/{pending}/history", None, members(200)),
    Row("GET", "/api/bookings/<id>/calendar.ics", "/api/bookings/{pending}/calendar.ics", None, members(200)),
    Row(
        "GET",
        "/api/bookings/<id>/cancellation-quote",
        "/api/bookings/{pending}/cancellation-quote",
        None,
        members(200),
    ),
    Row("POST", "/api/bookings/<id>/approve", "/api/bookings/{pending}/approve", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/decline", "/api/bookings/{pending}/decline", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/complete", "/api/bookings/{begun}/complete", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/no-show", "/api/bookings/{begun}/no-show", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/cancel", "/api/bookings/{pending}/cancel", {}, members(200)),
    Row(
        "DELETE",
        "/api/bookings/<id>",
        "/api/bookings/{pending}",
        None,
        only(204, "client", "admin", others=404) | colleagues(403),
    ),
    Row("GET", "/api/bookings/<id>", "/api/bookings/{let}", None, parties(200)),
    Row("GET", "/api/bookings/<id>/history", "/api/bookings/{let}/history", None, parties(200)),
    Row("GET", "/api/bookings/<id>/calendar.ics", "/api/bookings/{let}/calendar.ics", None, parties(200)),
    Row("GET", "/api/bookings/<id>/cancellation-quote", "/api/bookings/{let}/cancellation-quote", None, parties(200)),
    Row("POST", "/api/bookings/<id>/approve", "/api/bookings/{let}/approve", {}, landlords(200)),
    Row("POST", "/api/bookings/<id>/decline", "/api/bookings/{let}/decline", {}, landlords(200)),
    Row("POST", "/api/bookings/<id>/complete", "/api/bookings/{let_begun}/complete", {}, landlords(200)),
    Row("POST", "/api/bookings/<id>/no-show", "/api/bookings/{let_begun}/no-show", {}, landlords(200)),
    Row("POST", "/api/bookings/<id>/cancel", "/api/bookings/{let}/cancel", {}, parties(200)),
    Row(
        "DELETE",
        "/api/bookings/<id>",
        "/api/bookings/{let}",
        None,
        only(204, "client", "admin", others=404) | {"owner": 403},
    ),
    Row("GET", "/api/orders", "/api/orders", None, signed_in(200)),
    Row("POST", "/api/orders", "/api/orders", BASKET, signed_in(201)),
    Row(
        "POST",
        "/api/orders",
        "/api/orders",
        BASKET | {"client_id": "{client_user}"},
        only(201, "client", "staff", "colleague", "admin", others=404),
    ),
    Row("GET", "/api/orders/<id>", "/api/orders/{order}", None, members(200)),
    Row("GET", "/api/orders/<id>/history", "/api/orders/{order}/history", None, members(200)),
    Row("PATCH", "/api/orders/<id>", "/api/orders/{order}", READY, workers(200)),
    Row("POST", "/api/orders/<id>/cancel", "/api/orders/{order}/cancel", {}, members(200) | colleagues(403)),
    Row("POST", "/api/sales", "/api/sales", SALE, workers(201)),
    Row("GET", "/api/payments/providers", "/api/payments/providers", None, everybody(200)),
    Row("GET", "/api/payments", "/api/payments", None, signed_in(200)),
    Row("POST", "/api/payments", "/api/payments", CASH, workers(201)),
    Row("POST", "/api/payments", "/api/payments", CARD, signed_in(409)),
    Row("POST", "/api/payments", "/api/payments", GIFT, signed_in(404)),
    Row("POST", "/api/payments/deposit", "/api/payments/deposit", CASH, workers(201)),
    Row("GET", "/api/payments/<id>", "/api/payments/{paid}", None, members(200)),
    Row("GET", "/api/payments/<id>", "/api/payments/{paid_let}", None, parties(200) | colleagues(200)),
    Row("GET", "/api/payments/<id>/refunds", "/api/payments/{paid}/refunds", None, members(200)),
    Row("GET", "/api/payments/<id>/refunds", "/api/payments/{paid_let}/refunds", None, parties(200) | colleagues(200)),
    Row("GET", "/api/payments/<id>/receipt", "/api/payments/{paid}/receipt", None, members(200)),
    Row("POST", "/api/payments/<id>/sync", "/api/payments/{paid_let}/sync", None, parties(200) | colleagues(200)),
    Row("POST", "/api/payments/<id>/cancel", "/api/payments/{paid_let}/cancel", None, parties(200) | NO_PAYERS),
    Row("POST", "/api/payments/refund", "/api/payments/refund", MONEY_BACK, admins(201)),
    Row("GET", "/api/payments/refunds", "/api/payments/refunds", None, admins(200)),
    Row("POST", "/api/payments/refunds/<id>/paid-out", "/api/payments/refunds/{refund}/paid-out", {}, admins(200)),
    Row("GET", "/api/payments/events", "/api/payments/events", None, admins(200)),
    Row("GET", "/api/payments/methods", "/api/payments/methods", None, signed_in(200)),
    Row("POST", "/api/payments/methods", "/api/payments/methods", None, signed_in(409)),
    Row("DELETE", "/api/payments/methods/<id>", "/api/payments/methods/{card}", None, only(204, "client", others=404)),
    Row("POST", "/api/payments/webhooks/stripe", "/api/payments/webhooks/stripe", None, everybody(409)),
    Row(
        "POST", "/api/payments/webhooks/mpesa/<token:secret>", "/api/payments/webhooks/mpesa/0a1b", None, everybody(404)
    ),
    Row("GET", "/api/services/<id>/consumables", "/api/services/{service}/consumables", None, workers(200)),
    Row("PUT", "/api/services/<id>/consumables", "/api/services/{service}/consumables", BASKET, admins(200)),
    Row("GET", "/api/inventory/forecast", "/api/inventory/forecast", None, workers(200)),
    Row("GET", "/api/invoices", "/api/invoices", None, signed_in(200)),
    Row("GET", "/api/invoices/<id>", "/api/invoices/{invoice}", None, members(200)),
    Row("GET", "/api/payments/invoices", "/api/payments/invoices", None, signed_in(200)),
    Row("GET", "/api/reports/ledger", f"/api/reports/ledger?{DAYS}", None, admins(200)),
    Row("GET", "/api/reports/ledger.csv", f"/api/reports/ledger.csv?{DAYS}", None, admins(200)),
    Row("GET", "/api/gift-cards", "/api/gift-cards", None, signed_in(200)),
    Row("GET", "/api/gift-cards/<id>", "/api/gift-cards/{gift_card}", None, members(200)),
    Row("GET", "/api/gift-cards/<id>/movements", "/api/gift-cards/{gift_card}/movements", None, members(200)),
    Row("POST", "/api/gift-cards/balance", "/api/gift-cards/balance", {"code": "2" * 16}, signed_in(404)),
    Row("GET", "/api/packages", "/api/packages", None, signed_in(200)),
    Row("GET", "/api/packages/<id>", "/api/packages/{package}", None, members(200)),
    Row("GET", "/api/packages/<id>/movements", "/api/packages/{package}/movements", None, members(200)),
    Row("GET", "/api/recommendations/me", "/api/recommendations/me", None, signed_in(200)),
    Row(
        "GET",
        "/api/recommendations/client/<id>",
        "/api/recommendations/client/{client_user}",
        None,
        only(200, "client", "staff", "colleague", "admin", others=404),
    ),
    Row(
        "GET",
        "/api/recommendations/client/<id>",
        "/api/recommendations/client/{admin_user}",
        None,
        only(200, "admin", others=404),
    ),
    Row("GET", "/api/recommendations/links", "/api/recommendations/links", None, admins(200)),
    Row("POST", "/api/recommendations/links", "/api/recommendations/links", LINKED, admins(201)),
    Row("GET", "/api/recommendations/links/<id>", "/api/recommendations/links/{curated}", None, admins(200)),
    Row(
        "PATCH", "/api/recommendations/links/<id>", "/api/recommendations/links/{curated}", {"position": 1}, admins(200)
    ),
    Row("DELETE", "/api/recommendations/links/<id>", "/api/recommendations/links/{curated}", None, admins(204)),
    Row(
        "GET",
        "/api/users/me/recommendation-preferences",
        "/api/users/me/recommendation-preferences",
        None,
        signed_in(200),
    ),
    Row(
        "PATCH",
        "/api/users/me/recommendation-preferences",
        "/api/users/me/recommendation-preferences",
        {"enabled": False},
        signed_in(200),
    ),
    Row("GET", "/api/products", "/api/products", None, everybody(200)),
    Row("POST", "/api/products", "/api/products", PRODUCT, admins(201)),
    Row("GET", "/api/products/<id>", "/api/products/{product}", None, everybody(200)),
    Row("PATCH", "/api/products/<id>", "/api/products/{product}", {"name": "Balm"}, admins(200)),
    Row("DELETE", "/api/products/<id>", "/api/products/{product}", None, admins(204)),
    Row("GET", "/api/products/<id>/images", "/api/products/{product}/images", None, everybody(200)),
    Row("POST", "/api/products/<id>/images", "/api/products/{product}/images", None, admins(201), form=PICTURE),
    Row(
        "PATCH",
        "/api/products/<id>/images/<id>",
        "/api/products/{product}/images/{packshot}",
        {"alt": "A bottle"},
        admins(200),
    ),
    Row("DELETE", "/api/products/<id>/images/<id>", "/api/products/{product}/images/{packshot}", None, admins(204)),
    Row("GET", "/api/products/categories", "/api/products/categories", None, everybody(200)),
    Row("POST", "/api/products/categories", "/api/products/categories", {"name": "New"}, admins(201)),
    Row("PATCH", "/api/products/categories/<id>", "/api/products/categories/{heading}", {"position": 1}, admins(200)),
    Row("DELETE", "/api/products/categories/<id>", "/api/products/categories/{heading}", None, admins(204)),
    Row("POST", "/api/products/import", "/api/products/import", None, admins(200), form=GOODS_LIST),
    Row("GET", "/api/products/export.csv", "/api/products/export.csv", None, admins(200)),
    Row("GET", "/api/inventory", "/api/inventory", None, workers(200)),
    Row("GET", "/api/inventory/<text:sku>", f"/api/inventory/{COUNTED}", None, workers(200)),
    Row("PUT", "/api/inventory/<text:sku>/stock", f"/api/inventory/{COUNTED}/stock", DELIVERY, workers(200)),
    Row("GET", "/api/inventory/<text:sku>/movements", f"/api/inventory/{COUNTED}/movements", None, workers(200)),
]
