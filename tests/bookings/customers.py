"""Customers of a random salon: they search, book what is listed, and ask for what is not, all over HTTP.

Every answer is held against the salon's ledger, which is kept up to date with what is booked and held.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from app.kit import clock
from app.models import User
from tests.api import Api
from tests.bookings.desk import BOOKINGS, HOLDS, SLOTS
from tests.bookings.guests import EACH, Guests
from tests.bookings.ledger import GRID, House, Letting, Taken, Visit, instant, minute_of
from tests.bookings.oracle import DAY
from tests.bookings.wire import Asked, Days, Json, as_json
from tests.bookings.worlds import AHEAD, BACK, World, watch
from tests.factories import make_user

CLOSE_BY = (0, -60, -45, -15, 15, 30, 90)
"""Starts around what is taken, in minutes from its beginning."""


@dataclass
class Customers:
    """Everybody who has to do with one salon."""

    world: World
    api: Api
    counts: Counter[str]
    held: dict[int, tuple[User, Asked]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Share the salon's chance and its ledger."""
        self.random, self.ledger = self.world.random, self.world.ledger

    def come(self) -> None:
        """Search once, and try what is listed and what is not."""
        with clock.frozen(self.ledger.now):
            if self.world.houses and self.random.random() < 0.2:
                Tenants(self, self.random.choice(self.world.houses), self._days()).come()
            else:
                works = [self.random.choice(self.world.works) for _ in range(self.random.choice([1, 1, 1, 2, 2, 3, 4]))]
                staff = self.random.choice([None, None, None, *self.ledger.people])
                Guests(self, works, staff, self._days()).come()

    def _days(self) -> Days:
        first = self.world.day + timedelta(days=self.random.choice([-1, 0, 0, 1]))
        last = first + timedelta(days=self.random.choice([0, 1, 2]))
        return Days(first, last, self.random.choice([None, *self.world.zones]))

    def search(self, query: dict[str, Any], days: Days) -> tuple[list[Json], range]:
        """Return what is listed, day by day, and the minutes of these days."""
        answer = self.api.get(SLOTS, query=query | days.as_query())
        assert answer.status_code == 200, answer.json
        begin = self.world.midnight - BACK * DAY
        clocks = watch(answer.json["timezone"], begin, begin + (BACK + AHEAD) * DAY)
        first, last = (clocks.minute_of(day * DAY) for day in (days.first.toordinal(), days.last.toordinal() + 1))
        return answer.json["days"], range(first, last)

    def take(self, asked: Asked) -> Json:
        """Book what is listed: as a rehearsal, for good, or as a hold. Return what it would be, or is."""
        assert self.ledger.reason_against(asked) is None, ("Listed, but by hand:", asked)
        how = self.random.choices(["rehearsed", "booked", "held"], [60, 25, 15])[0]
        user = {"rehearsed": self.world.client, "held": make_user()}.get(how) or self.world.somebody()
        answer = self._post(asked, user, path=HOLDS if how == "held" else BOOKINGS, dry=how == "rehearsed")
        assert answer.status_code == (200 if how == "rehearsed" else 201), ("Listed, but:", answer.json, asked)
        self.counts[f"listed and {how}"] += 1
        if how != "rehearsed":
            self._note(asked, answer.json, user if how == "held" else None)
        found: Json = answer.json
        return found | {"is_kept": how != "rehearsed"}

    def ask(self, asked: Asked) -> str | None:
        """Ask for what may be had or not; return the reason against it, which the answer must give."""
        hold, user, asked = self._with_hold(asked)
        blocked = user is None and self.random.random() < 0.03
        user = user or (self.world.blocked if blocked else self.world.client)
        reason = self.ledger.reason_against(asked, hold=hold, blocked=blocked)
        answer = self._post(asked, user, dry=True, hold=hold)
        said = None if answer.status_code == 200 else answer.json["code"]
        assert said == reason, (f"By hand: {reason}", answer.json, asked, hold)
        if reason is None:
            self.counts["lawful"] += 1
        else:
            self.counts[reason] += 1
            self._check_alternatives(asked, answer.json["alternatives"])
        return None if hold is not None or blocked else reason

    def _with_hold(self, asked: Asked) -> tuple[int | None, User | None, Asked]:
        """Name a hold now and then, living or not; often for the very time that is held."""
        if not self.held or self.random.random() < 0.85:
            return None, None, asked
        hold = self.random.choice(list(self.held))
        user, wanted = self.held[hold]
        return hold, user, wanted if self.random.random() < 0.6 else asked

    def _check_alternatives(self, asked: Asked, alternatives: Sequence[Json]) -> None:
        """What a refusal offers can be had: from those asked for at other times, from anybody at the time."""
        for slot in alternatives:
            start, end = (minute_of(datetime.fromisoformat(slot[name])) for name in ("starts_at", "ends_at"))
            offered: Asked = replace(asked, start=start)
            if isinstance(offered, Letting):
                offered = replace(offered, end=end)
            elif isinstance(asked, Visit) and start == asked.start:
                offered = Visit(tuple((work, None) for work, _ in asked.parts), start)
            assert self.ledger.reason_against(offered) is None, ("Offered instead, but by hand:", offered, slot)
            self.counts["alternatives"] += 1

    def _post(self, asked: Asked, user: User, *, path: str = BOOKINGS, dry: bool, hold: int | None = None) -> Any:
        body = as_json(asked) | ({} if hold is None else {"hold_id": hold})
        query = {"dry_run": "true"} if dry else {}
        return self.api.post(path, body, token=self.world.token(user), query=query)

    def _note(self, asked: Asked, made: Json, holder: User | None) -> None:
        """Write down what is taken from now on."""
        if isinstance(asked, Visit):
            taken = self.ledger.takes(asked, [item["staff_id"] for item in made["items"]])
        else:
            taken = [(asked.house.place.id, range(asked.start, asked.end))]
        until = made["expires_at"] and datetime.fromisoformat(made["expires_at"])
        hold = None if holder is None else made["id"]
        self.ledger.taken += [Taken(place, minutes, until, hold) for place, minutes in taken]
        if holder is not None:
            self.held[made["id"]] = holder, asked
            self.ledger.holds[made["id"]] = until

    def some_start(self, grid: set[int], window: range) -> int:
        """Return a start: on the grid in the searched days, close to what is taken, or anywhere."""
        anywhere = range(self.world.midnight - 2 * DAY, self.world.midnight + 6 * DAY)
        on_grid = sorted(minute for minute in grid if minute in window)
        near = [one.minutes.start + minutes for one in self.ledger.taken for minutes in CLOSE_BY]
        near = [minute for minute in near if minute in anywhere and minute in grid]
        ways = [on_grid, on_grid, near, near, anywhere[::GRID], sorted(grid.intersection(anywhere)), anywhere]
        return self.random.choice(self.random.choice([way for way in ways if way]))


@dataclass
class Tenants:
    """Those who want a space."""

    salon: Customers
    house: House
    days: Days

    def __post_init__(self) -> None:
        """Search."""
        self.random, self.ledger, self.place = self.salon.random, self.salon.ledger, self.house.place
        self._search()

    def come(self) -> None:
        """Book what is listed, and ask for what is not."""
        for _ in range(EACH):
            lettings = self._listed()
            if lettings:
                self._take(self.random.choice(lettings))
            self._ask()

    def _search(self) -> None:
        days, self.window = self.salon.search({"space_id": self.place.id}, self.days)
        self.open: list[range] = []
        for one in (one for day in days for one in day["open"]):
            start, end = (minute_of(datetime.fromisoformat(one[name])) for name in ("starts_at", "ends_at"))
            if self.open and self.open[-1].stop == start:  # cut at midnight
                start = self.open.pop().start
            self.open.append(range(start, end))

    def _listed(self) -> list[Letting]:
        """Return all lettings of a lawful length in some open time."""
        if not self.open:
            return []
        minutes = self.random.choice(self.open)
        starts = sorted(self.place.starts.intersection(minutes))
        ends = sorted(end for end in self.place.ends if minutes.start < end <= minutes.stop)
        lawful = range(self.house.shortest, self.house.longest + 1)
        return [Letting(self.house, start, end) for start in starts for end in ends if end - start in lawful]

    def _take(self, letting: Letting) -> None:
        party = self.random.randint(1, self.house.capacity)
        made = self.salon.take(replace(letting, party=party))
        if made["is_kept"]:
            self._search()
            assert not self._is_listed(letting), ("Still listed:", made)

    def _ask(self) -> None:
        start = self.salon.some_start(self.place.starts, self.window)
        house, some = self.house, self.random.choice
        length = some([house.shortest, house.longest, 60, some([house.shortest - 5, house.longest + GRID])])
        length = length if self.random.random() < 0.3 else -(-length // GRID) * GRID
        letting = Letting(house, start, start + length, some([1, 1, 1, house.capacity, house.capacity + 1]))
        if self._is_listed(letting):
            return
        reason = self.salon.ask(letting)
        if reason is None and self._could_be_listed(letting):
            assert self.ledger.reason_against(letting) is not None, ("Not listed, but by hand:", letting)

    def _is_listed(self, asked: Letting) -> bool:
        lawful = asked.end - asked.start in range(self.house.shortest, self.house.longest + 1)
        lawful = lawful and asked.start in self.place.starts and asked.end in self.place.ends
        return lawful and asked.party <= self.house.capacity and self._is_in(asked, self.open)

    def _could_be_listed(self, asked: Letting) -> bool:
        """Say whether an open time could show it: within the days, the horizon, and one opening with its grid."""
        horizon = self.ledger.now + timedelta(days=self.house.horizon_days)
        one_grid = any(
            {asked.start, asked.end} <= {*opening[::GRID], *range(opening.start, opening.stop + 1, GRID)}
            for opening in self.place.openings
        )
        return one_grid and self._is_in(asked, [self.window]) and instant(asked.end) <= horizon

    def _is_in(self, asked: Letting, spans: Sequence[range]) -> bool:
        return any(span.start <= asked.start and asked.end <= span.stop for span in spans)
