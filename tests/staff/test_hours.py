"""`/api/staff/{id}/hours`: the hours of a week and of single dates."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.models import Role, Staff
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_staff, make_user, set_hours, token_for

MONDAY = "2030-01-07"
Entry = dict[str, Any]


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def staff(app: Flask) -> Staff:
    """A staff member, open 09:00 to 17:00 every day."""
    staff = make_staff()
    set_hours(staff)
    return staff


def week(*entries: tuple[int, str, str]) -> list[Entry]:
    """Return weekly entries."""
    return [{"weekday": weekday, "opens": opens, "closes": closes} for weekday, opens, closes in entries]


def day(*entries: tuple[str, str]) -> list[Entry]:
    """Return the entries of a date."""
    return [{"opens": opens, "closes": closes} for opens, closes in entries]


USUAL = week(*((weekday, "09:00", "17:00") for weekday in range(7)))


@pytest.mark.parametrize(
    "hours",
    [
        [],
        week((0, "09:00", "12:00"), (0, "12:00", "17:00")),
        week((0, "00:00", "24:00"), (1, "00:00", "24:00")),
        week((0, "00:00", "00:00"), (1, "00:00", "00:00")),
        week((4, "22:00", "02:00"), (5, "02:00", "04:00")),
        week((0, "02:00", "09:00"), (6, "20:00", "02:00")),
        week((0, "00:00", "01:00"), (6, "20:00", "24:00")),
        week((3, "09:00", "09:00")),
        week((0, "23:59", "00:00")),
    ],
)
def test_a_week_is_replaced_as_a_whole(api: Api, admin: str, staff: Staff, hours: list[Entry]) -> None:
    """What is put is what is read, in order, however it was sent; touching is not overlapping."""
    path = f"/api/staff/{staff.id}/hours"
    assert api.get(path).json == {"hours": USUAL}
    answer = api.put(path, json={"hours": hours[::-1]}, token=admin)
    assert (answer.status_code, answer.json) == (200, {"hours": hours})
    assert api.get(path).json == {"hours": hours}


@refused_by_shape
@each_case(
    ("hours", "field"),
    [
        (week((0, "09:00", "12:00"), (0, "11:59", "17:00")), "hours.1"),
        (week((0, "09:00", "12:00"), (0, "09:00", "12:00")), "hours.1"),
        (week((0, "09:00", "17:00"), (0, "10:00", "11:00")), "hours.1"),
        (week((0, "22:00", "02:00"), (1, "01:00", "03:00")), "hours.1"),
        (week((6, "22:00", "02:00"), (3, "09:00", "10:00"), (0, "01:59", "03:00")), "hours.2"),
        (week((6, "22:00", "22:00"), (0, "09:00", "17:00")), "hours.1"),
        (week((2, "00:00", "00:00"), (2, "12:00", "13:00")), "hours.1"),
        (week((7, "09:00", "17:00")), "hours.0.weekday"),
        (week((-1, "09:00", "17:00")), "hours.0.weekday"),
        (week((0, "24:00", "02:00")), "hours.0.opens"),
        (week((0, "09:00", "24:01")), "hours.0.closes"),
        (week((0, "9:00", "17:00")), "hours.0.opens"),
        (week((0, "09:00", "17:60")), "hours.0.closes"),
        (week((0, "09:00:00", "17:00")), "hours.0.opens"),
        (week((0, "", "17:00")), "hours.0.opens"),
        ([{"weekday": 0, "opens": 540, "closes": 1020}], "hours.0.opens"),
        ([{"weekday": 0, "opens": "09:00"}], "hours.0.closes"),
        ([{"weekday": "0", "opens": "09:00", "closes": "17:00"}], "hours.0.weekday"),
        ([{"weekday": 0, "opens": "09:00", "closes": "17:00", "id": 1}], "hours.0.id"),
        (None, "hours"),
        ({}, "hours"),
        ("always", "hours"),
        (["09:00"], "hours.0"),
        (week(*((0, "09:00", "09:01") for _ in range(101))), "hours"),
    ],
)
def test_wrong_weeks_change_nothing(api: Api, admin: str, staff: Staff, hours: Any, field: str) -> None:
    """422 naming the entry; the old hours stay."""
    answer = api.put(f"/api/staff/{staff.id}/hours", json={"hours": hours}, token=admin)
    assert answer.status_code == 422, answer.json
    assert field in answer.json["errors"], answer.json
    assert api.get(f"/api/staff/{staff.id}/hours").json == {"hours": USUAL}


@pytest.mark.parametrize(
    "hours",
    [[], day(("00:00", "24:00")), day(("10:00", "12:00"), ("12:00", "14:00")), day(("20:00", "04:00"))],
)
def test_a_date_has_hours_of_its_own_for_a_while(api: Api, admin: str, staff: Staff, hours: list[Entry]) -> None:
    """Its weekday's, its own (none at all closes it), its weekday's again; its neighbours keep theirs."""
    path = f"/api/staff/{staff.id}/hours/{MONDAY}"
    usual = {"hours": day(("09:00", "17:00")), "replaces": False}
    assert api.get(path).json == usual
    answer = api.put(path, json={"hours": hours[::-1]}, token=admin)
    assert (answer.status_code, answer.json) == (200, {"hours": hours, "replaces": True})
    assert api.get(path).json == {"hours": hours, "replaces": True}
    assert api.get(f"/api/staff/{staff.id}/hours/2030-01-14").json == usual
    assert api.get(f"/api/staff/{staff.id}/hours").json == {"hours": USUAL}
    for _ in range(2):
        assert api.delete(path, token=admin).status_code == 204
    assert api.get(path).json == usual


def test_a_date_is_replaced_again(api: Api, admin: str, staff: Staff) -> None:
    """The last one counts; a new week does not touch it."""
    path = f"/api/staff/{staff.id}/hours/{MONDAY}"
    for hours in ([], day(("10:00", "11:00"), ("12:00", "13:00")), day(("08:00", "09:00"))):
        api.put(path, json={"hours": hours}, token=admin)
    api.put(f"/api/staff/{staff.id}/hours", json={"hours": []}, token=admin)
    assert api.get(path).json == {"hours": day(("08:00", "09:00")), "replaces": True}


@each_case(
    ("hours", "field"),
    [
        (day(("09:00", "12:00"), ("11:00", "13:00")), "hours.1"),
        (day(("20:00", "10:00"), ("09:00", "21:00")), "hours.1"),
        (day(("24:00", "10:00")), "hours.0.opens"),
        (week((0, "09:00", "10:00")), "hours.0.weekday"),
        (None, "hours"),
    ],
)
def test_wrong_dates_change_nothing(api: Api, admin: str, staff: Staff, hours: Any, field: str) -> None:
    """422 naming the entry; the date keeps what it had."""
    path = f"/api/staff/{staff.id}/hours/{MONDAY}"
    before = api.put(path, json={"hours": day(("10:00", "11:00"))}, token=admin).json
    answer = api.put(path, json={"hours": hours}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api.get(path).json == before


@each_case("text", ["2030-02-30", "2030-1-7", "monday", "0001-01-01", "9999-12-31"])
def test_no_such_date(api: Api, staff: Staff, text: str) -> None:
    """What is no date is no path."""
    assert api.get(f"/api/staff/{staff.id}/hours/{text}").status_code == 404


def test_two_logins_each_with_its_own_diary(api: Api, admin: str) -> None:
    """Staff change their own hours; a colleague's answer 403 and stay; a login without a profile has none."""
    accounts = [make_user(Role.STAFF) for _ in range(2)]
    own, other = (make_staff(user_id=account.id) for account in accounts)
    token, bare = token_for(accounts[0]), token_for(make_user(Role.STAFF))
    hours = {"hours": week((0, "09:00", "12:00"))}
    date_hours = {"hours": day(("09:00", "12:00"))}
    assert api.put(f"/api/staff/{own.id}/hours", json=hours, token=token).json == hours
    assert api.put(f"/api/staff/{own.id}/hours/{MONDAY}", json=date_hours, token=token).json["replaces"] is True
    assert api.delete(f"/api/staff/{own.id}/hours/{MONDAY}", token=token).status_code == 204
    for member, who in ((other, token), (own, bare), (other, bare)):
        path = f"/api/staff/{member.id}/hours"
        before = api.get(path).json
        answers = (
            api.put(path, json={"hours": []}, token=who),
            api.put(f"{path}/{MONDAY}", json={"hours": []}, token=who),
            api.delete(f"{path}/{MONDAY}", token=who),
        )
        assert [answer.status_code for answer in answers] == [403] * 3
        assert api.get(path).json == before
        assert api.get(f"{path}/{MONDAY}").json["replaces"] is False
    assert api.put(f"/api/staff/{other.id}/hours", json=hours, token=admin).status_code == 200


def test_many_put_hours_at_once(app: Flask, api: Api, admin: str, staff: Staff) -> None:
    """One of them has the last word: the hours are never a mixture."""
    clocks = [(f"{hour:02}:00", f"{hour + 3:02}:00") for hour in range(6, 14)]
    path = f"/api/staff/{staff.id}/hours"

    def put(opens_closes: tuple[str, str]) -> list[int]:
        own = Api(app.test_client())
        weekly = own.put(path, json={"hours": week((0, *opens_closes))}, token=admin)
        dated = own.put(f"{path}/{MONDAY}", json={"hours": day(opens_closes)}, token=admin)
        return [weekly.status_code, dated.status_code]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(put, clocks)) == [[200, 200]] * 8
    assert api.get(path).json["hours"] in [week((0, *one)) for one in clocks]
    assert api.get(f"{path}/{MONDAY}").json["hours"] in [day(one) for one in clocks]
