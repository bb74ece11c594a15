"""`POST /api/users/me/erase`: nothing of a person is left, and all of the books."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import bcrypt
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.audit.service import record, user_thing
from app.extensions import db
from app.jobs.outbox import enqueue
from app.kit import clock
from app.models import (
    AuditEntry,
    AuthSession,
    Booking,
    BookingHistory,
    BookingStatus,
    Closure,
    IdempotencyKey,
    OneTimeToken,
    OutboxEvent,
    PendingReason,
    Role,
    Step,
    TokenPurpose,
    User,
)
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_booking,
    make_service,
    make_staff,
    make_user,
    make_working_staff,
    sign_in,
    token_for,
)

PATH = "/api/users/me/erase"
NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRACES = ("xanthippe", "quillfeather", "254712345678", "wrote this", "xylo/1.0")
"""What the data of the person to be erased holds, and nobody else's."""


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def person(app: Flask) -> User:
    """Somebody with a password who filled in everything."""
    return make_user(
        email="xanthippe@quillfeather.example",
        first_name="Xanthippe",
        last_name="Quillfeather",
        phone="+254712345678",
        country="KE",
        timezone="Africa/Nairobi",
        bio="Xanthippe wrote this.",
        password_hash=PASSWORD_HASH,
    )


def erase(api: Api, token: str, password: str = PASSWORD) -> tuple[int, str]:
    """Ask for erasure; return status and code."""
    answer = api.post(PATH, {"password": password}, token=token)
    return answer.status_code, answer.json["code"] if answer.status_code != 204 else ""


def leave_traces(person: User) -> Booking:
    """Let the person have used everything there is; return what was booked."""
    service = make_service()
    staff = make_working_staff(service)
    past = NOW - 48 * HOUR
    make_booking(person, service, staff, past, notes="Quillfeather wrote this.")
    cancelled = {"cancelled_at": past, "cancelled_by": person.id, "cancel_reason": "Xanthippe wrote this"}
    booking = make_booking(person, service, staff, NOW + HOUR, status=BookingStatus.CANCELLED, **cancelled)
    change = {"from_status": BookingStatus.CONFIRMED, "to_status": BookingStatus.CANCELLED}
    mailed = {"purpose": TokenPurpose.PASSWORD_RESET, "token_hash": "h", "email": "xanthippe@quillfeather.example"}
    with transaction():
        db.session.add(
            BookingHistory(booking_id=booking.id, actor_id=person.id, step=Step.CANCEL, reason="wrote this", **change)
        )
        db.session.add(OneTimeToken(user_id=person.id, expires_at=NOW + HOUR, **mailed))
        for payload in ({"user_id": person.id, "to": "xanthippe"}, {"user_id": None}, {"booking_id": person.id}):
            enqueue("things.mailed", payload, due_at=NOW)
        (first, *_) = db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
        first.last_error = "550 no such mailbox: xanthippe@quillfeather.example"
        dead = {"topic": "things.mailed", "payload": {"user_id": person.id}, "last_error": "no xanthippe@…"}
        db.session.add(OutboxEvent(**dead, dead_at=NOW))
        db.session.add(IdempotencyKey(user_id=person.id, key="wrote this", fingerprint="f", body="wrote this"))
        record("things.done", actor_id=person.id, thing=user_thing(person.id))
    return booking


def texts() -> dict[str, str]:
    """Return all that the database holds, as text, by table."""
    tables = db.metadata.tables.items()
    found = {name: repr(db.session.execute(select(table)).all()) for name, table in tables}
    db.session.rollback()
    return found


def traces(held: dict[str, str]) -> dict[str, list[str]]:
    """Return which traces of the person stand in which tables."""
    found = {name: [trace for trace in TRACES if trace in told.casefold()] for name, told in held.items()}
    return {name: seen for name, seen in found.items() if seen}


def entered(api: Api, person: User) -> str:
    """Sign the person in by its password, from a known place; return the token."""
    headers = {"User-Agent": "Xylo/1.0", "X-Request-ID": "wrote.this-xanthippe"}
    login = {"email": person.email, "password": PASSWORD}
    answer = api.post("/api/auth/login", login, headers=headers)
    assert answer.status_code == 200
    return str(answer.json["access_token"])


def test_nothing_is_left_in_any_column_of_any_table(api: Api, person: User) -> None:
    """Every table is read before, where the traces show, and after, where none does. What was booked stays."""
    leave_traces(person)
    token = entered(api, person)
    failed = {"X-Request-ID": "xanthippe-again"}
    api.post("/api/auth/login", {"email": person.email, "password": "wrong"}, headers=failed)
    before = texts()
    seen = traces(before)
    assert seen.keys() == {
        "users",
        "bookings",
        "booking_history",
        "one_time_tokens",
        "outbox_events",
        "auth_sessions",
        "idempotency_keys",
        "audit_entries",
    }
    assert "127.0.0.1" in before["audit_entries"]
    assert erase(api, token) == (204, "")
    after = texts()
    assert traces(after) == {}
    assert "127.0.0.1" not in after["audit_entries"]
    lost = {name for name in before if before[name].count("), (") > after[name].count("), (")}
    assert lost <= {"one_time_tokens", "idempotency_keys"}


def test_what_is_left(api: Api, person: User) -> None:
    """An account that names nobody and opens nothing; bookings, prices, times and who did what."""
    booking = leave_traces(person)
    bystander = make_user()
    theirs = sign_in(bystander)
    tokens = sign_in(person)
    assert erase(api, tokens.access_token) == (204, "")
    gone = db.session.get_one(User, person.id, populate_existing=True)
    assert (gone.name, gone.email, gone.email_key, gone.phone, gone.password_hash) == ("Erased", None, None, None, None)
    assert (gone.is_active, gone.email_verified, gone.erased_at, gone.role) == (False, False, NOW, Role.CLIENT)
    kept = db.session.get_one(Booking, booking.id, populate_existing=True)
    assert (kept.client_id, kept.status, kept.cancel_reason, kept.version) == (
        person.id,
        BookingStatus.CANCELLED,
        "",
        2,
    )
    assert (kept.total_amount, kept.cancelled_by, kept.reference) == (4500, person.id, booking.reference)
    (session,) = db.session.scalars(select(AuthSession).where(AuthSession.user_id == person.id)).all()
    assert (session.ended_at, session.user_agent) == (NOW, "")
    for table in (OneTimeToken, IdempotencyKey):
        assert db.session.scalar(select(func.count()).select_from(table)) == 0
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.actor_id, entry.address) for entry in entries] == [
        ("things.done", person.id, None),
        ("users.erased", person.id, None),
    ]
    tasks = db.session.scalars(select(OutboxEvent).order_by(OutboxEvent.id)).all()
    assert [(task.payload, task.done_at) for task in tasks] == [
        ({}, NOW),
        ({"user_id": None}, None),
        ({"booking_id": person.id}, None),
        ({}, None),
    ]
    assert [task.dead_at for task in tasks] == [None, None, None, NOW]
    db.session.rollback()
    for token, status in ((tokens.access_token, 401), (theirs.access_token, 200)):
        assert api.get("/api/users/me", token=token).status_code == status
    assert api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token}).status_code == 401


def test_the_address_is_free_again(api: Api, person: User) -> None:
    """TK-12: the old token is refused; whoever registers with the address is somebody else."""
    email, token = person.email, token_for(person)
    assert erase(api, token) == (204, "")
    assert erase(api, token) == (401, "token_revoked")
    fresh = {"email": email, "password": PASSWORD, "first_name": "New", "last_name": "Person"}
    made = api.post("/api/auth/register", fresh)
    assert (made.status_code, made.json["user"]["id"] != person.id) == (201, True)
    assert api.get("/api/bookings", token=made.json["access_token"]).json["items"] == []


def test_whoever_works_here_sees_that_somebody_was_erased(api: Api, person: User) -> None:
    """The bookings still have a client."""
    leave_traces(person)
    assert erase(api, token_for(person)) == (204, "")
    staff = token_for(make_user(Role.STAFF))
    assert api.get(f"/api/users/{person.id}", token=staff).json["name"] == "Erased"
    booked = api.get("/api/bookings", query={"client_id": person.id}, token=staff).json["items"]
    assert [one["notes"] for one in booked] == ["", ""]


@pytest.mark.parametrize("password", ["wrong horse battery", "", "x" * 200])
def test_a_wrong_password_erases_nothing(api: Api, person: User, password: str) -> None:
    """403, and counted as at the login."""
    token = token_for(person)
    before = texts()
    assert erase(api, token, password) == (403, "wrong_password")
    after = texts()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"users", "audit_entries"}
    assert db.session.scalar(select(User.failed_logins).where(User.id == person.id)) == 1


def test_an_account_without_a_password_cannot_confirm(api: Api) -> None:
    """Nor can one that was locked for too many wrong ones."""
    invited = make_user()
    assert erase(api, token_for(invited)) == (403, "wrong_password")
    locked = make_user(password_hash=PASSWORD_HASH, locked_until=NOW + HOUR)
    assert erase(api, token_for(locked)) == (403, "wrong_password")
    assert db.session.scalar(select(func.count()).select_from(User).where(User.erased_at.is_not(None))) == 0


@each_case(
    ("fields", "field"), [({}, "password"), ({"password": 7}, "password"), ({"password": PASSWORD, "id": 1}, "id")]
)
def test_shapes_that_cannot_be(api: Api, person: User, fields: dict[str, Any], field: str) -> None:
    """422 with the field named."""
    answer = api.post(PATH, fields, token=token_for(person))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


WAITING = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}


@pytest.mark.parametrize(
    ("starts_in", "fields", "stands_against"),
    [
        (HOUR, {}, True),
        (-HOUR / 2, {}, True),  # it is going on
        (HOUR, WAITING | {"expires_at": NOW + HOUR / 2}, True),
        (HOUR, WAITING | {"expires_at": NOW}, False),
        (-HOUR, {}, False),
        (HOUR, {"status": BookingStatus.CANCELLED, "cancelled_at": NOW}, False),
        (HOUR, {"status": BookingStatus.DECLINED}, False),
    ],
    ids=str,
)
def test_bookings_ahead_stand_against_it(
    api: Api, person: User, starts_in: timedelta, fields: dict[str, Any], stands_against: bool
) -> None:
    """409 with their list; those that are over, or will not be, do not."""
    service = make_service()
    booking = make_booking(person, service, make_staff(), NOW + starts_in, **fields)
    token = token_for(person)
    before = texts()
    answer = api.post(PATH, {"password": PASSWORD}, token=token)
    if not stands_against:
        assert answer.status_code == 204
        return
    assert (answer.status_code, answer.json["code"]) == (409, "future_bookings")
    assert [one["reference"] for one in answer.json["bookings"]] == [booking.reference]
    assert texts() == before


def test_bookings_of_others_do_not_matter(api: Api, person: User) -> None:
    """Nor what the person booked for somebody else."""
    make_booking(make_user(), make_service(), make_staff(), NOW + HOUR, created_by=person.id, notes="keep me")
    assert erase(api, token_for(person)) == (204, "")
    assert db.session.scalar(select(Booking.notes)) == "keep me"


def test_the_last_admin_cannot_be_erased(api: Api) -> None:
    """AZ-16: 409, until there is another."""
    last = make_user(Role.ADMIN, password_hash=PASSWORD_HASH)
    token = token_for(last)
    assert erase(api, token) == (409, "last_admin")
    assert api.get("/api/users/me", token=token).status_code == 200
    make_user(Role.ADMIN)
    assert erase(api, token) == (204, "")


def test_a_staff_member_is_unlinked(api: Api) -> None:
    """Contact, account and reasons for absence go; the profile stays the business's, and can be linked again."""
    account = make_user(Role.STAFF, password_hash=PASSWORD_HASH)
    staff = make_staff(name="Jo", user_id=account.id, email="jo@example.test", phone="+254712345678")
    colleague = make_staff()
    with transaction():
        for resource in (staff, colleague):
            absence = {"starts_at": NOW + HOUR, "ends_at": NOW + 2 * HOUR, "reason": "Dentist"}
            db.session.add(Closure(resource_id=resource.id, **absence))
    assert erase(api, token_for(account)) == (204, "")
    admin = token_for(make_user(Role.ADMIN))
    shown = api.get(f"/api/staff/{staff.id}", token=admin).json
    assert [shown[name] for name in ("name", "user_id", "email", "phone")] == ["Jo", None, None, None]
    reasons = db.session.execute(select(Closure.resource_id, Closure.reason)).all()
    assert sorted(reasons) == sorted([(staff.id, ""), (colleague.id, "Dentist")])


def write_elsewhere(app: Flask) -> None:
    """Write by a connection of one's own, in a thread of one's own."""
    with app.app_context(), db.engine.connect() as other:
        other.execute(text("UPDATE users SET bio = 'written meanwhile'"))
        other.commit()


def test_nothing_is_locked_while_the_password_is_checked(
    app: Flask, api: Api, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection writes while the request stands in its hash, although its token was looked up before."""
    real, token, bystander = bcrypt.checkpw, token_for(person), make_user()

    def slow(password: bytes, hashed: bytes) -> bool:
        with ThreadPoolExecutor(1) as other:
            other.submit(write_elsewhere, app).result(5)
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", slow)
    assert erase(api, token) == (204, "")
    bios = dict(db.session.execute(select(User.id, User.bio)).all())
    assert (bios[person.id], bios[bystander.id]) == ("", "written meanwhile")


def test_a_password_that_was_changed_meanwhile_confirms_nothing(
    app: Flask, api: Api, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that was checked must still be the account's when it is locked."""
    real, token = bcrypt.checkpw, token_for(person)

    def change(to: str) -> None:
        with app.app_context(), db.engine.connect() as other:
            other.execute(text("UPDATE users SET password_hash = :hash"), {"hash": to})
            other.commit()

    def slow(password: bytes, hashed: bytes) -> bool:
        changing = threading.Thread(target=change, args=["$2b$04$another"])
        changing.start()
        changing.join()
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", slow)
    assert erase(api, token) == (403, "wrong_password")
    assert db.session.scalar(select(User.erased_at)) is None


@pytest.mark.databases("sqlite")
def test_tasks_are_found_by_an_index(app: Flask, api: Api, person: User, count_statements: CountStatements) -> None:
    """However many are done: admins wait meanwhile."""
    with count_statements() as statements:
        assert erase(api, token_for(person)) == (204, "")
    plans = [
        " ".join(step.detail for step in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", args))
        for said in statements
        if said.startswith("UPDATE outbox_events")
        for args in [("x",) * said.count("?")]
    ]
    db.session.rollback()
    assert ["ix_outbox_events_due_at" in plans[0], "ix_outbox_events_dead_at" in plans[1]] == [True, True]
