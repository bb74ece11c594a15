"""Joining the waitlist, looking at it, and what becomes of an entry with its client."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from app.bookings.waitlist.clients import forget_entries
from app.extensions import db
from app.kit import clock
from app.models import Allocation, Role, User, WaitlistEntry
from app.transactions import transaction
from app.users.service.claiming import claim_walk_in
from tests.bookings.desk import MONDAY, NOW, at
from tests.bookings.waiting import LIFETIME, PATH, WEEK, Salon, states, work
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import assign, make_service, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


def test_a_window_that_is_past(salon: Salon) -> None:
    """Midnight ends it, in the zone of who is waited for; it is over, and gets nothing."""
    ada = salon.waits(to=MONDAY)
    with clock.frozen(datetime(2030, 1, 7, 23, 59, 59, tzinfo=UTC)):
        assert ada.seen == ("waiting", None)
    with clock.frozen(datetime(2030, 1, 8, tzinfo=UTC)):
        assert ada.seen == ("over", None)


def test_joining(salon: Salon) -> None:
    """201 with all of it and where it is; left out, any day and time, by anybody."""
    ada = make_user()
    answer = salon.join(ada, days=[4, 0, 4], times=[{"from": "17:00", "to": "24:00"}, {"from": "09:00", "to": "12:00"}])
    assert answer.status_code == 201
    entry = answer.json
    assert answer.headers["Location"] == f"{PATH}/{entry['id']}"
    assert entry == {
        "id": entry["id"],
        "client_id": ada.id,
        "service_id": salon.service.id,
        "staff_id": None,
        "from": MONDAY,
        "to": "2030-01-13",
        "days": [0, 4],
        "times": [{"from": "09:00", "to": "12:00"}, {"from": "17:00", "to": "24:00"}],
        "timezone": "UTC",
        "status": "waiting",
        "offer": None,
        "booking_id": None,
        "created_at": "2030-01-07T06:00:00Z",
    }
    assert salon.api.get(answer.headers["Location"], token=token_for(ada)).json == entry
    plain = salon.join(make_user()).json
    assert (plain["days"], plain["times"]) == ([0, 1, 2, 3, 4, 5, 6], [])


@refused_by_shape
@each_case(
    ("fields", "named"),
    [
        ({"to": "2030-01-06"}, "to"),
        ({"from": "2030-01-01", "to": "2030-01-06"}, "to"),
        ({"to": "2030-03-10"}, "to"),
        ({"from": "2041-01-07", "to": "2041-01-08"}, "from"),
        ({"from": "9998-12-30", "to": "9998-12-31"}, "from"),
        ({"days": []}, "days"),
        ({"days": [7]}, "days.0"),
        ({"times": [{"from": "10:00", "to": "10:00"}]}, "times.0.to"),
        ({"times": [{"from": "24:00", "to": "24:00"}]}, "times.0.from"),
        ({"times": [{"from": "10:00"}]}, "times.0.to"),
        ({"times": {"from": "10:00", "to": "11:00"}}, "times"),
        ({"starts_at": at("10:00")}, "starts_at"),
    ],
)
def test_what_cannot_be_waited_for(salon: Salon, fields: dict[str, Any], named: str) -> None:
    """422 naming the field, and nothing is written."""
    answer = salon.join(make_user(), **fields)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [named])
    assert db.session.scalars(select(WaitlistEntry)).all() == []


def test_what_does_not_exist(salon: Salon) -> None:
    """404 naming it, of service, staff and client."""
    ada, other = make_user(), make_user()
    for fields, named in (
        ({"service_id": 2**40}, "service_id"),
        ({"staff_id": 2**40}, "staff_id"),
        ({"client_id": other.id}, "client_id"),
    ):
        answer = salon.join(ada, **fields)
        assert (answer.status_code, list(answer.json["errors"])) == (404, [named])


def test_who_or_what_is_never_to_be_had(salon: Salon) -> None:
    """409 with the reason."""
    stranger = make_working_staff()
    retired = make_service(active=False)
    blocked = make_user(is_blocked=True)
    codes = [
        salon.join(make_user(), staff_id=stranger.id).json["code"],
        salon.join(make_user(), service_id=retired.id).json["code"],
        salon.join(blocked).json["code"],
    ]
    assert codes == ["staff_not_assigned", "resource_inactive", "client_blocked"]


def test_five_at_a_time(salon: Salon) -> None:
    """What has ended, or is over, does not count."""
    ada = make_user()
    line = [salon.waits(ada, to=f"2030-01-{day:02}") for day in (7, 9, 10, 11, 12)]
    answer = salon.join(ada)
    assert (answer.status_code, answer.json["code"]) == (409, "waitlist_full")
    line[1].leave()
    assert salon.join(ada).status_code == 201
    with clock.frozen(NOW + timedelta(days=1)):
        assert salon.join(ada, to="2030-01-20").status_code == 201


def test_the_same_twice(salon: Salon) -> None:
    """However it is written; another's, or after the first was left, it is another wish."""
    ada = make_user()
    times = [{"from": "09:00", "to": "10:00"}, {"from": "10:00", "to": "12:00"}]
    first = salon.waits(ada, days=[1, 0], times=times)
    again = {"days": [0, 1, 1], "times": [{"from": "09:00", "to": "12:00"}]}
    answer = salon.join(ada, **again)
    assert (answer.status_code, answer.json["code"]) == (409, "already_waiting")
    assert salon.join(ada, staff_id=salon.jane.id, **again).status_code == 201
    assert salon.join(make_user(), **again).status_code == 201
    first.leave()
    assert salon.join(ada, **again).status_code == 201


def test_a_request_sent_twice_is_one_entry(salon: Salon) -> None:
    """Idempotency-Key."""
    token = token_for(make_user())
    body, key = {"service_id": salon.service.id} | WEEK, {"Idempotency-Key": "once"}
    answers = [salon.api.post(PATH, body, token=token, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json == answers[1].json


def test_the_list(salon: Salon) -> None:
    """Own entries, first in line first; staff see all; by status as it is now, and by service."""
    other = make_service()
    assign(salon.jane, other)
    bookings = [salon.booked("10:00"), salon.booked("12:00")]
    ada, bob = salon.waits(), salon.waits()
    gone = salon.waits(ada.who, service_id=other.id)
    over = salon.waits(ada.who, service_id=other.id, to=MONDAY)
    for booking in bookings:
        salon.cancel(booking)
    gone.leave()
    work()
    salon.book("10:00", who=ada.who, hold_id=ada.entry["offer"]["hold_id"])
    staff = make_user(Role.STAFF)
    with clock.frozen(NOW + timedelta(minutes=1)):
        late = salon.waits(service_id=other.id)

    def listed(who: User, **query: Any) -> list[int]:
        answer = salon.api.get(PATH, query=query, token=token_for(who))
        assert answer.status_code == 200, answer.json
        return [entry["id"] for entry in answer.json["items"]]

    everyone = [ada.entry_id, bob.entry_id, gone.entry_id, over.entry_id, late.entry_id]
    assert listed(staff) == everyone
    assert listed(ada.who) == [ada.entry_id, gone.entry_id, over.entry_id]
    assert listed(staff, service_id=other.id) == everyone[2:]
    assert listed(staff, sort="-created_at") == everyone[::-1]
    with clock.frozen(NOW + timedelta(days=1)):
        assert listed(staff, status="over") == [over.entry_id]
        assert listed(staff, status="waiting") == [bob.entry_id, late.entry_id]
    assert listed(staff, status="offered") == [bob.entry_id]
    assert listed(staff, status=["booked", "withdrawn"]) == [ada.entry_id, gone.entry_id]
    page = salon.api.get(PATH, query={"limit": 2, "include_total": "true"}, token=token_for(staff)).json
    assert (page["total"], [one["id"] for one in page["items"]]) == (5, everyone[:2])
    assert page["items"][1]["offer"]["starts_at"] == at("12:00")
    assert listed(staff, cursor=page["next_cursor"]) == everyone[2:]


def test_what_is_somebody_elses(salon: Salon) -> None:
    """404 to read, leave, decline."""
    ada, token = salon.waits(), token_for(make_user())
    answers = [
        salon.api.get(ada.path, token=token),
        salon.api.delete(ada.path, token=token),
        salon.api.post(f"{ada.path}/decline", {}, token=token),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_erasure_forgets_it_all(salon: Salon) -> None:
    """Entries and offers; the time that was held becomes free in its time."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    with transaction():
        forget_entries(ada.who.id)
    assert db.session.scalars(select(WaitlistEntry.id)).all() == [bob.entry_id]
    db.session.rollback()
    with clock.frozen(NOW + LIFETIME):
        assert states([bob]) == [("offered", "10:00")]


def test_export_has_it(salon: Salon) -> None:
    """As the API shows it; nobody else's."""
    ada = salon.waits()
    salon.waits()
    assert salon.api.get("/api/users/me/export", token=token_for(ada.who)).json["waitlist"] == [ada.entry]


def test_claiming_hands_it_over(salon: Salon) -> None:
    """With its offer; what both wait for stays once, where it is further in front."""
    walk_in, staff = make_user(has_login=False, email="ann@example.test"), make_user(Role.STAFF)
    account = make_user(email="ann@example.test")
    booking = salon.booked("10:00")
    first = salon.join(staff, client_id=walk_in.id).json["id"]
    same = salon.waits(account)
    salon.cancel(booking)
    work()
    with transaction():
        claim_walk_in(db.session.get_one(User, account.id, populate_existing=True))
    token = token_for(account)
    entry = salon.api.get(f"{PATH}/{first}", token=token).json
    assert (entry["client_id"], entry["status"]) == (account.id, "offered")
    assert same.seen == ("withdrawn", None)
    made = salon.book("10:00", who=account, hold_id=entry["offer"]["hold_id"])
    assert made.status_code == 201
    assert db.session.scalars(select(Allocation.booking_id)).all() == [made.json["id"]]


NEXT = datetime(2030, 1, 8, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "first_day": NOW.date(),
    "last_day": NEXT.date(),
    "days": 127,
    "times": "",
    "timezone": "UTC",
    "starts_at": NOW,
    "ends_at": NEXT,
    "state": "waiting",
    "created_at": NOW,
}


@each_case(
    ("fields", "rule"),
    [
        ({"first_day": NEXT.date(), "last_day": NOW.date()}, "waitlist_entries_dates"),
        ({"days": 0}, "waitlist_entries_days"),
        ({"days": 128}, "waitlist_entries_days"),
        ({"ends_at": NOW}, "waitlist_entries_interval"),
        ({"state": "booked"}, "waitlist_entries_booked"),
        ({"booking_id": "its"}, "waitlist_entries_booked"),
    ],
)
def test_the_database_refuses(salon: Salon, fields: dict[str, Any], rule: str) -> None:
    """What our code would never write."""
    row = WHOLE | {"client_id": salon.busy.id, "service_id": salon.service.id} | fields
    if "booking_id" in fields:
        row["booking_id"] = salon.booked("10:00")["id"]
    with pytest.raises(IntegrityError, match=rule), transaction():
        db.session.execute(insert(WaitlistEntry).values(row))


@pytest.mark.parametrize("table", ["waitlist_entries", "waitlist_offers"])
def test_the_database_knows_the_words(salon: Salon, table: str) -> None:
    """A state that nobody has thought of."""
    salon.cancel_with_somebody_waiting()
    with pytest.raises(IntegrityError, match=f"{table}_state"), transaction():
        db.session.execute(text(f"UPDATE {table} SET state = 'lost'"))  # noqa: S608  # our own names
