"""The catalogue of spaces: who adds, changes and retires what, and what is refused."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingStatus, Role, Space, User
from app.transactions import transaction
from tests.access.test_fields import everything
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import PASSWORD, PASSWORD_HASH, make_image, make_space, make_space_booking, make_user, token_for
from tests.spaces.desk import LEAST, SPACES, added, names, wrong

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def owner(app: Flask) -> User:
    """Whose the spaces are."""
    return make_user(Role.OWNER)


def test_a_new_space_is_everything_the_contract_says(api: Api, owner: User) -> None:
    """Defaults for all that is not required; the zone is the country's; it is read where it says."""
    answer = api.post(SPACES, LEAST, token=token_for(owner))
    space = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/spaces/{space['id']}")
    assert space == LEAST | {
        "id": space["id"],
        "owner_id": owner.id,
        "description": "",
        "latitude": None,
        "longitude": None,
        "timezone": "Africa/Nairobi",
        "amenities": [],
        "price_per_hour": {"amount": 250_000, "currency": "KES"},
        "min_minutes": 60,
        "max_minutes": 1440,
        "instant_booking": True,
        "deposit": {"type": "none", "value": 0},
        "min_notice_minutes": 0,
        "max_advance_days": 365,
        "cancellation_window_minutes": 1440,
        "status": "available",
        "images": [],
        "rating": {"count": 0, "average": None},
        "version": 1,
        "created_at": "2030-01-07T06:00:00Z",
    }
    assert api.get(answer.headers["Location"]).json == space


def test_all_that_can_be_said(api: Api, owner: User) -> None:
    """What is sent comes back; amenities without capitals, each once."""
    said: dict[str, Any] = {
        "description": "Bright.\nOpens on the garden.",
        "latitude": -1.2921,
        "longitude": 36.8219,
        "min_minutes": 90,
        "max_minutes": 600,
        "instant_booking": False,
        "deposit": {"type": "percent", "value": 20},
        "min_notice_minutes": 120,
        "max_advance_days": 90,
        "cancellation_window_minutes": 2880,
        "status": "unavailable",
    }
    space = added(api, owner, **said, amenities=["WiFi", "projector", "wifi", "ÉCRAN"])
    assert {name: space[name] for name in said} == said
    assert space["amenities"] == ["wifi", "projector", "écran"]
    assert added(api, owner)["name"] == space["name"], "names need not differ"


@each_case(
    ("fields", "zone"),
    [
        ({}, "Africa/Nairobi"),
        ({"country": "US"}, "America/New_York"),
        ({"country": "AU"}, "Australia/Sydney"),
        ({"country": "DE"}, "Europe/Berlin"),
        ({"country": "US", "latitude": 34.05, "longitude": -118.24}, "America/Los_Angeles"),
        ({"country": "US", "latitude": 0, "longitude": -30}, "America/New_York"),  # at sea
        ({"country": "XK"}, "Africa/Nairobi"),  # the table has none: the business's
        ({"latitude": 52.52, "longitude": 13.4, "timezone": "Asia/Tokyo"}, "Asia/Tokyo"),
    ],
)
def test_the_zone_is_where_the_space_is(api: Api, owner: User, fields: dict[str, Any], zone: str) -> None:
    """Given; else by the coordinates; else by the country; else the business's. Moving does not change it."""
    space = added(api, owner, **fields)
    assert space["timezone"] == zone
    moved = {"country": "JP", "latitude": 35.68, "longitude": 139.69}
    changed = api.patch(f"{SPACES}/{space['id']}", moved, token=token_for(owner)).json
    assert (changed["timezone"], changed["country"]) == (zone, "JP")


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "an empty name": ({"name": " "}, ["name"]),
    "a name of 201": ({"name": "x" * 201}, ["name"]),
    "NUL": ({"description": "a\0b"}, ["description"]),
    "a country by name": ({"country": "Kenya"}, ["country"]),
    "nobody": ({"capacity": 0}, ["capacity"]),
    "half a person": ({"capacity": 1.5}, ["capacity"]),
    "less than nothing": ({"price_per_hour": {"amount": -1}}, ["price_per_hour.amount"]),
    "other money": ({"price_per_hour": {"amount": 1, "currency": "USD"}}, ["price_per_hour.currency"]),
    "a latitude alone": ({"latitude": 1}, ["longitude"]),
    "a longitude alone": ({"longitude": 1}, ["latitude"]),
    "beyond the pole": ({"latitude": 90.1, "longitude": 0}, ["latitude"]),
    "beyond the date line": ({"latitude": 0, "longitude": -180.5}, ["longitude"]),
    "coordinates in words": ({"latitude": "1", "longitude": True}, ["latitude", "longitude"]),
    "a huge coordinate": ({"latitude": 10**400, "longitude": 1}, ["latitude"]),
    "a zone that is not": ({"timezone": "Africa/Atlantis"}, ["timezone"]),
    "shortest beyond longest": ({"min_minutes": 120, "max_minutes": 60}, ["max_minutes"]),
    "longest below the usual shortest": ({"max_minutes": 30}, ["max_minutes"]),
    "more than all": ({"deposit": {"type": "percent", "value": 101}}, ["deposit.value"]),
    "31 amenities": ({"amenities": [f"a{n}" for n in range(31)]}, ["amenities"]),
    "an amenity without letters": ({"amenities": ["wifi", ""]}, ["amenities.1"]),
    "a long amenity": ({"amenities": ["x" * 41]}, ["amenities.0"]),
    "one that is long without capitals": (
        {"amenities": ["wifi", "\N{LATIN CAPITAL LETTER SHARP S}" * 21]},
        ["amenities.1"],
    ),
    "another status": ({"status": "retired"}, ["status"]),
    "an unknown field": ({"owner": 1}, ["owner"]),
    "its number": ({"id": 1}, ["id"]),
    "whose it is": ({"owner_id": 1}, ["owner_id"]),
}


@refused_by_shape
@each_case("what", REFUSED)
def test_what_is_refused_names_the_field(api: Api, app: Flask, owner: User, what: str) -> None:
    """Added, put or patched; and nothing is written."""
    fields, named = REFUSED[what]
    space = make_space(owner)
    token = token_for(owner)
    before = everything(app)
    assert wrong(api.post(SPACES, LEAST | fields, token=token)) == named
    for method in ("PATCH", "PUT"):
        answer = api.call(method, f"{SPACES}/{space.id}", json=fields, token=token)
        assert wrong(answer) == named
    assert everything(app) == before


def test_what_is_required(api: Api, owner: User) -> None:
    """These six, and no others."""
    answer = api.post(SPACES, {}, token=token_for(owner))
    assert wrong(answer) == sorted(LEAST)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_change_keeps_the_rest(api: Api, owner: User, method: str) -> None:
    """PUT does as PATCH; each counts the version up; a version seen before is 412."""
    space, token = added(api, owner, amenities=["wifi"]), token_for(owner)
    path = f"{SPACES}/{space['id']}"
    answer = api.call(method, path, json={"capacity": 4}, token=token, headers={"If-Match": '"1"'})
    assert answer.json == space | {"capacity": 4, "version": 2}
    stale = api.call(method, path, json={"name": "Late"}, token=token, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json["code"]) == (412, "version_conflict")
    assert api.delete(path, token=token, headers={"If-Match": '"1"'}).status_code == 412
    assert api.get(path).json["name"] == space["name"]


def test_coordinates_come_and_go_together(api: Api, owner: User) -> None:
    """Also where one of them is there already."""
    space, token = added(api, owner, latitude=1, longitude=2), token_for(owner)
    path = f"{SPACES}/{space['id']}"
    assert wrong(api.patch(path, {"latitude": None}, token=token)) == ["latitude"]
    assert api.patch(path, {"latitude": 3}, token=token).json["latitude"] == 3.0
    gone = api.patch(path, {"latitude": None, "longitude": None}, token=token).json
    assert (gone["latitude"], gone["longitude"]) == (None, None)
    assert wrong(api.patch(path, {"max_minutes": 59}, token=token)) == ["max_minutes"]


def test_another_owners_space(api: Api, app: Flask, owner: User) -> None:
    """AZ-04: seen by everybody, and changed by nobody else: 403, as api.md has it of what one may see and not do."""
    space = make_space(owner)
    rival, path = token_for(make_user(Role.OWNER)), f"{SPACES}/{space.id}"
    before = everything(app)
    assert api.patch(path, {"name": "Mine"}, token=rival).status_code == 403
    assert api.delete(path, token=rival).status_code == 403
    assert api.put(f"{path}/hours", {"hours": []}, token=rival).status_code == 403
    assert everything(app) == before


def test_admins_say_whose_it_is(api: Api, owner: User) -> None:
    """An owner's or an admin's; what they add without a word is their own."""
    admin = make_user(Role.ADMIN)
    assert added(api, admin)["owner_id"] == admin.id
    space = added(api, admin, owner_id=owner.id)
    assert space["owner_id"] == owner.id
    path, token = f"{SPACES}/{space['id']}", token_for(admin)
    for somebody, said in ((make_user(), 422), (make_user(Role.OWNER, is_active=False), 422)):
        assert api.patch(path, {"owner_id": somebody.id}, token=token).status_code == said
    answer = api.patch(path, {"owner_id": 2**40}, token=token)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["owner_id"])
    rival = make_user(Role.OWNER)
    assert api.patch(path, {"owner_id": rival.id}, token=token).json["owner_id"] == rival.id
    assert api.patch(path, {"name": "Mine"}, token=token_for(owner)).status_code == 403


def test_a_space_that_is_not_let(api: Api, owner: User) -> None:
    """Read by anybody; listed by that status, and to its owner and admins; not booked."""
    space = make_space(owner, name="Closed", active=False)
    make_space(owner, name="Open")
    assert api.get(f"{SPACES}/{space.id}").json["status"] == "unavailable"
    assert names(api) == ["Open"]
    assert names(api, status="unavailable") == ["Closed"]
    assert names(api, status="available") == ["Open"]
    for user, seen in ((owner, 2), (make_user(Role.ADMIN), 2), (make_user(Role.OWNER), 1), (make_user(), 1)):
        assert len(api.get(SPACES, token=token_for(user)).json["items"]) == seen
    wanted = {"space_id": space.id, "starts_at": "2030-01-08T10:00:00Z", "ends_at": "2030-01-08T11:00:00Z"}
    refused = api.post("/api/bookings", wanted, token=token_for(make_user()))
    assert (refused.status_code, refused.json["code"]) == (409, "resource_inactive")


def test_retiring(api: Api, owner: User) -> None:
    """Gone from every list, still to be read; twice is as good as once; an owner may let it again."""
    space, token = make_space(owner), token_for(owner)
    path = f"{SPACES}/{space.id}"
    for _ in range(2):
        assert api.delete(path, token=token).status_code == 204
    assert api.get(path).json["status"] == "unavailable"
    for query in ({}, {"status": "unavailable"}, {"owner_id": owner.id}):
        assert api.get(SPACES, query=query, token=token).json["items"] == []
    assert api.patch(path, {"name": "Old"}, token=token).json["status"] == "unavailable"
    assert api.get(SPACES, query={"status": "unavailable"}).json["items"] == []
    assert api.patch(path, {"status": "available"}, token=token).json["status"] == "available"
    assert names(api) == ["Old"]


@pytest.mark.parametrize("status", ["confirmed", "pending", "completed", "cancelled", "lapsed"])
def test_bookings_ahead_stand_in_the_way(api: Api, app: Flask, owner: User, status: str) -> None:
    """409 with their list, and nothing changes; what is over or given up does not count."""
    space, ahead = make_space(owner), NOW + timedelta(days=1)
    make_space_booking(make_user(), space, NOW - timedelta(days=1))
    fields: dict[str, Any] = {"status": BookingStatus("pending" if status == "lapsed" else status)}
    if status in {"pending", "lapsed"}:
        until = NOW + timedelta(hours=1 if status == "pending" else -1)
        fields |= {"pending_reason": "approval", "expires_at": until}
    if status == "cancelled":
        fields |= {"cancelled_at": NOW}
    booking = make_space_booking(make_user(), space, ahead, **fields)
    before = everything(app)
    answer = api.delete(f"{SPACES}/{space.id}", token=token_for(owner))
    if status not in {"confirmed", "pending"}:
        assert answer.status_code == 204
        return
    assert (answer.status_code, answer.json["code"]) == (409, "future_bookings")
    assert answer.json["bookings"] == [
        {
            "booking_id": booking.id,
            "reference": booking.reference,
            "starts_at": "2030-01-08T06:00:00Z",
            "ends_at": "2030-01-08T07:00:00Z",
        }
    ]
    changed = {name for name, rows in everything(app).items() if rows != before[name]}
    assert changed <= {"auth_sessions", "refresh_tokens"}


def test_an_owner_who_wants_to_be_forgotten(api: Api, owner: User) -> None:
    """Its spaces are in the export; they are retired and nobody learns where they are; bookings ahead stand first."""
    space = make_space(owner, name="Loft", description="At home.", latitude=1.0, longitude=2.0)
    make_image(resource_id=space.id)
    booking = make_space_booking(make_user(), space, NOW + timedelta(days=1))
    with transaction():
        db.session.get_one(User, owner.id).password_hash = PASSWORD_HASH
    token, password = token_for(owner), {"password": PASSWORD}
    exported = api.get("/api/users/me/export", token=token).json["spaces"]
    assert [one["name"] for one in exported] == ["Loft"]
    assert api.post("/api/users/me/erase", password, token=token).json["code"] == "future_bookings"
    with transaction():
        db.session.get_one(Booking, booking.id).status = BookingStatus.COMPLETED
    assert api.post("/api/users/me/erase", password, token=token).status_code == 204
    left = api.get(f"{SPACES}/{space.id}").json
    assert (left["status"], left["address"], left["description"], left["latitude"]) == ("unavailable", "", "", None)
    assert left["images"] == []
    assert db.session.get_one(Space, space.id, populate_existing=True).retired_at == NOW


WAYS_OUT: dict[str, tuple[Role, str, dict[str, Any] | None]] = {
    "deactivated": (Role.OWNER, "DELETE", None),
    "deactivated as a change": (Role.OWNER, "PATCH", {"is_active": False}),
    "an owner who becomes a client": (Role.OWNER, "PATCH", {"role": "client"}),
    "an admin who becomes staff": (Role.ADMIN, "PATCH", {"role": "staff"}),
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_who_may_own_no_more_lets_nothing(api: Api, way: str) -> None:
    """Its spaces are neither listed nor booked, and nobody opens them but for an account that may own; others stay."""
    role, method, body = WAYS_OUT[way]
    landlord, admin = make_user(role), token_for(make_user(Role.ADMIN))
    space = make_space(landlord, name="Loft")
    make_space(name="Other")
    path, account = f"{SPACES}/{space.id}", f"/api/users/{landlord.id}"
    assert api.call(method, account, json=body, token=admin).status_code in {200, 204}
    assert api.get(path).json["status"] == "unavailable"
    assert names(api) == ["Other"]
    wanted = {"space_id": space.id, "starts_at": "2030-01-08T10:00:00Z", "ends_at": "2030-01-08T11:00:00Z"}
    refused = api.post("/api/bookings", wanted, token=token_for(make_user()))
    assert (refused.status_code, refused.json["code"]) == (409, "resource_inactive")
    assert wrong(api.patch(path, {"status": "available"}, token=admin)) == ["status"]
    assert api.get(path).json["status"] == "unavailable"
    assert api.patch(path, {"name": "Attic"}, token=admin).status_code == 200
    heir = {"status": "available", "owner_id": make_user(Role.OWNER).id}
    assert api.patch(path, heir, token=admin).json["status"] == "available"
    assert names(api) == ["Attic", "Other"]


def test_who_stays_a_landlord_goes_on(api: Api, owner: User) -> None:
    """An owner who becomes an admin, or is blocked from booking, lets as before; who comes back opens again."""
    space, admin = make_space(owner), token_for(make_user(Role.ADMIN))
    account, path = f"/api/users/{owner.id}", f"{SPACES}/{space.id}"
    for change in ({"role": "admin"}, {"blocked": True}, {"role": "owner"}):
        assert api.patch(account, change, token=admin).status_code == 200
        assert api.get(path).json["status"] == "available"
    for active, status in ((False, "unavailable"), (True, "unavailable")):
        assert api.patch(account, {"is_active": active}, token=admin).status_code == 200
        assert api.get(path).json["status"] == status
    assert api.patch(path, {"status": "available"}, token=admin).json["status"] == "available"


def test_answers_are_kept_by_who_has_them(api: Api, owner: User) -> None:
    """An `ETag` each, and 304 while nothing changes."""
    space = make_space(owner)
    for path in (SPACES, f"{SPACES}/{space.id}"):
        tag = api.get(path).headers["ETag"]
        assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
