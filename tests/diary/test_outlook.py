"""An outlook answers as the database would."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from flask import Flask

from app.diary.diaries import load_diaries
from app.diary.outlook import Outlook
from app.extensions import db
from app.kit import clock
from app.kit.intervals import Span, to_seconds
from app.models import Allocation, Closure, DayHours, Staff
from app.transactions import transaction
from tests.conftest import CountStatements
from tests.factories import make_booking, make_service, make_staff, make_user, set_hours

NOW = datetime(2030, 3, 1, 6, tzinfo=UTC)
DAY = 86_400
YEAR = to_seconds(NOW), to_seconds(NOW) + 365 * DAY


@pytest.fixture(autouse=True)
def friday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Friday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def staff(app: Flask) -> list[Staff]:
    """Two, in zones whose clocks change, with dated hours, time off and bookings."""
    people = [make_staff(timezone=zone) for zone in ("Europe/London", "America/New_York")]
    client, service = make_user(), make_service()
    dice = random.Random(7)  # noqa: S311  # not for secrets
    for one in people:
        set_hours(one, "22:00", "06:00")
        starts = sorted(dice.sample(range(360 * 24), 200))
        for start, following in pairwise(starts):
            at = NOW + timedelta(hours=start)
            booking = make_booking(client, service, one, at)
            until = at + timedelta(hours=min(following - start, 5))
            with transaction():
                db.session.add(Allocation(resource_id=one.id, starts_at=at, ends_at=until, booking_id=booking.id))
    with transaction():
        db.session.add(DayHours(resource_id=people[0].id, date=date(2030, 6, 1), opens=60, closes=1440))
        db.session.add(Closure(starts_at=NOW + timedelta(days=90), ends_at=NOW + timedelta(days=95), reason=""))
    return people


@pytest.mark.databases("sqlite")
def test_every_part_is_what_it_would_be_alone(staff: list[Staff], count_statements: CountStatements) -> None:
    """What is open and taken in it is the same, and only the first question is put to the database."""
    zones = {one.id: one.timezone for one in staff}
    outlook, dice = Outlook(YEAR), random.Random(3)  # noqa: S311  # the same
    outlook(zones, YEAR, NOW)
    for _ in range(100):
        begin = dice.randrange(YEAR[0] + 10 * DAY, YEAR[1] - 10 * DAY)
        part = begin, begin + dice.randrange(1, 5 * DAY)
        with count_statements() as statements:
            found = outlook(zones, part, NOW)
        assert statements == []
        alone = load_diaries(zones, part, NOW)
        for one in staff:
            assert within(found[one.id].open, part) == within(alone[one.id].open, part)
            assert within(found[one.id].taken, part) == within(alone[one.id].taken, part)


@pytest.mark.databases("sqlite")
def test_what_is_planned_is_taken(staff: list[Staff]) -> None:
    """From then on, for who it is planned with."""
    one, zones = staff[0], {person.id: person.timezone for person in staff}
    outlook, at = Outlook(YEAR), NOW + timedelta(days=364)
    part = to_seconds(at), to_seconds(at) + DAY
    assert outlook(zones, part, NOW)[one.id].taken == []
    outlook.take([(one.id, at, at + timedelta(hours=1))])
    found = outlook(zones, part, NOW)
    assert (found[one.id].taken, found[staff[1].id].taken) == ([(part[0], part[0] + 3600)], [])


def within(spans: list[Span], part: Span) -> list[Span]:
    """Return what of sorted spans lies in a part."""
    cut = [(max(start, part[0]), min(end, part[1])) for start, end in spans]
    return [span for span in cut if span[0] < span[1]]
