"""Customers who want services: what they find listed, they book; what they do not, they ask for all the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tests.bookings.ledger import Visit, Work, instant, minute_of
from tests.bookings.wire import Days, Listed, is_as_listed

if TYPE_CHECKING:
    from tests.bookings.customers import Customers

EACH = 5
"""Listed slots that are taken after a search, and others that are asked for."""

LOOKS = 12
"""Starts of a search at which every slot is held against the ledger."""


@dataclass
class Guests:
    """Those who want services, one after the other, with somebody or anybody."""

    salon: "Customers"
    works: Sequence[Work]
    staff: int | None
    days: Days

    def __post_init__(self) -> None:
        """Search."""
        self.random, self.ledger = self.salon.random, self.salon.ledger
        self.parts = tuple((work, self.staff) for work in self.works)
        self.named: int | None = None
        self._search()

    def come(self) -> None:
        """Book what is listed, ask for what is not, and compare the list with the ledger."""
        for _ in range(EACH):
            if self.slots:
                self._take()
            self._ask()
        if len(self.parts) == 1:
            self._compare()
        self._look_closely()

    def _search(self) -> None:
        query = {"service_id": [work.id for work in self.works]} | ({"staff_id": self.staff} if self.staff else {})
        days, self.window = self.salon.search(query, self.days)
        self.slots = [slot for day in days for slot in day["slots"]]
        self.starts = {minute_of(datetime.fromisoformat(slot["starts_at"])) for slot in self.slots}

    def _take(self) -> None:
        slot = self.random.choice(self.slots)
        listed = Listed(slot)
        made = self.salon.take(Visit(tuple(self._choose(listed)), listed.start))
        same = [one for one in self.slots if is_as_listed(made, one)]
        whoever = Visit(self.parts, listed.start)
        if self.ledger.tells_all(whoever) or self.named is None:
            assert same, ("Not as listed:", made)
        if self.named == len(self.parts):
            assert slot in same, ("Not as the very slot:", made, slot)
        if made["is_kept"]:
            self._search()
            assert not any(is_as_listed(made, slot) for slot in self.slots), ("Still listed:", made)

    def _choose(self, listed: Listed) -> list[tuple[Work, int | None]]:
        """Name nobody but whom the search did, or one, or for each part somebody of a team that is as listed."""
        how = self.random.choices(["nobody", "one", "all"], [25, 35, 40])[0]
        parts = list(self.parts)
        if how == "nobody":
            self.named = None
        elif how == "one" and len(parts) > 1:
            self.named = 1
            position = self.random.randrange(len(parts))
            parts[position] = parts[position][0], self.random.choice(listed.teams[position])
        else:
            self.named = len(parts)
            outcomes = self.ledger.outcomes(Visit(self.parts, listed.start))
            teams = [team for team in outcomes[listed.outcome] if listed.has(team)]
            parts = list(zip(self.works, self.random.choice(teams), strict=True))
        return parts

    def _look_closely(self) -> None:
        """At some starts, listed or not, there are just the slots that should be, each with everybody who can do it."""
        able = [who for who in self.works[0].performers if self.staff in {None, who}]
        grid = {minute for who in able for minute in self.ledger.people[who].starts if minute in self.window}
        starts = sorted(grid | self.starts)
        for start in self.random.sample(starts, min(LOOKS, len(starts))):
            visit = Visit(self.parts, start)
            by_hand = self.ledger.outcomes(visit)
            slots = [one for one in map(Listed, self.slots) if one.start == start]
            if self.ledger.tells_all(visit):
                assert {one.outcome for one in slots} == by_hand.keys(), ("By hand:", by_hand, slots)
            else:
                assert len(slots) == min(1, len(by_hand)), ("One of:", by_hand, slots)
                self.salon.counts["too many to tell"] += 1
            for one in slots:
                teams = [team for team in by_hand[one.outcome] if one.has(team)]
                whole = by_hand[one.outcome] if self.ledger.tells_all(visit) else teams[:1]
                assert one.teams == [sorted(set(part)) for part in zip(*whole, strict=True)], (by_hand, one)
                alone = sorted(team[0] for team in by_hand[one.outcome] if len({*team}) == 1)
                assert one.slot["staff_ids"] == alone, (by_hand, one)
            self.salon.counts["starts looked at"] += 1

    def _ask(self) -> None:
        """Ask for a start that is not listed; as in the search, or with others."""
        everybody = [None, *self.ledger.people]
        same = self.random.random() < 0.6
        parts = self.parts if same else tuple((work, self.random.choice(everybody)) for work in self.works)
        start = next(self._unlisted(parts, same=same))
        asked = Visit(parts, start)
        reason = self.salon.ask(asked)
        if same and start in self.window and reason is None:
            assert self.ledger.reason_against(asked) is not None, ("Not listed, but by hand:", asked)

    def _unlisted(self, parts: Sequence[tuple[Work, int | None]], *, same: bool) -> Iterator[int]:
        able = [who for who in parts[0][0].performers if parts[0][1] in {None, who}]
        grid = {minute for who in able for minute in self.ledger.people[who].starts}
        while True:
            start = self.salon.some_start(grid, self.window)
            if not same or start not in self.starts:
                yield start

    def _compare(self) -> None:
        """The list has every start of these days that can be had, and no other."""
        grid = {minute for who in self.works[0].performers for minute in self.ledger.people[who].starts}
        asked = (Visit(self.parts, minute) for minute in grid if minute in self.window)
        by_hand = {one.start for one in asked if self.ledger.reason_against(one) is None}
        differ = [f"{instant(minute):%d %H:%M}" for minute in sorted(self.starts ^ by_hand)]
        assert not differ, ("Listed, or by hand, and not both:", differ, self.parts)
        self.salon.counts["lists compared"] += 1
