"""Private calendar feeds: who gets in, until when, and what is left behind."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.bookings.ical import tokens
from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, CalendarToken, Role, Staff, User
from app.transactions import locked, transaction
from app.web import logs
from tests.api import Api, Client
from tests.bookings.desk import NOW
from tests.bookings.feeds import open_feed, path_of
from tests.factories import PASSWORD, PASSWORD_HASH, make_booking, make_service, make_staff, make_user, token_for

HOUR = timedelta(hours=1)

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def amina(app: Flask) -> User:
    """The account of a staff member, with a password."""
    return make_user(Role.STAFF, password_hash=PASSWORD_HASH)


@pytest.fixture
def staff(amina: User) -> Staff:
    """The staff member."""
    return make_staff(name="Amina", user_id=amina.id)


def kept() -> list[tuple[int | None, int | None]]:
    """Return (user id, staff id) of all tokens that are kept."""
    found = db.session.execute(select(CalendarToken.user_id, CalendarToken.staff_id).order_by(CalendarToken.id)).all()
    db.session.commit()
    return [(user_id, staff_id) for user_id, staff_id in found]


def refused(api: Api, path: str) -> None:
    """Ask for a feed and be told that there is none, as for one that never was."""
    answer, never = api.get(path), api.get("/api/staff/999999/calendar.ics?token=x")
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert {**answer.json, "instance": "", "request_id": ""} == {**never.json, "instance": "", "request_id": ""}
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_an_address_is_made_for_staff(api: Api, amina: User, staff: Staff) -> None:
    made = api.post(f"/api/staff/{staff.id}/calendar-token", token=token_for(amina))
    token = made.json["token"]
    path = f"/api/staff/{staff.id}/calendar.ics"
    assert made.status_code == 201
    assert made.json == {
        "url": f"http://127.0.0.1:5000{path}?token={token}",
        "token": token,
        "created_at": "2030-01-07T06:00:00Z",
    }
    assert len(token) == 43  # 256 bits
    assert made.headers["Location"] == path  # without the secret: it may be logged
    assert made.headers["Cache-Control"] == "no-store"
    assert api.get(path_of(made.json)).status_code == 200
    assert kept() == [(amina.id, staff.id)]


def test_an_address_is_made_for_oneself(api: Api, amina: User) -> None:
    made = api.post("/api/users/me/calendar-token", token=token_for(amina))
    token = made.json["token"]
    assert made.status_code == 201
    assert made.json["url"] == f"http://127.0.0.1:5000/api/users/{amina.id}/calendar.ics?token={token}"
    assert made.headers["Location"] == f"/api/users/{amina.id}/calendar.ics"
    assert api.get(path_of(made.json)).status_code == 200
    assert kept() == [(amina.id, None)]


def test_the_database_does_not_know_the_token(api: Api, amina: User, staff: Staff) -> None:
    made = [open_feed(api, whose).partition("token=")[2] for whose in (amina, staff)]
    held = repr([db.session.execute(select(table)).all() for table in db.metadata.tables.values()])
    db.session.commit()
    assert len(kept()) == 2
    assert not any(token in held for token in made)


def test_a_new_address_ends_the_one_before(api: Api, amina: User, staff: Staff) -> None:
    """Of each feed by itself."""
    for whose in (amina, staff):
        first, second = open_feed(api, whose), open_feed(api, whose)
        refused(api, first)
        assert api.get(second).status_code == 200
    assert len(kept()) == 2


def test_a_revoked_address_opens_nothing(api: Api, amina: User, staff: Staff) -> None:
    """Twice is as good as once; the other feed stays open."""
    paths = {"users/me": open_feed(api, amina), f"staff/{staff.id}": open_feed(api, staff)}
    token = token_for(amina)
    for left, (thing, path) in zip((1, 0), paths.items(), strict=True):
        for _ in range(2):
            assert api.delete(f"/api/{thing}/calendar-token", token=token).status_code == 204
        refused(api, path)
        assert len(kept()) == left


def test_a_wrong_token_opens_nothing(api: Api, amina: User, staff: Staff) -> None:
    """Nobody else's, not that of another kind, none, several, nor one that is no text of ours; a session neither."""
    own, others = open_feed(api, amina), open_feed(api, make_user())
    staffs, colleagues = open_feed(api, staff), open_feed(api, make_staff())
    token_of = {path: path.partition("token=")[2] for path in (own, others, staffs, colleagues)}
    for right, wrong in ((own, (others, staffs)), (staffs, (colleagues, own))):
        place, token = right.partition("?")[0], token_of[right]
        sent = [*(token_of[path] for path in wrong), "", token[:-1], f"{token}x", token.swapcase(), "é", "x" * 5000]
        for bad in sent:
            refused(api, f"{place}?token={bad}")
        refused(api, place)
        refused(api, f"{place}?token=x&token={token}")
        assert api.get(place, token=token_for(amina)).status_code == 404
        assert api.get(right).status_code == 200


def deactivate(api: Api, user: User) -> None:
    """Let an admin deactivate an account."""
    assert api.delete(f"/api/users/{user.id}", token=token_for(make_user(Role.ADMIN))).status_code == 204


def test_a_deactivated_accounts_feeds_are_closed(api: Api, amina: User, staff: Staff) -> None:
    paths = [open_feed(api, amina), open_feed(api, staff)]
    deactivate(api, amina)
    for path in paths:
        refused(api, path)


def test_an_inactive_staff_members_feed_is_closed(api: Api, amina: User, staff: Staff) -> None:
    """What the account has booked itself stays its own."""
    own, path = open_feed(api, amina), open_feed(api, staff)
    assert api.delete(f"/api/staff/{staff.id}", token=token_for(make_user(Role.ADMIN))).status_code == 204
    refused(api, path)
    assert api.get(own).status_code == 200


@pytest.mark.parametrize("role", [Role.CLIENT, Role.OWNER])
def test_who_is_no_staff_any_more_reads_no_staff_feed(role: Role, api: Api, amina: User, staff: Staff) -> None:
    path = open_feed(api, staff)
    with transaction():
        db.session.query(User).filter_by(id=amina.id).update({"role": role})
    refused(api, path)


def test_a_feed_does_not_go_to_the_next_account(api: Api, amina: User, staff: Staff) -> None:
    """Nor back: whoever had the address before the staff member had another account, or none, has an old address."""
    path = open_feed(api, staff)
    for user_id in (make_user(Role.STAFF).id, None):
        with transaction():
            db.session.get_one(Staff, staff.id).user_id = user_id
        refused(api, path)
    admins = open_feed(api, staff)
    assert api.get(admins).status_code == 200
    with transaction():
        db.session.get_one(Staff, staff.id).user_id = amina.id
    refused(api, admins)


def test_whoever_is_erased_leaves_no_token(api: Api, amina: User, staff: Staff) -> None:
    """Neither kind; those of others stay."""
    other = make_user()
    paths = [open_feed(api, amina), open_feed(api, staff)]
    stays = open_feed(api, other)
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(amina)).status_code == 204
    for path in paths:
        refused(api, path)
    assert api.get(stays).status_code == 200
    assert kept() == [(other.id, None)]


def test_whoever_is_erased_meanwhile_opens_nothing(
    api: Api, amina: User, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the guard and the lock the account goes; what it asked for is not left behind."""
    real, token = locked, token_for(amina)

    def late(kind: Any, row_id: int) -> Any:
        db.session.execute(update(Staff.__table__).values(user_id=None))  # type: ignore[arg-type]  # a table
        db.session.execute(update(User).where(User.id == amina.id).values(is_active=False))
        return real(kind, row_id)

    monkeypatch.setattr(tokens, "locked", late)
    codes = [
        api.post(f"/api/{thing}/calendar-token", token=token).json["code"]
        for thing in (f"staff/{staff.id}", "users/me")
    ]
    assert codes == ["forbidden", "token_revoked"]
    assert kept() == []


def test_staff_open_their_own_calendar_only(api: Api, staff: Staff) -> None:
    """And nothing of a colleague's changes."""
    path = open_feed(api, staff)
    colleague = token_for(make_user(Role.STAFF))
    for method in ("POST", "DELETE"):
        answer = api.call(method, f"/api/staff/{staff.id}/calendar-token", token=colleague)
        assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert api.get(path).status_code == 200


def test_the_audit_log_tells_who_opened_whose(api: Api, amina: User, staff: Staff) -> None:
    """Closing what is closed is nothing to tell."""
    admin = make_user(Role.ADMIN)
    token = token_for(admin)
    for method in ("POST", "DELETE", "DELETE"):
        api.call(method, f"/api/staff/{staff.id}/calendar-token", token=token)
    api.post("/api/users/me/calendar-token", token=token_for(amina))
    columns = (AuditEntry.action, AuditEntry.actor_id, AuditEntry.object_type, AuditEntry.object_id)
    found = db.session.execute(select(*columns).order_by(AuditEntry.id)).all()
    db.session.commit()
    assert [tuple(row) for row in found] == [
        ("bookings.feed_opened", admin.id, "staff", staff.id),
        ("bookings.feed_closed", admin.id, "staff", staff.id),
        ("bookings.feed_opened", amina.id, "user", amina.id),
    ]


def test_the_log_does_not_know_the_token(
    api: Api, amina: User, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not when it is made, used, or wrong."""
    logs.configure("DEBUG", as_json=True)
    try:
        paths = [open_feed(api, amina), open_feed(api, staff)]
        made = [path.partition("token=")[2] for path in paths]
        for path in paths:
            api.get(path)
            api.get(f"{path}{made[0]}")
        told = capsys.readouterr()
    finally:
        logs.configure("WARNING", as_json=False)
    assert told.out.count('/calendar.ics"') == 8  # as routes, and as paths
    assert not any(token in told.out + told.err for token in made)


def test_of_many_addresses_made_at_once_one_works(app: Flask, api: Api, amina: User, staff: Staff) -> None:
    """Each caller gets an answer; the last one's stays."""
    token = token_for(amina)

    def make(thing: str) -> Any:
        with clock.frozen(NOW):
            return Api(Client(app)).post(f"/api/{thing}/calendar-token", token=token)

    for thing in ("users/me", f"staff/{staff.id}"):
        with ThreadPoolExecutor(8) as callers:
            answers = list(callers.map(make, [thing] * 8))
        assert [answer.status_code for answer in answers] == [201] * 8
        assert sorted(api.get(path_of(answer.json)).status_code for answer in answers) == [200] + [404] * 7
    assert sorted(kept(), key=str) == [(amina.id, staff.id), (amina.id, None)]


def test_the_database_keeps_one_token_for_each_feed(amina: User, staff: Staff) -> None:
    """Past all of our code; and none that opens nothing."""
    rows: list[tuple[dict[str, Any], str]] = [
        ({"user_id": amina.id}, "user_id|uq_calendar_tokens_own"),
        ({"staff_id": staff.id}, "staff_id"),
        ({"staff_id": staff.id, "user_id": amina.id}, "staff_id"),
        ({}, "ck_calendar_tokens_subject"),
    ]
    for row, _ in rows[:2]:
        write_token(**row)
    for row, rule in rows:
        with pytest.raises(IntegrityError, match=rule):
            write_token(**row)
    assert db.session.scalar(select(func.count()).select_from(CalendarToken)) == 2


def write_token(**row: Any) -> None:
    """Write a token of nobody's making."""
    with transaction():
        db.session.execute(insert(CalendarToken).values(token_hash="0" * 64, created_at=NOW, **row))


def test_a_booking_is_in_the_feed_at_once(api: Api, amina: User) -> None:
    """The address stays the same for ever."""
    path = open_feed(api, amina)
    assert "BEGIN:VEVENT" not in api.get(path).text
    make_booking(amina, make_service(), make_staff(), NOW + HOUR)
    assert api.get(path).text.count("BEGIN:VEVENT") == 1
