"""Opening hours as they are kept, and which of them overlap."""

from datetime import date

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.diary import hours
from app.kit.errors import Invalid
from app.models import OpeningRule
from app.models.diary import DAY_MINUTES
from app.transactions import transaction
from tests.factories import make_space, make_staff, set_hours

Rule = tuple[int, int, int]

rules = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(0, 1440)), max_size=4)


def minutes_of(rule: Rule) -> list[int]:
    """Return the minutes of the week that a rule opens, counted by hand."""
    weekday, opens, closes = rule
    until = closes if closes > opens else closes + DAY_MINUTES
    return [(weekday * DAY_MINUTES + minute) % hours.WEEK_MINUTES for minute in range(opens, until)]


@given(rules)
def test_two_overlap_where_they_share_a_minute_of_the_week(found: list[Rule]) -> None:
    """Past midnight, and from Sunday into Monday."""
    minutes = [minute for rule in found for minute in minutes_of(rule)]
    refused = False
    try:
        hours._refuse_overlaps([(weekday * DAY_MINUTES, opens, closes) for weekday, opens, closes in found])
    except Invalid:
        refused = True
    assert refused == (len(minutes) != len(set(minutes)))


def test_hours_belong_to_one_resource(app: Flask) -> None:
    """Those of others, staff or spaces, stay; a date's too."""
    mine, other = make_staff(), make_space()
    set_hours(mine)
    set_hours(other, weekdays=[0])
    with transaction():
        hours.replace_hours_on(other.id, date(2030, 1, 7), [])
        assert hours.replace_weekly_rules(mine.id, []) == []
        hours.restore_weekday(mine.id, date(2030, 1, 7))
    with transaction():
        assert [rule.weekday for rule in hours.weekly_rules(other.id)] == [0]
        assert hours.hours_on(other.id, date(2030, 1, 7)).replaces
        assert hours.hours_on(other.id, date(2030, 1, 14)).hours == hours.weekly_rules(other.id)


def test_a_refused_replacement_deletes_nothing(app: Flask) -> None:
    """The check comes before the deletion."""
    staff = make_staff()
    set_hours(staff)
    twice = [OpeningRule(weekday=0, opens=60, closes=120), OpeningRule(weekday=0, opens=60, closes=120)]
    with transaction():
        with pytest.raises(Invalid):
            hours.replace_weekly_rules(staff.id, twice)
        with pytest.raises(Invalid):
            hours.replace_hours_on(staff.id, date(2030, 1, 7), [(60, 120), (119, 180)])
    with transaction():
        assert len(hours.weekly_rules(staff.id)) == 7
        assert not hours.hours_on(staff.id, date(2030, 1, 7)).replaces
