"""Which freed time is offered to whom, by whichever way it was freed; and what that costs."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.bookings.waitlist.matching import Window, best_first, bits_of, text_of, times_of, weekdays_of
from app.extensions import db
from app.kit import clock
from app.kit.intervals import Span, to_span
from app.models import DepositType, Hold, OutboxEvent, Role
from app.transactions import transaction
from tests.bookings.desk import MONDAY, NOW, at
from tests.bookings.waiting import Salon, living_holds, states, work
from tests.conftest import CountStatements
from tests.factories import assign, make_service, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.mark.parametrize(
    "fields",
    [
        {"from": "2030-01-08", "to": "2030-01-13"},
        {"days": [1, 2, 3, 4, 5, 6]},
        {"times": [{"from": "09:00", "to": "10:30"}]},
        {"times": [{"from": "10:30", "to": "24:00"}]},
        {"times": [{"from": "09:00", "to": "10:00"}, {"from": "10:30", "to": "12:00"}]},
    ],
    ids=str,
)
def test_what_does_not_suit_goes_past(salon: Salon, fields: dict[str, Any]) -> None:
    """To whoever comes after, whom it suits."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(**fields), salon.waits()
    fill(salon, "09:00", "11:00")
    salon.cancel(booking)
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]


@pytest.mark.parametrize(
    "fields",
    [
        {"from": MONDAY, "to": MONDAY},
        {"days": [0]},
        {"times": [{"from": "10:00", "to": "11:00"}]},
        {"times": [{"from": "10:30", "to": "11:00"}, {"from": "10:00", "to": "10:30"}]},
        {"staff_id": None},
    ],
    ids=str,
)
def test_what_just_suits(salon: Salon, fields: dict[str, Any]) -> None:
    """Both ends included; times that touch are one."""
    booking = salon.booked("10:00")
    ada = salon.waits(**fields)
    fill(salon, "09:00", "11:00")
    salon.cancel(booking)
    assert states([ada]) == [("offered", "10:00")]


def fill(salon: Salon, *clocks: str) -> None:
    """Let Jane be busy at these hours."""
    for hour in clocks:
        salon.booked(hour)


def test_a_wish_for_somebody_else(salon: Salon) -> None:
    """Who waits for Zoe gets nothing of Jane's."""
    zoe = make_working_staff(salon.service, name="Zoe")
    booking = salon.booked("10:00")
    ada, bob = salon.waits(staff_id=zoe.id), salon.waits(staff_id=salon.jane.id)
    salon.cancel(booking)
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]


def test_another_service_of_the_same_staff(salon: Salon) -> None:
    """What is freed serves whatever she performs, if there is room for it with its buffers."""
    long, short = make_service(duration_minutes=90), make_service(duration_minutes=30, buffer_after_minutes=30)
    assign(salon.jane, long)
    assign(salon.jane, short)
    booking = salon.booked("10:00")
    fill(salon, "09:00", "11:00")
    ada, bob = salon.waits(service_id=long.id), salon.waits(service_id=short.id)
    salon.cancel(booking)
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]


def test_free_time_beside_it_makes_room(salon: Salon) -> None:
    """A visit that needs some of what was freed, and some that was free."""
    long = make_service(duration_minutes=90)
    assign(salon.jane, long)
    booking = salon.booked("10:00")
    fill(salon, "09:00", "12:00", "13:00", "14:00", "15:00", "16:00")
    ada = salon.waits(service_id=long.id)
    salon.cancel(booking)
    assert states([ada]) == [("offered", "10:00")]
    work()
    assert living_holds(NOW) == 1


def test_free_time_far_from_it_is_not_offered(salon: Salon) -> None:
    """What could be booked all along is not what somebody waits for."""
    booking = salon.booked("10:00")
    ada = salon.waits(times=[{"from": "14:00", "to": "17:00"}])
    salon.cancel(booking)
    assert states([ada]) == [("waiting", None)]


def test_much_time_serves_many(salon: Salon) -> None:
    """Each gets one offer, in the order of the line, until nothing is left."""
    away = {"starts_at": at("09:00"), "ends_at": at("11:00")}
    admin = token_for(make_user(Role.ADMIN))
    closure = salon.api.post(f"/api/staff/{salon.jane.id}/time-off", away, token=admin).json
    fill(salon, "11:00", "12:00")
    line = [salon.waits(to=MONDAY) for _ in range(3)]
    salon.api.delete(f"/api/staff/{salon.jane.id}/time-off/{closure['id']}", token=admin)
    assert states(line) == [("offered", "09:00"), ("offered", "10:00"), ("waiting", None)]


def free_by(salon: Salon, how: str) -> None:
    """Take ten o'clock of Jane's, and free it again."""
    staff = token_for(make_user(Role.STAFF))
    if how == "time off removed":
        away = {"starts_at": at("10:00"), "ends_at": at("11:00")}
        made = salon.api.post(f"/api/staff/{salon.jane.id}/time-off", away, token=token_for(make_user(Role.ADMIN)))
        path = f"/api/staff/{salon.jane.id}/time-off/{made.json['id']}"
        assert salon.api.delete(path, token=token_for(make_user(Role.ADMIN))).status_code == 204
    elif how == "hold released":
        asked = {"service_id": salon.service.id, "starts_at": at("10:00")}
        held = salon.api.post("/api/bookings/holds", asked, token=token_for(salon.busy)).json["id"]
        assert salon.api.delete(f"/api/bookings/holds/{held}", token=token_for(salon.busy)).status_code == 204
    elif how == "move":
        path = f"/api/bookings/{salon.booked('10:00')['id']}"
        assert salon.api.patch(path, {"starts_at": at("15:00")}, token=staff).status_code == 200
    else:
        path = f"/api/bookings/{salon.booked('10:00')['id']}/{how}"
        assert salon.api.post(path, {}, token=staff).status_code == 200


@pytest.mark.parametrize("how", ["cancel", "decline", "move", "hold released", "time off removed"])
def test_every_way_to_free_time(salon: Salon, how: str) -> None:
    """One door: whoever frees it, it is offered."""
    if how == "decline":
        with transaction():
            salon.service.requires_approval = True
            db.session.add(salon.service)
    ada = salon.waits(times=[{"from": "10:00", "to": "11:00"}])
    free_by(salon, how)
    assert states([ada]) == [("offered", "10:00")]


@pytest.mark.parametrize("how", ["expiry", "hold lapsed"])
def test_time_that_frees_itself(salon: Salon, how: str) -> None:
    """When a deadline passes, by the worker."""
    if how == "expiry":
        with transaction():
            salon.service.deposit_type, salon.service.deposit_value = DepositType.FIXED, 1000
            db.session.add(salon.service)
        salon.booked("14:00")
    else:
        asked = {"service_id": salon.service.id, "starts_at": at("14:00")}
        assert salon.api.post("/api/bookings/holds", asked, token=token_for(salon.busy)).status_code == 201
    ada = salon.waits(times=[{"from": "14:00", "to": "15:00"}])
    with clock.frozen(NOW + timedelta(minutes=31)):
        assert states([ada]) == [("offered", "14:00")]


def test_time_off_over_what_was_freed(salon: Salon) -> None:
    """What a closure takes at once is not to be had."""
    booking = salon.booked("10:00")
    away = {"starts_at": at("09:00"), "ends_at": at("12:00"), "force": True}
    salon.api.post(f"/api/staff/{salon.jane.id}/time-off", away, token=token_for(make_user(Role.ADMIN)))
    ada = salon.waits()
    salon.cancel(booking)
    assert states([ada]) == [("waiting", None)]


def test_what_cannot_be_booked_to_the_end_of_the_offer(salon: Salon) -> None:
    """Notice is kept at the last second of the 15 minutes too."""
    with transaction():
        salon.service.min_notice_minutes = 60
        db.session.add(salon.service)
    booking = salon.booked("10:00")
    fill(salon, "09:00", "11:00")
    ada = salon.waits()
    with clock.frozen(NOW + timedelta(hours=2, minutes=45, seconds=1)):
        salon.cancel(booking)
        assert states([ada]) == [("waiting", None)]
    again = salon.booked("10:00")
    with clock.frozen(NOW + timedelta(hours=2, minutes=45)):
        salon.cancel(again)
        assert states([ada]) == [("offered", "10:00")]
    with clock.frozen(NOW + timedelta(hours=2, minutes=59)):
        taken = salon.book("10:00", who=ada.who, hold_id=db.session.scalars(select(Hold.id)).one())
        assert taken.status_code == 201


def test_the_zone_is_that_of_who_does_it(salon: Salon) -> None:
    """Ten in the morning of Nairobi is seven of UTC."""
    zoe = make_working_staff(salon.service, name="Zoe", timezone="Africa/Nairobi")
    asked = {"service_id": salon.service.id, "staff_id": zoe.id, "starts_at": at("07:00")}
    booking = salon.api.post("/api/bookings", asked, token=token_for(salon.busy)).json
    times = [{"from": "10:00", "to": "11:00"}]
    ada = salon.waits(staff_id=zoe.id, times=times)
    assert (ada.entry["timezone"], ada.entry["times"]) == ("Africa/Nairobi", times)
    salon.cancel(booking)
    assert states([ada]) == [("offered", "07:00")]


@pytest.mark.parametrize("waiting", [0, 1, 30])
def test_what_freeing_time_costs(salon: Salon, count_statements: CountStatements, waiting: int) -> None:
    """One statement more than without a waitlist, however many wait."""
    booking = salon.booked("10:00")
    for _ in range(waiting):
        salon.waits()
    token = token_for(salon.busy)
    with count_statements() as statements:
        salon.api.post(f"/api/bookings/{booking['id']}/cancel", {}, token=token)
    assert len([one for one in statements if "waitlist" in one]) == 1
    assert tasks() == [
        {
            "resource_id": salon.jane.id,
            "starts_at": "2030-01-07T10:00:00+00:00",
            "ends_at": "2030-01-07T11:00:00+00:00",
        }
    ] * bool(waiting)


def leave_soon(salon: Salon) -> None:
    """Let somebody wait, and change their mind."""
    assert salon.waits().leave() == 204


def wait_for_another(salon: Salon) -> None:
    """Let somebody wait for what Jane does not do."""
    other = make_service()
    make_working_staff(other)
    salon.waits(service_id=other.id)


def wait_for_another_week(salon: Salon) -> None:
    """Let somebody wait for next week."""
    next_week: dict[str, Any] = {"from": "2030-01-14", "to": "2030-01-20"}
    salon.waits(**next_week)


@pytest.mark.parametrize("prepare", [leave_soon, wait_for_another, wait_for_another_week])
def test_no_task_where_nobody_could_want_it(salon: Salon, prepare: Callable[[Salon], None]) -> None:
    booking = salon.booked("10:00")
    prepare(salon)
    salon.cancel(booking)
    assert tasks() == []


def test_no_task_for_what_is_past(salon: Salon) -> None:
    """Staff cancel what has been: nobody can have that."""
    booking = salon.booked("10:00")
    salon.waits()
    with clock.frozen(NOW + timedelta(hours=5)):
        path = f"/api/bookings/{booking['id']}/cancel"
        assert salon.api.post(path, {}, token=token_for(make_user(Role.STAFF))).json["status"] == "cancelled"
    assert tasks() == []


def tasks() -> list[dict[str, Any]]:
    """Return the payloads of the tasks that are left to offer freed time."""
    found = db.session.scalars(select(OutboxEvent.payload).where(OutboxEvent.topic == "waitlist.offer")).all()
    db.session.commit()
    return list(found)


DAY = datetime(2030, 1, 7, tzinfo=UTC).date()
ANY_DAY = frozenset(range(7))


def hour(clock_hour: int, day: int = 7) -> Span:
    """Return an hour of January, in UTC."""
    return to_span(datetime(2030, 1, day, clock_hour, tzinfo=UTC), datetime(2030, 1, day, clock_hour + 1, tzinfo=UTC))


def test_days_are_those_on_which_a_visit_begins() -> None:
    """In the window's zone: at 22:30 of UTC it is the next day in Nairobi."""
    late = hour(22)[0] + 1800, hour(22)[1] + 1800
    there = Window(DAY, DAY, ANY_DAY, (), "Africa/Nairobi")
    here = Window(DAY, DAY, ANY_DAY, (), "UTC")
    assert (here.suits(late), there.suits(late)) == (True, False)
    assert (here.suits(hour(9)), Window(DAY, DAY, frozenset({1}), (), "UTC").suits(hour(9))) == (True, False)


def test_times_on_a_day_of_a_clock_change() -> None:
    """Nine o'clock is nine by the clocks of that day: in Berlin, on 31 March 2030, at seven of UTC."""
    sunday = datetime(2030, 3, 31, tzinfo=UTC).date()
    window = Window(sunday, sunday, ANY_DAY, [(540, 600)], "Europe/Berlin")
    starts = [datetime(2030, 3, 31, hour, tzinfo=UTC) for hour in (6, 7, 8)]
    assert [window.suits(to_span(at, at + timedelta(hours=1))) for at in starts] == [False, True, False]


def test_what_lies_in_the_freed_time_comes_first() -> None:
    """Then what needs only some of it; the earlier, the sooner."""
    quarter = 900
    early, inside, late = hour(9)[0] + quarter, hour(10)[0], hour(10)[0] + quarter
    visits = [(start, start + 3600) for start in (early, inside, late)]
    assert best_first(visits, hour(10)) == [visits[1], visits[0], visits[2]]


def test_days_and_times_as_they_are_kept() -> None:
    """One text, and one number, for what means the same."""
    assert text_of([(1020, 1440), (540, 600), (600, 720), (550, 560)]) == "09:00-12:00,17:00-24:00"
    assert times_of("09:00-12:00,17:00-24:00") == [(540, 720), (1020, 1440)]
    assert (text_of([]), times_of("")) == ("", [])
    assert [weekdays_of(bits_of(days)) for days in ([6, 0, 0], range(7))] == [[0, 6], [0, 1, 2, 3, 4, 5, 6]]
