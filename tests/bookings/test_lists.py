"""`GET /api/bookings`: who sees which, filters, orders and pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.bookings import queries
from app.bookings.schemas import BookingOut
from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingKind, BookingStatus, PendingReason, Role, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.cases import each_case
from tests.factories import make_booking, make_service, make_space, make_staff, make_user, make_visit, token_for

PATH = "/api/bookings"

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def admin(app: Flask) -> User:
    """An admin."""
    return make_user(Role.ADMIN)


def booking(client: User | None = None, starts_at: datetime = NOW, **fields: Any) -> Booking:
    """Write a booking of a service of an hour, of a new client unless told."""
    service, staff = fields.pop("service", None) or make_service(), fields.pop("staff", None) or make_staff()
    return make_booking(client or make_user(), service, staff, starts_at, **fields)


def space_booking(owner: User, client: User) -> Booking:
    """Write a booking of a space of the owner."""
    space = make_space(owner)
    return booking(client, kind=BookingKind.SPACE, space=space, space_id=space.id)


def listed(api: Api, who: User, **query: Any) -> list[int]:
    """Return the ids that somebody is shown."""
    answer = api.get(PATH, query=query, token=token_for(who))
    assert answer.status_code == 200, answer.json
    return [one["id"] for one in answer.json["items"]]


def test_who_sees_which(api: Api, admin: User) -> None:
    """Product.md §8: clients their own, staff all of services, owners those of their spaces, admins all."""
    ada, ben = make_user(), make_user()
    owner, other_owner, staff = make_user(Role.OWNER), make_user(Role.OWNER), make_user(Role.STAFF)
    rows = {
        "ada": booking(ada).id,
        "ben": booking(ben).id,
        "staff": booking(staff).id,
        "owner": booking(owner).id,
        "let": space_booking(owner, ada).id,
        "let by another": space_booking(other_owner, staff).id,
    }
    expected = {
        ada: {"ada", "let"},
        ben: {"ben"},
        staff: {"ada", "ben", "staff", "owner", "let by another"},
        owner: {"owner", "let"},
        other_owner: {"let by another"},
        admin: set(rows),
        make_user(): set(),
    }
    for who, names in expected.items():
        assert sorted(listed(api, who)) == sorted(rows[name] for name in names)
        for name, row_id in rows.items():
            status = api.get(f"{PATH}/{row_id}", token=token_for(who)).status_code
            assert status == (200 if name in names else 404)
    assert api.get(PATH).status_code == 401


def test_filters_never_widen(api: Api) -> None:
    """AZ-12: asking for others' bookings is asking for none; totals do not count them."""
    ada, ben = make_user(), make_user()
    service, staff = make_service(), make_staff()
    mine = booking(ada, service=service, staff=staff).id
    for _ in range(3):
        booking(ben, service=service, staff=staff)
    for query, found in (
        ({}, [mine]),
        ({"client_id": ada.id}, [mine]),
        ({"client_id": ben.id}, []),
        ({"staff_id": staff.id}, [mine]),
        ({"service_id": service.id}, [mine]),
        ({"owner_id": ben.id, "salon_id": 1}, [mine]),
        ({"user_id": ben.id}, None),
        ({"client_id": [ben.id, ada.id]}, None),
    ):
        answer = api.get(PATH, query=query | {"include_total": "true", "limit": 100}, token=token_for(ada))
        ids = [one["id"] for one in answer.json.get("items", [])]
        if found is None:
            assert ids in ([], [mine])
        else:
            assert (ids, answer.json["total"]) == (found, len(found)), query


def test_each_filter(api: Api, admin: User) -> None:
    """Alone and together."""
    ada, owner = make_user(), make_user(Role.OWNER)
    cut, perm, jane, zoe = make_service(), make_service(), make_staff(), make_staff()
    one = booking(ada, service=cut, staff=jane).id
    two = booking(service=cut, staff=zoe).id
    three = booking(ada, service=perm, staff=zoe).id
    let = space_booking(owner, ada)
    for query, found in (
        ({}, [one, two, three, let.id]),
        ({"kind": "space"}, [let.id]),
        ({"kind": "service"}, [one, two, three]),
        ({"service_id": cut.id}, [one, two]),
        ({"staff_id": zoe.id}, [two, three]),
        ({"space_id": let.space_id}, [let.id]),
        ({"client_id": ada.id}, [one, three, let.id]),
        ({"client_id": ada.id, "staff_id": zoe.id}, [three]),
        ({"service_id": cut.id, "staff_id": zoe.id}, [two]),
        ({"service_id": perm.id, "kind": "space"}, []),
        ({"staff_id": 999_999_999}, []),
    ):
        assert listed(api, admin, sort="starts_at", **query) == found, query


def test_status_is_what_readers_see(api: Api, admin: User) -> None:
    """A pending booking past its time is expired for every filter, before anybody has written so."""
    waiting: dict[str, Any] = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}
    lapsed = booking(expires_at=NOW, **waiting).id
    pending = booking(expires_at=NOW + timedelta(seconds=1), **waiting).id
    expired = booking(status=BookingStatus.EXPIRED).id
    confirmed = booking().id
    gone = booking(status=BookingStatus.CANCELLED, cancelled_at=NOW).id
    for status, found in (
        (["pending"], [pending]),
        (["expired"], [lapsed, expired]),
        (["pending", "expired"], [lapsed, pending, expired]),
        (["confirmed", "cancelled"], [confirmed, gone]),
        (["declined"], []),
        (["confirmed", "confirmed"], [confirmed]),
    ):
        assert listed(api, admin, sort="starts_at", status=status) == found, status
    shown = api.get(PATH, query={"status": "expired"}, token=token_for(admin)).json["items"]
    assert {(one["status"], one["pending_reason"], one["expires_at"]) for one in shown} == {("expired", None, None)}
    with clock.frozen(NOW + timedelta(seconds=1)):
        assert listed(api, admin, status="pending") == []


def test_sorts(api: Api, admin: User) -> None:
    """By start, latest first unless told; by creation; the id breaks ties."""
    rows = []
    for created, start in enumerate((2, 0, 2, 1)):
        with clock.frozen(NOW + timedelta(minutes=created // 2)):
            rows.append(booking(starts_at=NOW + timedelta(hours=start)).id)
    a, b, c, d = rows
    for sort, found in (
        ("starts_at", [b, d, a, c]),
        ("-starts_at", [c, a, d, b]),
        ("created_at", [a, b, c, d]),
        ("-created_at", [d, c, b, a]),
    ):
        assert listed(api, admin, sort=sort) == found
    assert listed(api, admin) == [c, a, d, b]


@pytest.mark.parametrize("sort", ["starts_at", "-starts_at", "created_at", "-created_at"])
def test_pages(api: Api, admin: User, sort: str) -> None:
    """PG-01: fifteen of one instant in pages of four, each exactly once; the total is on every page."""
    service, staff, client = make_service(), make_staff(), make_user()
    rows = [booking(client, service=service, staff=staff).id for _ in range(15)]
    found: list[int] = []
    query: dict[str, Any] = {"limit": 4, "sort": sort, "include_total": "true"}
    while True:
        page = api.get(PATH, query=query, token=token_for(admin)).json
        found += [one["id"] for one in page["items"]]
        assert page["total"] == 15
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == (rows[::-1] if sort.startswith("-") else rows)


def test_pages_of_what_moves(api: Api, admin: User) -> None:
    """PG-04: one moves on behind the reader's cursor meanwhile and is met again; of the others each once, none lost."""
    service, staff, client = make_service(), make_staff(), make_user()
    rows = [booking(client, service=service, staff=staff, starts_at=NOW + timedelta(days=n)) for n in range(1, 9)]
    query: dict[str, Any] = {"limit": 3, "sort": "starts_at"}
    page = api.get(PATH, query=query, token=token_for(admin)).json
    found = [one["id"] for one in page["items"]]
    with transaction():
        moved = db.session.get_one(Booking, found[0], populate_existing=True)
        moved.starts_at, moved.ends_at = NOW + timedelta(days=20), NOW + timedelta(days=20, hours=1)
    while page["next_cursor"] is not None:
        page = api.get(PATH, query=query | {"cursor": page["next_cursor"]}, token=token_for(admin)).json
        found += [one["id"] for one in page["items"]]
    assert found == [row.id for row in rows] + [rows[0].id]


def test_over_midnight(api: Api, admin: User) -> None:
    """TZ-19: over the year's end in the business's zone (three hours ahead): in the lists of both days and months."""
    over = booking(starts_at=datetime(2030, 12, 31, 20, 30, tzinfo=UTC)).id  # 23:30 to 00:30
    before = booking(starts_at=datetime(2030, 12, 31, 20, tzinfo=UTC)).id  # 23:00 to 24:00
    after = booking(starts_at=datetime(2030, 12, 31, 21, tzinfo=UTC)).id  # 00:00 to 01:00
    for first, last, found in (
        ("2030-12-31", "2030-12-31", [before, over]),
        ("2031-01-01", "2031-01-01", [over, after]),
        ("2030-12-01", "2030-12-31", [before, over]),
        ("2031-01-01", "2031-01-31", [over, after]),
        ("2030-12-31", "2031-01-01", [before, over, after]),
        ("2030-12-30", "2030-12-30", []),
        ("2031-01-02", "2031-01-02", []),
    ):
        assert listed(api, admin, sort="starts_at", **{"from": first, "to": last}) == found, first
    assert listed(api, admin, sort="starts_at", **{"from": "2031-01-01"}) == [over, after]
    assert listed(api, admin, sort="starts_at", to="2030-12-31") == [before, over]


def test_what_began_long_before(api: Api, admin: User) -> None:
    """A space may be let for a year, a service booking take days: `from` finds whatever is not over, and only that."""
    day = datetime(2030, 12, 31, 21, tzinfo=UTC)  # midnight in the business's zone
    ada, owner = make_user(), make_user(Role.OWNER)
    year = make_service(duration_minutes=1440)
    rows = {}
    for days, name in ((366, "a year"), (366.5, "over"), (30, "a month")):
        row = space_booking(owner, ada)
        rows[name] = row.id
        starts_at = day - timedelta(days=days) + timedelta(seconds=1 if name == "a year" else 0)
        ends_at = starts_at + timedelta(days=366) if name != "a month" else day + timedelta(days=1)
        with transaction():
            db.session.execute(update(Booking).where(Booking.id == row.id).values(starts_at=starts_at, ends_at=ends_at))
    rows["a day"] = booking(service=year, starts_at=day - timedelta(hours=23)).id
    rows["done"] = booking(service=year, starts_at=day - timedelta(hours=24)).id
    long = booking(starts_at=day - timedelta(days=9))
    rows["days"] = long.id
    with transaction():
        db.session.execute(update(Booking).where(Booking.id == long.id).values(ends_at=day + timedelta(minutes=1)))
    rows["later"] = booking(starts_at=day + timedelta(days=400)).id
    expected = [rows[name] for name in ("a year", "a month", "days", "a day", "later")]
    assert listed(api, admin, sort="starts_at", **{"from": "2031-01-01"}) == expected
    assert listed(api, admin, sort="-created_at", **{"from": "2031-01-01"})[-1:] == [rows["a year"]]
    assert listed(api, admin, sort="starts_at", **{"from": "2031-01-01", "to": "2031-01-01"}) == expected[:-1]
    assert len(listed(api, admin, **{"from": "0002-01-01"})) == len(rows)


@each_case(
    ("query", "field"),
    [
        ({"status": "done"}, "status"),
        ({"status": ["pending", "PENDING"]}, "status"),
        ({"kind": "room"}, "kind"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2030-01-07T00:00:00Z"}, "to"),
        ({"from": "2030-01-08", "to": "2030-01-07"}, "to"),
        ({"service_id": "a"}, "service_id"),
        ({"client_id": 2**63}, "client_id"),
        ({"sort": "total"}, "sort"),
        ({"limit": 101}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"page": 1}, "cursor"),
    ],
)
def test_wrong_queries(api: Api, admin: User, query: dict[str, Any], field: str) -> None:
    """422 naming the parameter."""
    answer = api.get(PATH, query=query, token=token_for(admin))
    assert answer.status_code == 422
    assert field in answer.json["errors"], answer.json


def test_a_cursor_shows_nobody_elses(api: Api, admin: User) -> None:
    """IN-24: somebody else's cursor goes on in one's own list."""
    ada = make_user()
    mine = booking(ada).id
    for _ in range(3):
        booking()
    cursor = api.get(PATH, query={"limit": 1}, token=token_for(admin)).json["next_cursor"]
    assert listed(api, ada, cursor=cursor) in ([], [mine])


def test_a_row_shows_what_the_entity_shows(app: Flask, api: Api, admin: User) -> None:
    """In every status, past its time or not, of a service and of a space: what is listed, and read alone."""
    owner, ada, later = make_user(Role.OWNER), make_user(), NOW + timedelta(hours=1)
    waits: dict[str, Any] = {
        "status": BookingStatus.PENDING,
        "pending_reason": PendingReason.DEPOSIT,
        "deposit_amount": 70,
    }
    rows = [booking(ada, **waits, expires_at=at) for at in (later, NOW - timedelta(hours=1))]
    rows += [space_booking(owner, ada), make_visit(ada, make_service(), make_service(), staff=make_staff())]
    gone: dict[str, Any] = {
        "cancelled_at": NOW,
        "cancelled_by": ada.id,
        "cancel_reason": "Ill.",
        "cancel_fee_amount": 30,
    }
    rows.append(booking(ada, status=BookingStatus.CANCELLED, **gone))
    other = set(BookingStatus) - {BookingStatus.PENDING, BookingStatus.CANCELLED}
    rows += [booking(ada, status=status, paid_amount=20, no_show_fee_amount=50) for status in sorted(other)]
    db.session.expire_all()
    entities = db.session.scalars(queries.whole().where(Booking.client_id == ada.id)).all()
    expected = {one.id: app.json.loads(app.json.dumps(BookingOut().dump(one))) for one in entities}
    answer = api.get(PATH, query={"client_id": ada.id}, token=token_for(admin)).json
    assert {one["id"]: one for one in answer["items"]} == expected
    assert {row: api.get(f"{PATH}/{row}", token=token_for(ada)).json for row in expected} == expected
