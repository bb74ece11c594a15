"""A booking's life over HTTP: which step is legal when, for whom, and what it leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Allocation, BookingStatus, Closure, DepositType, OutboxEvent, PendingReason, Role, User
from tests.api import Api
from tests.bookings.desk import NOW
from tests.factories import make_booking, make_service, make_staff, make_user, make_working_staff, token_for

TEN = NOW + timedelta(hours=4)
AFTER = TEN + timedelta(minutes=30)
ACTIONS = ("approve", "decline", "cancel", "complete", "no-show")

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def admin(app: Flask) -> User:
    """An admin."""
    return make_user(Role.ADMIN)


def booked(api: Api, ada: User, **fields: Any) -> dict[str, Any]:
    """Book ten o'clock of a new service with new staff; return the booking."""
    service = make_service(**fields)
    staff = make_working_staff(service)
    body = {"service_id": service.id, "staff_id": staff.id, "starts_at": "2030-01-07T10:00:00Z"}
    answer = api.post("/api/bookings", json=body, token=token_for(ada))
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def act(api: Api, who: User, booking_id: int, action: str, **body: Any) -> Any:
    """Ask for a step."""
    return api.post(f"/api/bookings/{booking_id}/{action}", json=body, token=token_for(who))


def allocations() -> int:
    """Count what is taken."""
    count = db.session.scalar(select(func.count()).select_from(Allocation)) or 0
    db.session.commit()
    return count


EXPECTED = {
    "pending": {"approve": 200, "decline": 200, "cancel": 200, "complete": 409, "no-show": 409},
    "deposit": {"approve": 409, "decline": 200, "cancel": 200, "complete": 409, "no-show": 409},
    "overdue": {"approve": 409, "decline": 409, "cancel": 409, "complete": 409, "no-show": 409},
    "confirmed": {"approve": 409, "decline": 409, "cancel": 200, "complete": 200, "no-show": 200},
    "declined": {"approve": 409, "decline": 409, "cancel": 409, "complete": 409, "no-show": 409},
    "expired": {"approve": 409, "decline": 409, "cancel": 409, "complete": 409, "no-show": 409},
    "cancelled": {"approve": 409, "decline": 409, "cancel": 200, "complete": 409, "no-show": 409},
    "completed": {"approve": 409, "decline": 409, "cancel": 409, "complete": 409, "no-show": 409},
    "no_show": {"approve": 409, "decline": 409, "cancel": 409, "complete": 409, "no-show": 409},
}


def in_state(state: str, ada: User) -> int:
    """Write a booking in a state; return its id."""
    pending = {"status": BookingStatus.PENDING, "expires_at": AFTER + timedelta(hours=1)}
    fields: dict[str, Any] = {
        "pending": pending | {"pending_reason": PendingReason.APPROVAL},
        "deposit": pending | {"pending_reason": PendingReason.DEPOSIT, "deposit_amount": 100},
        "overdue": pending | {"pending_reason": PendingReason.APPROVAL, "expires_at": AFTER},
        "cancelled": {
            "status": BookingStatus.CANCELLED,
            "cancelled_at": NOW,
            "cancel_fee_amount": 0,
            "cancel_reason": "",
        },
    }.get(state) or {"status": BookingStatus(state)}
    return make_booking(ada, make_service(), make_staff(), TEN, **fields).id


@pytest.mark.parametrize("state", EXPECTED)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_step_from_every_status(api: Api, ada: User, admin: User, state: str, action: str) -> None:
    """BK-38: after the start, by an admin, only the documented steps; a refused one changes nothing."""
    booking_id = in_state(state, ada)
    path = f"/api/bookings/{booking_id}"
    with clock.frozen(AFTER):
        before = api.get(path, token=token_for(admin)).json
        answer = act(api, admin, booking_id, action)
        after = api.get(path, token=token_for(admin)).json
    assert answer.status_code == EXPECTED[state][action], answer.json
    if answer.status_code == 409:
        assert answer.json["code"] == "invalid_transition"
    if answer.status_code == 409 or state == "cancelled":
        assert after == before
    else:
        assert (
            after["status"]
            == {
                "approve": "confirmed",
                "decline": "declined",
                "cancel": "cancelled",
                "complete": "completed",
                "no-show": "no_show",
            }[action]
        )
        assert after["version"] == before["version"] + 1


def test_approval_confirms_or_asks_for_the_deposit(api: Api, ada: User, admin: User) -> None:
    """A deposit asked for by an approval is due within 24 hours or by the start; the time stays taken."""
    plain = booked(api, ada, requires_approval=True)
    found = act(api, admin, plain["id"], "approve").json
    assert (found["status"], found["pending_reason"], found["expires_at"]) == ("confirmed", None, None)
    costly = booked(api, ada, requires_approval=True, deposit_type=DepositType.FIXED, deposit_value=900)
    found = act(api, admin, costly["id"], "approve").json
    assert (found["status"], found["pending_reason"]) == ("pending", "deposit")
    assert found["expires_at"] == "2030-01-07T10:00:00Z"
    assert allocations() == 2
    steps = api.get(f"/api/bookings/{costly['id']}/history", token=token_for(ada)).json["items"]
    assert [(s["step"], s["from"], s["to"], s["actor_id"]) for s in steps] == [
        ("create", None, "pending", ada.id),
        ("approve", "pending", "pending", admin.id),
    ]


def test_declined_time_is_free_again(api: Api, ada: User, admin: User) -> None:
    """And the reason is kept."""
    asked = booked(api, ada, requires_approval=True)
    assert act(api, admin, asked["id"], "decline", reason="Fully staffed.").json["status"] == "declined"
    assert allocations() == 0
    last = api.get(f"/api/bookings/{asked['id']}/history?sort=-at&limit=1", token=token_for(ada)).json["items"][0]
    assert (last["step"], last["reason"]) == ("decline", "Fully staffed.")


def test_cancelling_frees_the_time_once(api: Api, ada: User) -> None:
    """Cancelling what is cancelled succeeds and changes nothing."""
    mine = booked(api, ada)
    first = act(api, ada, mine["id"], "cancel", reason="Ill.")
    assert first.json["cancelled"] == {
        "at": "2030-01-07T06:00:00Z",
        "by": ada.id,
        "reason": "Ill.",
        "fee": {"amount": 0, "currency": "KES"},
    }
    assert first.json["balance_due"]["amount"] == 0
    assert allocations() == 0
    assert act(api, ada, mine["id"], "cancel").json == first.json
    assert api.delete(f"/api/bookings/{mine['id']}", token=token_for(ada)).status_code == 204
    history = api.get(f"/api/bookings/{mine['id']}/history", token=token_for(ada)).json["items"]
    assert len(history) == 2


def test_delete_means_cancel(api: Api, ada: User) -> None:
    """204, and 409 for other final ones."""
    mine = booked(api, ada)
    assert api.delete(f"/api/bookings/{mine['id']}", token=token_for(ada)).status_code == 204
    assert api.get(f"/api/bookings/{mine['id']}", token=token_for(ada)).json["status"] == "cancelled"
    declined = in_state("declined", ada)
    assert api.delete(f"/api/bookings/{declined}", token=token_for(ada)).status_code == 409


def test_deleting_is_for_ones_own_and_for_admins(api: Api, ada: User, admin: User) -> None:
    """One's own before its start, staff too; an admin's at any time; staff may not delete what they may cancel."""
    staff = make_user(Role.STAFF)
    foreign, own = (make_booking(who, make_service(), make_staff(), TEN).id for who in (ada, staff))

    def delete(who: User, booking_id: int) -> tuple[int, str | None]:
        answer = api.delete(f"/api/bookings/{booking_id}", token=token_for(who))
        return answer.status_code, answer.json["code"] if answer.status_code >= 400 else None

    assert delete(staff, foreign) == (403, "forbidden")
    assert api.get(f"/api/bookings/{foreign}", token=token_for(ada)).json["status"] == "confirmed"
    with clock.frozen(TEN):
        assert delete(ada, foreign) == (409, "booking_started")
        assert delete(staff, own) == (409, "booking_started")
        assert delete(admin, foreign) == (204, None)
    assert delete(staff, own) == (204, None)


def test_a_client_cancels_only_before_the_start(api: Api, ada: User, admin: User) -> None:
    """409 booking_started; staff and admin still may."""
    mine = booked(api, ada)
    with clock.frozen(TEN):
        answer = act(api, ada, mine["id"], "cancel")
        assert (answer.status_code, answer.json["code"]) == (409, "booking_started")
        assert allocations() == 1
        assert act(api, admin, mine["id"], "cancel").status_code == 200


def test_the_late_fee_is_what_the_quote_said(api: Api, ada: User, admin: User) -> None:
    """Free until the day before; later the deposit is kept, unless staff waive it."""
    states = [
        make_booking(ada, make_service(), make_staff(), TEN + timedelta(days=2), late_cancel_fee_amount=900)
        for _ in (1, 2, 3)
    ]
    free, late, waived = (booking.id for booking in states)

    def quote(booking_id: int) -> int:
        path = f"/api/bookings/{booking_id}/cancellation-quote"
        return int(api.get(path, token=token_for(ada)).json["fee"]["amount"])

    assert quote(free) == 0
    assert act(api, ada, free, "cancel").json["cancelled"]["fee"]["amount"] == 0
    with clock.frozen(TEN + timedelta(days=1)):
        assert quote(late) == 900
        refused = act(api, ada, late, "cancel", waive_fee=True)
        assert (refused.status_code, refused.json["code"]) == (403, "forbidden")
        assert act(api, ada, late, "cancel").json["cancelled"]["fee"]["amount"] == 900
        assert act(api, admin, waived, "cancel", waive_fee=True).json["cancelled"]["fee"]["amount"] == 0


def test_the_quote_after_the_start_is_what_cancelling_would_say(api: Api, ada: User, admin: User) -> None:
    """The fee for those who may still cancel, the same refusal for the client."""
    staff = make_user(Role.STAFF)
    kept = make_booking(ada, make_service(), make_staff(), TEN, late_cancel_fee_amount=900, paid_amount=1000)
    path = f"/api/bookings/{kept.id}/cancellation-quote"
    with clock.frozen(TEN):
        for refused in (api.get(path, token=token_for(ada)), act(api, ada, kept.id, "cancel")):
            assert (refused.status_code, refused.json["code"]) == (409, "booking_started")
        for who in (staff, admin):
            quote = api.get(path, token=token_for(who)).json
            assert (quote["fee"]["amount"], quote["refund"]["amount"]) == (900, 100)
        assert act(api, staff, kept.id, "cancel").json["cancelled"]["fee"]["amount"] == 900
        gone = api.get(path, token=token_for(admin))
        assert (gone.status_code, gone.json["code"]) == (409, "invalid_transition")


def last_change(api: Api, booking_id: int) -> tuple[str, dict[str, Any]]:
    """Return the last step of a booking's history, and what it tells of it."""
    path = f"/api/bookings/{booking_id}/history?sort=-at&limit=1"
    change = api.get(path, token=token_for(make_user(Role.ADMIN))).json["items"][0]
    return change["step"], change["details"]


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_a_missed_visit_is_forgiven(api: Api, ada: User, role: Role) -> None:
    """The fee is not charged; what was agreed is told as it was, and the history says how much was given up."""
    clerk = make_user(role)
    charged, waived = (
        make_booking(ada, make_service(), make_staff(), TEN, no_show_fee_amount=900).id for _ in ("charged", "waived")
    )
    with clock.frozen(AFTER):
        assert act(api, clerk, charged, "no-show").json["balance_due"]["amount"] == 900
        found = act(api, clerk, waived, "no-show", waive_fee=True, reason="Ill.")
        assert found.status_code == 200, found.json
        assert last_change(api, charged) == ("no_show", {})
        assert last_change(api, waived) == ("no_show", {"fee_waived": 900})
    assert (found.json["status"], found.json["balance_due"]["amount"]) == ("no_show", 0)
    assert (found.json["policy"]["no_show_fee"]["amount"], found.json["cancelled"]) == (900, None)


@pytest.mark.parametrize("late", [True, False])
def test_a_waived_late_fee_is_told(api: Api, ada: User, admin: User, late: bool) -> None:
    """What would have been kept at that moment; where that is nothing, there is nothing to tell."""
    fees = {"late_cancel_fee_amount": 900, "no_show_fee_amount": 500}
    kept = make_booking(ada, make_service(), make_staff(), TEN + timedelta(days=0 if late else 3), **fees).id
    assert act(api, admin, kept, "cancel", waive_fee=True).json["cancelled"]["fee"]["amount"] == 0
    assert last_change(api, kept) == ("cancel", {"fee_waived": 900} if late else {})


@pytest.mark.parametrize(
    ("state", "action"),
    [("pending", "approve"), ("pending", "decline"), ("confirmed", "complete"), ("confirmed", "no-show")],
)
def test_where_nothing_can_be_waived(api: Api, ada: User, admin: User, state: str, action: str) -> None:
    """The same body is taken, and the step is the same."""
    plain, waiving = in_state(state, ada), in_state(state, ada)
    with clock.frozen(AFTER):
        steps = [
            act(api, admin, plain, action, reason="So."),
            act(api, admin, waiving, action, reason="So.", waive_fee=True),
        ]
        assert last_change(api, plain) == last_change(api, waiving) == (action.replace("-", "_"), {})
    assert [step.status_code for step in steps] == [200, 200], steps[1].json
    names = ("status", "balance_due", "deposit_due", "policy", "version")
    told = [[step.json[name] for name in names] for step in steps]
    assert told[0] == told[1]


@pytest.mark.parametrize("action", ["complete", "no-show"])
def test_nothing_is_concluded_before_its_start(api: Api, ada: User, admin: User, action: str) -> None:
    """409 not_started until the very instant."""
    mine = booked(api, ada)
    with clock.frozen(TEN - timedelta(microseconds=1)):
        answer = act(api, admin, mine["id"], action)
        assert (answer.status_code, answer.json["code"]) == (409, "not_started")
    with clock.frozen(TEN):
        assert act(api, admin, mine["id"], action).status_code == 200
    assert allocations() == 1


def test_who_may_decide(api: Api, ada: User) -> None:
    """AZ-05: clients never; other clients see nothing; owners nothing of services; staff all of them."""
    mine = booked(api, ada, requires_approval=True)
    for action in ("approve", "decline", "complete", "no-show"):
        assert act(api, ada, mine["id"], action).status_code == 403
    for stranger in (make_user(), make_user(Role.OWNER)):
        assert act(api, stranger, mine["id"], "cancel").status_code == 404
        assert api.get(f"/api/bookings/{mine['id']}", token=token_for(stranger)).status_code == 404
    assert act(api, make_user(Role.OWNER), mine["id"], "approve").status_code == 404
    assert act(api, make_user(Role.STAFF), mine["id"], "approve").status_code == 200


def test_the_worker_expires_what_nobody_decided(api: Api, ada: User, admin: User) -> None:
    """At its deadline and not before; a decided one is left alone."""
    waiting, decided = (booked(api, ada, requires_approval=True) for _ in (1, 2))
    act(api, admin, decided["id"], "approve")
    work_once()
    assert work_once() == 0
    with clock.frozen(TEN):
        assert work_once() >= 2
        assert work_once() == 0
        found = [api.get(f"/api/bookings/{b['id']}", token=token_for(ada)).json for b in (waiting, decided)]
    assert [b["status"] for b in found] == ["expired", "confirmed"]
    assert (found[0]["version"], allocations()) == (2, 1)
    assert db.session.scalar(select(func.count()).where(OutboxEvent.done_at.is_(None))) == 0


def test_freed_time_goes_to_the_time_off_over_it(api: Api, ada: User, admin: User) -> None:
    """Time off forced over a booking takes the time when the booking is cancelled, in the same transaction."""
    mine = booked(api, ada)
    staff_id = mine["items"][0]["staff_id"]
    body = {"starts_at": "2030-01-07T09:00:00Z", "ends_at": "2030-01-07T12:00:00Z"}
    path = f"/api/staff/{staff_id}/time-off"
    refused = api.post(path, json=body, token=token_for(admin))
    assert (refused.status_code, refused.json["code"]) == (409, "bookings_in_the_way")
    assert [c["booking_id"] for c in refused.json["clashes"]] == [mine["id"]]
    assert allocations() == 1
    forced = api.post(path, json=body | {"force": True}, token=token_for(admin))
    assert forced.status_code == 201
    assert [c["reference"] for c in forced.json["clashes"]] == [mine["reference"]]
    assert spans() == [("09:00", "10:00", False), ("10:00", "11:00", True), ("11:00", "12:00", False)]
    assert act(api, ada, mine["id"], "cancel").status_code == 200
    assert spans() == [("09:00", "10:00", False), ("10:00", "11:00", False), ("11:00", "12:00", False)]
    assert api.delete(f"{path}/{forced.json['id']}", token=token_for(admin)).status_code == 204
    assert spans() == []
    assert db.session.scalar(select(func.count()).select_from(Closure)) == 0


def spans() -> list[tuple[str, str, bool]]:
    """Return what is taken, in order, and whether by a booking."""
    rows = db.session.scalars(select(Allocation).order_by(Allocation.starts_at)).all()
    found = [(f"{a.starts_at:%H:%M}", f"{a.ends_at:%H:%M}", a.booking_id is not None) for a in rows]
    db.session.commit()
    return found
