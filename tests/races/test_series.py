"""Series and single bookings want one and the same hour at the same moment."""

from datetime import datetime, timedelta

import pytest

from app.models import Service, Staff
from tests.factories import make_service, make_working_staff
from tests.races.callers import CALLERS, Arena, Call, outcomes, slot, won
from tests.servers import Answer

DATES = 3


class Rivals:
    """Callers who want three weeks each, and callers who want one of them, all of the same staff member."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.service: Service = make_service()
        self.staff: Staff = make_working_staff(self.service)

    def calls(self, nth: int) -> list[Call]:
        """Every second one asks for the series, the others for its dates in turn."""
        return [self._alone(nth, n) if n % 2 else self._series(nth, n) for n in range(CALLERS)]

    def _series(self, nth: int, n: int) -> Call:
        repeat = {"every_weeks": 1, "count": DATES}
        body = {"service_id": self.service.id, "starts_at": slot(nth), "repeat": repeat}
        return Call(self.arena.clients[n], "/api/bookings/series", body)

    def _alone(self, nth: int, n: int) -> Call:
        start = datetime.fromisoformat(slot(nth)) + timedelta(weeks=1 + n // 2 % (DATES - 1))
        body = {"service_id": self.service.id, "starts_at": f"{start:%Y-%m-%dT%H:%M:%SZ}"}
        return Call(self.arena.clients[n], "/api/bookings", body)


def series_won(answers: list[Answer]) -> list[Answer]:
    """Return the answers to series that were made."""
    return won(answers[::2])


@pytest.mark.race
def test_a_series_or_its_rivals(guarded: Arena) -> None:
    """One series and nobody else, or those who came first on each of its later dates and no series."""
    rivals = Rivals(guarded)
    for answers in guarded.rounds("series/book", rivals.calls):
        alone = won(answers[1::2])
        starts = {answer.json["starts_at"] for answer in alone}
        assert len(starts) == len(alone)
        assert len(series_won(answers)) == (0 if alone else 1)
        assert outcomes(answers).keys() <= {(201, ""), (409, "slot_taken")}


@pytest.mark.race
def test_without_the_check_the_race_is_seen(unguarded: Arena) -> None:
    """The control: look at all dates, then book them; a series and a rival share an hour."""
    rivals = Rivals(unguarded)
    assert unguarded.catches("check", rivals.calls, lambda answers: bool(series_won(answers)) and len(won(answers)) > 1)
