"""Time off is taken while fifty callers are about: either the bookings are first, or the time off is (BK-33)."""

import pytest

from tests.factories import make_service, make_working_staff
from tests.races.callers import CALLERS, Arena, Call, on_day, outcomes, won

HALF = CALLERS // 2


class Morning:
    """A morning of Jane's, another one for each round."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.service = arena, make_service()
        self.jane = make_working_staff(self.service)

    def calls(self, nth: int) -> list[Call]:
        """Every other one takes the morning off, every other one wants an hour of it."""
        wish = {"service_id": self.service.id, "staff_id": self.jane.id, "starts_at": on_day(nth, 60)}
        absence: dict[str, object] = {"starts_at": on_day(nth), "ends_at": on_day(nth, 180)}
        time_off = Call(self.arena.admin, f"/api/staff/{self.jane.id}/time-off", absence)
        wishes = [Call(client, "/api/bookings", wish) for client in self.arena.clients[:HALF]]
        return [call for one in wishes for call in ((one, time_off) if nth % 2 else (time_off, one))]


@pytest.mark.race
def test_time_off_or_a_booking(guarded: Arena) -> None:
    """One booking and no time off, or time off (several may overlap) and no booking."""
    booked = {(201, ""): 1, (409, "slot_taken"): HALF - 1, (409, "bookings_in_the_way"): HALF}
    away = {(201, ""): HALF, (409, "slot_taken"): HALF}
    for answers in guarded.rounds("time off/book", Morning(guarded).calls):
        assert outcomes(answers) in (booked, away)


@pytest.mark.race
def test_without_the_check_the_race_is_seen(unguarded: Arena) -> None:
    """The control: look, then book; what is booked lies in time off that was told of no booking."""
    morning = Morning(unguarded)
    assert unguarded.catches(
        "check", morning.calls, lambda answers: bool(won(answers[::2])) and bool(won(answers[1::2]))
    )
