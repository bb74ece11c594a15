"""What a browser shows of a mailed link where there is no frontend: a page that reads, and one button that posts."""

import re
from datetime import timedelta
from typing import Any

import pytest

from app.bookings.service import record_payment
from app.extensions import db
from app.kit import clock
from app.models import DepositType, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, THURSDAY, at, everything, made, one
from tests.bookings.test_manage import link
from tests.cases import each_case
from tests.conftest import make_application
from tests.factories import make_service, make_working_staff

pytestmark = pytest.mark.usefixtures("monday_morning")

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
BUTTON = re.compile(r'<form method="post" action="([^"]+)">')


@pytest.fixture
def booking(api: Api, ada: User, service: Service, staff: Staff) -> dict[str, Any]:
    """Thursday at ten, UTC."""
    return made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})


def page(api: Api, path: str) -> Any:
    """Open an address as a browser does."""
    return api.get(path, headers=BROWSER)


def press(api: Api, shown: Any, path: str) -> Any:
    """Press the one button of a page, as a browser without JavaScript does."""
    (action,) = BUTTON.findall(shown.text)
    action = action.replace("&amp;", "&")
    assert action.startswith(f"{path.removeprefix('/api')}?")
    return api.client.post(action, data={}, headers=BROWSER)


def test_what_it_shows(api: Api, service: Service, staff: Staff, booking: dict[str, Any]) -> None:
    """What, when on the venue's clocks, with whom, for how much; kept by no cache, found by no search; no effects."""
    path, before = link(booking), everything()
    shown = page(api, path)
    assert (shown.status_code, shown.mimetype, shown.headers["Cache-Control"]) == (200, "text/html", "no-store")
    assert (shown.headers["Referrer-Policy"], shown.headers["X-Robots-Tag"]) == ("no-referrer", "noindex")
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in shown.text
    for said in (
        "Thursday, January 10, 2030, 10:00 AM – 11:00 AM (UTC)",
        f"{service.name} with {staff.name}",
        "KES45.00",
        booking["reference"],
        "Cancelling is free until Wednesday, January 9, 2030, 10:00 AM",
    ):
        assert said in shown.text
    assert api.client.head(path, headers=BROWSER).status_code == 200
    assert everything() == before


def test_the_venues_zone(api: Api, ada: User, service: Service) -> None:
    make_working_staff(service, timezone="Africa/Nairobi")
    booking = made(api, ada, one(service, "10:00") | {"starts_at": at("07:00", THURSDAY)})
    assert "10:00 AM – 11:00 AM (Africa/Nairobi)" in page(api, link(booking)).text


def test_a_page_in_xhtml(api: Api, booking: dict[str, Any]) -> None:
    """Whoever takes that, and no JSON, is a browser."""
    assert api.get(link(booking), headers={"Accept": "application/xhtml+xml"}).mimetype == "text/html"


@each_case("accept", ["application/json", "*/*", "application/json, text/html;q=0.9", ""])
def test_programs_get_json(api: Api, booking: dict[str, Any], accept: str) -> None:
    """As ever; caches are told that it depends."""
    answer = api.get(link(booking), headers={"Accept": accept})
    assert (answer.mimetype, answer.headers["Vary"]) == ("application/json", "Accept")
    assert page(api, link(booking)).headers["Vary"] == "Accept"
    unknown = api.get(f"{BOOKINGS}/manage/{booking['id']}-{'A' * 27}", headers={"Accept": accept})
    assert (unknown.status_code, unknown.mimetype, unknown.headers["Vary"]) == (
        404,
        "application/problem+json",
        "Accept",
    )


def test_names_are_words(api: Api, ada: User) -> None:
    service = make_service(name="<b>Cut</b> & {{ 7*7 }}")
    make_working_staff(service, name="<script>alert(1)</script>")
    shown = page(api, link(made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)}))).text
    assert "&lt;b&gt;Cut&lt;/b&gt; &amp; {{ 7*7 }} with &lt;script&gt;" in shown
    assert "<script" not in shown


def test_cancelling(api: Api, booking: dict[str, Any]) -> None:
    """The page comes again, with what it is now, and without the button."""
    path = link(booking)
    pressed = press(api, page(api, path), path)
    assert (pressed.status_code, pressed.headers["Location"]) == (303, path)
    shown = page(api, path).text
    assert "Cancelled" in shown
    assert "<form" not in shown
    assert api.get(path).json["booking"]["cancelled"]["by"] == booking["client_id"]


def test_pressed_twice(api: Api, booking: dict[str, Any]) -> None:
    """The second press finds it done, and does nothing."""
    path = link(booking)
    shown = page(api, path)
    press(api, shown, path)
    before = everything()
    pressed = press(api, shown, path)
    assert (pressed.status_code, pressed.headers["Location"]) == (303, path)
    assert everything() == before


def test_the_buttons_address(api: Api, booking: dict[str, Any]) -> None:
    """Opened, as from a browser's history, it leads to the page and does nothing."""
    path, before = link(booking), everything()
    opened = page(api, path.removeprefix("/api") + "?version=1&fee=0")
    assert (opened.status_code, opened.headers["Location"]) == (303, path)
    assert everything() == before


def test_what_is_to_be_paid(api: Api, ada: User) -> None:
    """The deposit and until when, as long as it is due; what a late cancellation has cost."""
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    booking = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    path = link(booking)
    assert "KES10.00 by Monday, January 7, 2030, 6:30 AM" in page(api, path).text
    with transaction():
        record_payment(booking["id"], 1000)
    assert "Deposit due" not in page(api, path).text
    with clock.frozen(NOW + timedelta(days=3)):
        assert "Cancellation fee" not in page(api, path).text
        press(api, page(api, path), path)
        assert re.search(r"<dt>Cancellation fee</dt>\s*<dd>KES10.00</dd>", page(api, path).text)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_often(database_url: str, method: str) -> None:
    """Says so on a page, and when to come back."""
    application = make_application(database_url, RATELIMIT_ENABLED="true")
    path = f"{BOOKINGS if method == 'GET' else '/bookings'}/manage/1-{'A' * 27}"
    with application.app_context():
        client = application.test_client()
        answer = [client.open(path, method=method, headers=BROWSER) for _ in range(11)][-1]
        db.engine.dispose()
    assert (answer.status_code, answer.mimetype) == (429, "text/html")
    assert f"in {answer.headers['Retry-After']} seconds" in answer.text


def test_a_fee_that_was_not_shown(api: Api, ada: User) -> None:
    """Whoever read that it is free, and presses when it is not any more, has cancelled nothing."""
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    booking = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    with transaction():
        record_payment(booking["id"], 1000)
    path = link(booking)
    shown = page(api, path)
    assert "You get KES10.00 back." in shown.text
    with clock.frozen(NOW + timedelta(days=3)):
        before = everything()
        pressed = press(api, shown, path)
        assert (pressed.status_code, pressed.mimetype) == (409, "text/html")
        assert "Cancelling costs more by now" in pressed.text
        assert everything() == before
        again = page(api, path)
        assert "Cancelling costs KES10.00 now." in again.text
        assert press(api, again, path).status_code == 303
        assert api.get(path).json["booking"]["status"] == "cancelled"


def test_what_was_changed_meanwhile(api: Api, booking: dict[str, Any]) -> None:
    """It is not what its reader has seen; nor is anything cancelled without having been shown."""
    path = link(booking)
    shown = page(api, path)
    api.post(f"{path}/move", {"starts_at": at("14:00", THURSDAY)})
    before = everything()
    pressed = press(api, shown, path)
    assert (pressed.status_code, f'<a href="{path}">' in pressed.text) == (412, True)
    for query in ("", "?version=x&fee=y", "?fee=100000"):
        assert api.client.post(path.removeprefix("/api") + query, headers=BROWSER).status_code == 412
    assert everything() == before


def test_too_late(api: Api, booking: dict[str, Any]) -> None:
    """Once it has begun there is no button, and an old one does nothing."""
    path = link(booking)
    shown = page(api, path)
    with clock.frozen(NOW + timedelta(days=3, hours=4)):
        assert "<form" not in page(api, path).text
        before = everything()
        assert press(api, shown, path).status_code == 409
        assert everything() == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_opens_nothing(api: Api, booking: dict[str, Any], method: str) -> None:
    """Says so on a page."""
    path = f"{BOOKINGS if method == 'GET' else '/bookings'}/manage/{booking['id']}-{'A' * 27}"
    answer = api.client.open(path, method=method, headers=BROWSER)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "works no more" in answer.text
    assert "href" not in answer.text
