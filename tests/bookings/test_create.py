"""`POST /api/bookings`: what is accepted, what is refused and why, and that a refusal changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import (
    Allocation,
    Booking,
    BookingHistory,
    BookingItem,
    Closure,
    DepositType,
    OutboxEvent,
    Role,
    Service,
    Staff,
    User,
)
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import (
    assign,
    make_booking,
    make_service,
    make_staff,
    make_user,
    make_working_staff,
    set_hours,
    token_for,
)

TEN = "2030-01-07T10:00:00Z"

pytestmark = pytest.mark.usefixtures("monday_morning")


def rows() -> dict[str, int]:
    """Count everything that a booking writes."""
    tables = (Allocation, Booking, BookingItem, BookingHistory, OutboxEvent)
    counts = {t.__tablename__: db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
    db.session.commit()
    return counts


def book(api: Api, who: User, service: Service, starts_at: str = TEN, **fields: Any) -> Any:
    """Ask for a booking."""
    body = {"service_id": service.id, "starts_at": starts_at} | fields
    return api.post("/api/bookings", json=body, token=token_for(who))


def refused(api: Api, who: User, service: Service, starts_at: str = TEN, **fields: Any) -> dict[str, Any]:
    """Ask for a booking that must answer 409 with alternatives and change nothing; return the problem."""
    before = rows()
    answer = book(api, who, service, starts_at, **fields)
    assert answer.status_code == 409, answer.json
    assert rows() == before
    assert 0 <= len(answer.json["alternatives"]) <= 5
    problem: dict[str, Any] = answer.json
    return problem


def test_a_booking_is_everything_the_contract_says(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Every field, and the rows behind it."""
    answer = book(api, ada, service, staff_id=staff.id, notes="Window seat", starts_at="2030-01-07T13:00:00+03:00")
    assert answer.status_code == 201, answer.json
    found = answer.json
    assert answer.headers["Location"] == f"/api/bookings/{found['id']}"
    money = {"amount": 4500, "currency": "KES"}
    nothing = {"amount": 0, "currency": "KES"}
    assert found | {"id": 0, "reference": ""} == {
        "id": 0,
        "reference": "",
        "kind": "service",
        "status": "confirmed",
        "pending_reason": None,
        "expires_at": None,
        "client_id": ada.id,
        "starts_at": TEN,
        "ends_at": "2030-01-07T11:00:00Z",
        "timezone": "UTC",
        "items": [
            {
                "service_id": service.id,
                "service_name": service.name,
                "staff_id": staff.id,
                "staff_name": staff.name,
                "starts_at": TEN,
                "ends_at": "2030-01-07T11:00:00Z",
                "price": money,
            }
        ],
        "space_id": None,
        "series_id": None,
        "space_name": None,
        "party_size": 1,
        "notes": "Window seat",
        "total": money,
        "deposit_due": nothing,
        "amount_paid": nothing,
        "balance_due": money,
        "policy": {
            "cancel_free_until": "2030-01-06T10:00:00Z",
            "late_cancel_fee": nothing,
            "no_show_fee": nothing,
        },
        "cancelled": None,
        "version": 1,
        "created_at": "2030-01-07T06:00:00Z",
        "updated_at": "2030-01-07T06:00:00Z",
    }
    assert rows() == {
        "allocations": 1,
        "bookings": 1,
        "booking_items": 1,
        "booking_history": 1,
        "outbox_events": 1,
    }
    again = api.get(answer.headers["Location"], token=token_for(ada))
    assert again.json == found


def test_own_price_and_duration_of_the_assignment_apply(api: Api, ada: User, service: Service) -> None:
    """Staff member S performs service V at an own price, in an own time."""
    staff = make_staff()
    set_hours(staff)
    assign(staff, service, price_amount=9900, duration_minutes=90)
    found = book(api, ada, service).json
    assert (found["total"]["amount"], found["ends_at"]) == (9900, "2030-01-07T11:30:00Z")


def test_any_staff_is_the_one_with_least_to_do_that_day(api: Api, ada: User, service: Service) -> None:
    """Ties go to the lower id; other days do not count."""
    first, second = make_working_staff(service), make_working_staff(service)
    chosen = [
        book(api, ada, service, f"2030-01-07T{hour}:00:00Z").json["items"][0]["staff_id"] for hour in (10, 12, 14)
    ]
    assert chosen == [first.id, second.id, first.id]
    tomorrow = book(api, ada, service, "2030-01-08T10:00:00Z").json["items"][0]["staff_id"]
    assert tomorrow == first.id
    assert book(api, ada, service, "2030-01-07T10:00:00Z").json["items"][0]["staff_id"] == second.id
    assert refused(api, ada, service)["code"] == "slot_taken"


def test_least_to_do_is_reckoned_without_buffers(api: Api, ada: User, service: Service) -> None:
    """60 booked minutes between two long buffers are fewer than 75 without; one minute decides."""
    buffered = make_service(buffer_before_minutes=30, buffer_after_minutes=45)
    long = make_service(duration_minutes=75)
    first, second = make_working_staff(service, long), make_working_staff(service, buffered)
    book(api, ada, long, staff_id=first.id)
    book(api, ada, buffered, staff_id=second.id)
    assert book(api, ada, service, "2030-01-07T14:00:00Z").json["items"][0]["staff_id"] == second.id
    short = make_service(duration_minutes=14)
    third = make_working_staff(service)
    assign(first, short)
    assign(third, long)
    book(api, ada, long, staff_id=third.id)
    book(api, ada, long, "2030-01-07T12:00:00Z", staff_id=third.id)
    book(api, ada, short, "2030-01-07T09:00:00Z", staff_id=first.id)
    chosen = [book(api, ada, service, f"2030-01-07T{at}:00Z").json["items"][0]["staff_id"] for at in ("15:00", "16:00")]
    assert chosen == [first.id, second.id]  # 89 against 120 and 150; then 149 against 120


def test_least_to_do_counts_what_is_done_on_that_day(api: Api, ada: User) -> None:
    """Of work over midnight the part of the day; nothing of time off, nor of what was cancelled or has lapsed."""
    service, night = make_service(), make_service(duration_minutes=180)
    asked = make_service(deposit_type=DepositType.FIXED, deposit_value=100)
    first, second = make_staff(), make_staff()
    for staff in (first, second):
        set_hours(staff, "00:00", "24:00")
        for work in (service, night, asked):
            assign(staff, work)
    book(api, ada, night, "2030-01-07T23:00:00Z", staff_id=first.id)  # one hour of Monday, two of Tuesday
    book(api, ada, night, "2030-01-07T22:30:00Z", staff_id=second.id)  # half an hour more of Monday, less of Tuesday
    gone = book(api, ada, service, "2030-01-07T14:00:00Z", staff_id=first.id).json
    api.post(f"/api/bookings/{gone['id']}/cancel", json={}, token=token_for(ada))
    book(api, ada, asked, "2030-01-07T15:00:00Z", staff_id=first.id)
    with transaction():
        absence = Absence(NOW + timedelta(hours=10), NOW + timedelta(hours=12))
        add_closure(resource_id=first.id, absence=absence, force=False, actor_id=None)
    with clock.frozen(NOW + timedelta(minutes=30)):
        monday, tuesday = (book(api, ada, service, f"2030-01-0{day}T12:00:00Z").json for day in (7, 8))
    assert monday["items"][0]["staff_id"] == first.id
    assert tuesday["items"][0]["staff_id"] == second.id


def test_slot_taken_offers_the_nearest(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The problem says why and what can be had; BK-34: a double click books once."""
    book(api, ada, service, staff_id=staff.id)
    problem = refused(api, ada, service, staff_id=staff.id)
    assert (problem["code"], problem["type"], problem["status"]) == (
        "slot_taken",
        "/problems/slot_taken",
        409,
    )
    offered = [slot["starts_at"] for slot in problem["alternatives"]]
    assert offered == [f"2030-01-07T{t}:00Z" for t in ("09:00", "11:00", "11:15", "11:30", "11:45")]
    assert problem["alternatives"][0] == {
        "starts_at": "2030-01-07T09:00:00Z",
        "ends_at": "2030-01-07T10:00:00Z",
        "staff_ids": [staff.id],
        "price": {"amount": 4500, "currency": "KES"},
    }
    assert book(api, ada, service, offered[0], staff_id=staff.id).status_code == 201


def test_alternatives_name_other_staff_at_the_same_time_first(
    api: Api, ada: User, service: Service, staff: Staff
) -> None:
    """Same staff at other times, other staff at the same time."""
    other = make_working_staff(service)
    book(api, ada, service, staff_id=staff.id)
    slots = refused(api, ada, service, staff_id=staff.id)["alternatives"]
    assert (slots[0]["starts_at"], slots[0]["staff_ids"]) == (TEN, [other.id])
    assert all(staff.id in slot["staff_ids"] for slot in slots[1:])


@each_case(
    ("starts_at", "code"),
    [
        ("2030-01-07T05:59:59Z", "notice_too_short"),
        ("2020-01-07T10:00:00Z", "notice_too_short"),
        ("0002-01-02T00:00:00Z", "notice_too_short"),
        ("2031-01-08T10:00:00Z", "beyond_horizon"),
        ("2999-01-07T10:00:00Z", "beyond_horizon"),
        ("9999-12-31T23:00:00Z", "beyond_horizon"),
        ("2030-01-07T08:00:00Z", "outside_opening_hours"),
        ("2030-01-07T16:15:00Z", "outside_opening_hours"),
        ("2030-01-07T17:00:00Z", "outside_opening_hours"),
        ("2030-01-07T10:07:00Z", "not_on_grid"),
        ("2030-01-07T10:00:30Z", "not_on_grid"),
        ("2030-01-07T10:00:00.5Z", "not_on_grid"),
    ],
)
def test_times_that_cannot_be_had(
    api: Api, ada: User, service: Service, staff: Staff, starts_at: str, code: str
) -> None:
    """BF-08, BF-09, BF-11, BF-13: each with its reason."""
    problem = refused(api, ada, service, starts_at)
    assert problem["code"] == code
    assert len(problem["alternatives"]) == 5


def test_notice_and_horizon_of_the_service(api: Api, ada: User) -> None:
    """Two hours' notice, ten days ahead."""
    service = make_service(min_notice_minutes=240, max_advance_days=10)
    make_working_staff(service)
    assert refused(api, ada, service, "2030-01-07T09:45:00Z")["code"] == "notice_too_short"
    assert book(api, ada, service, "2030-01-07T10:00:00Z").status_code == 201
    assert refused(api, ada, service, "2030-01-17T09:00:00Z")["code"] == "beyond_horizon"


def test_buffers_keep_apart(api: Api, ada: User) -> None:
    """BF-01, BF-04: the buffered ranges of two bookings must not overlap."""
    service = make_service(buffer_before_minutes=30, buffer_after_minutes=15)
    make_working_staff(service)
    assert book(api, ada, service).status_code == 201
    for minute in ("11:15", "11:30"):
        assert refused(api, ada, service, f"2030-01-07T{minute}:00Z")["code"] == "slot_taken"
    assert book(api, ada, service, "2030-01-07T11:45:00Z").status_code == 201


def test_who_cannot_do_it(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Not assigned, inactive, retired; and a colleague is offered where there is one."""
    stranger = make_working_staff()
    problem = refused(api, ada, service, staff_id=stranger.id)
    assert problem["code"] == "staff_not_assigned"
    assert problem["alternatives"][0]["staff_ids"] == [staff.id]
    inactive = make_working_staff(service, active=False)
    assert refused(api, ada, service, staff_id=inactive.id)["code"] == "resource_inactive"
    retired = make_service(active=False)
    make_working_staff(retired)
    problem = refused(api, ada, retired)
    assert (problem["code"], problem["alternatives"]) == ("resource_inactive", [])
    assert refused(api, ada, make_service())["code"] == "staff_not_assigned"


def test_any_staff_answers_with_the_reason_of_the_one_that_came_furthest(
    api: Api, ada: User, service: Service, staff: Staff
) -> None:
    """One is closed, the other is taken: taken is nearer to a yes."""
    closed = make_staff()
    assign(closed, service)
    book(api, ada, service, staff_id=staff.id)
    assert refused(api, ada, service)["code"] == "slot_taken"


def test_a_blocked_client_is_told_first(api: Api, service: Service, staff: Staff) -> None:
    """`client_blocked` comes before every other reason; there is nothing that they could have instead."""
    blocked = make_user(is_blocked=True)
    problem = refused(api, blocked, service, "2020-01-01T00:00:01Z")
    assert (problem["code"], problem["alternatives"]) == ("client_blocked", [])


def test_time_off_is_taken_time(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """A closure without allocations (the whole business) refuses as well."""
    db.session.add(Closure(starts_at=NOW, ends_at=NOW + timedelta(hours=5)))
    db.session.commit()
    assert refused(api, ada, service)["code"] == "slot_taken"
    assert book(api, ada, service, "2030-01-07T11:00:00Z").status_code == 201


@pytest.mark.parametrize(
    ("fields", "status", "pending", "expires"),
    [
        ({"requires_approval": True}, "pending", "approval", "2030-01-07T10:00:00Z"),
        (
            {"deposit_type": DepositType.PERCENT, "deposit_value": 20},
            "pending",
            "deposit",
            "2030-01-07T06:30:00Z",
        ),
        (
            {"deposit_type": DepositType.FIXED, "deposit_value": 900},
            "pending",
            "deposit",
            "2030-01-07T06:30:00Z",
        ),
        ({"deposit_type": DepositType.FIXED, "deposit_value": 0}, "confirmed", None, None),
    ],
)
def test_what_a_new_booking_waits_for(
    api: Api, ada: User, fields: dict[str, Any], status: str, pending: str | None, expires: str | None
) -> None:
    """Approval within 48 hours or by the start, a deposit within 30 minutes; the deadline is in the outbox."""
    service = make_service(**fields)
    make_working_staff(service)
    found = book(api, ada, service).json
    assert (found["status"], found["pending_reason"], found["expires_at"]) == (status, pending, expires)
    deposit = 900 if pending == "deposit" else 0
    assert found["deposit_due"]["amount"] == deposit
    assert found["policy"]["late_cancel_fee"]["amount"] == deposit
    assert rows()["outbox_events"] == (2 if pending else 1)  # what has happened, and the deadline


def test_approval_has_48_hours(api: Api, ada: User) -> None:
    """Where the start is further away."""
    service = make_service(requires_approval=True)
    make_working_staff(service)
    assert book(api, ada, service, "2030-01-14T10:00:00Z").json["expires_at"] == "2030-01-09T06:00:00Z"


def test_pending_blocks_the_person_not_only_the_service(api: Api, ada: User, service: Service) -> None:
    """BK-04: a pending request for one service takes the time of its staff for all."""
    asked = make_service(requires_approval=True)
    staff = make_working_staff(service, asked)
    book(api, ada, asked)
    assert refused(api, ada, service, "2030-01-07T10:30:00Z", staff_id=staff.id)["code"] == "slot_taken"


def test_lapsed_pending_time_is_free_at_once(app: Flask, api: Api, ada: User, service: Service) -> None:
    """Nobody has swept, and the next one who asks gets the time; its own task writes down that the first expired."""
    asked = make_service(deposit_type=DepositType.FIXED, deposit_value=100)
    staff = make_working_staff(service, asked)
    first = book(api, ada, asked).json
    with clock.frozen(NOW + timedelta(minutes=30)):
        shown = api.get(f"/api/bookings/{first['id']}", token=token_for(ada)).json
        assert (shown["status"], shown["pending_reason"]) == ("expired", None)
        assert book(api, ada, service, staff_id=staff.id).status_code == 201
        with app.app_context():
            work_once()
    steps = db.session.scalars(
        select(BookingHistory.step).where(BookingHistory.booking_id == first["id"]).order_by(BookingHistory.id)
    )
    assert list(steps) == ["create", "expire"]
    assert rows()["allocations"] == 1


class TestForWhom:
    """Clients book for themselves, staff and admins for a client they name."""

    def test_staff_must_say_for_whom(self, api: Api, ada: User, service: Service, staff: Staff) -> None:
        """422 without a client; for_self books for oneself."""
        clerk = make_user(Role.STAFF)
        answer = book(api, clerk, service)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["client_id"])
        assert book(api, clerk, service, client_id=ada.id).json["client_id"] == ada.id
        mine = book(api, clerk, service, "2030-01-07T12:00:00Z", for_self=True)
        assert mine.json["client_id"] == clerk.id

    @pytest.mark.parametrize("role", [Role.CLIENT, Role.OWNER])
    def test_others_only_for_themselves(self, api: Api, service: Service, staff: Staff, role: Role) -> None:
        """Another's id names nothing that they may see."""
        me, other = make_user(role), make_user()
        answer = book(api, me, service, client_id=other.id)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
        assert list(answer.json["errors"]) == ["client_id"]
        assert rows()["bookings"] == 0
        assert book(api, me, service, client_id=me.id).json["client_id"] == me.id

    @pytest.mark.parametrize("path", ["", "/holds", "/series", "/waitlist"])
    @pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN, Role.CLIENT])
    def test_for_oneself_and_for_another(
        self, api: Api, ada: User, service: Service, staff: Staff, role: Role, path: str
    ) -> None:
        """One or the other; naming oneself is no contradiction."""
        me = make_user(role)
        when: dict[str, dict[str, Any]] = {
            "/waitlist": {"from": "2030-01-07", "to": "2030-01-13"},
            "/series": {"starts_at": TEN, "repeat": {"every_weeks": 1, "count": 2}},
        }
        body = {"service_id": service.id, "for_self": True} | when.get(path, {"starts_at": TEN})
        answer = api.post(f"/api/bookings{path}", body | {"client_id": ada.id}, token=token_for(me))
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["for_self"])
        assert rows()["bookings"] == 0
        assert api.post(f"/api/bookings{path}", body | {"client_id": me.id}, token=token_for(me)).status_code == 201


@pytest.mark.parametrize("field", ["service_id", "staff_id"])
def test_ids_that_name_nothing(api: Api, ada: User, service: Service, staff: Staff, field: str) -> None:
    """404 with the field named."""
    answer = book(api, ada, service, TEN, **{field: 2**62})
    assert (answer.status_code, answer.json["code"], list(answer.json["errors"])) == (
        404,
        "not_found",
        [field],
    )


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"starts_at": "2030-01-07T10:00:00"}, "starts_at"),
        ({"starts_at": "tomorrow"}, "starts_at"),
        ({"starts_at": "infinity"}, "starts_at"),
        ({"starts_at": 5}, "starts_at"),
        ({"starts_at": None}, "starts_at"),
        ({"service_id": "1"}, "service_id"),
        ({"service_id": 0}, "service_id"),
        ({"service_id": -1}, "service_id"),
        ({"service_id": 2**63}, "service_id"),
        ({"service_id": 1.0}, "service_id"),
        ({"service_id": True}, "service_id"),
        ({"party_size": 0}, "party_size"),
        ({"party_size": "2"}, "party_size"),
        ({"notes": "x" * 2001}, "notes"),
        ({"notes": "a\u0000b"}, "notes"),
        ({"notes": {}}, "notes"),
        ({"for_self": 1}, "for_self"),
        ({"status": "confirmed"}, "status"),
        ({"price": {"amount": 1}}, "price"),
        ({"start_time": TEN}, "start_time"),
    ],
)
def test_wrong_shapes(api: Api, ada: User, service: Service, staff: Staff, fields: dict[str, Any], field: str) -> None:
    """422 with the field named, and nothing written."""
    answer = book(api, ada, service, **fields)
    assert answer.status_code == 422, answer.json
    assert field in answer.json["errors"]
    assert rows()["bookings"] == 0


def test_references_that_meet_are_drawn_again(
    api: Api, ada: User, service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among a million bookings one new reference in a thousand is already somebody's."""
    other = make_booking(ada, service, make_staff(), NOW, reference="BK-AAAAAA")
    drawn = iter(["BK-AAAAAA", "BK-BBBBBB"])
    monkeypatch.setattr("app.bookings.service.create.new_reference", lambda _prefix: next(drawn))
    assert book(api, ada, service).json["reference"] == "BK-BBBBBB"
    assert other.reference == "BK-AAAAAA"
