"""Visits of several parts: who can do which of them, one straight after the other.

Pure, in seconds since the epoch, like `availability`. Neighbouring parts by the same staff member are one run: it needs
the first one's buffer before it and the last one's after it, and none in between. Where a staff member comes twice
with others in between, the buffers of its own visit do not stand in its way: what it occupies is merged.

Staff with prices and durations of their own make for more prices and ends of a visit than anybody could list: as many
as there are ways to share ten parts among twenty. They are all told where they are few. Where they are not, each start
has the one outcome that is fair; and whether it can be had, and by whom, never depends on how many there are.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import product
from math import inf
from operator import itemgetter

from app.bookings.availability import Terms, is_offered, offered_starts, reasons_against
from app.bookings.errors import RANK, Unavailability
from app.bookings.one_part import Outcomes, Row, Teams, by_start, of_one_part
from app.bookings.reach import Diaries, Offer, Parts, Reach
from app.diary.allocations import Taken
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, merged, to_span, without

MAY_STOP_LATER_PARTS = frozenset({OutsideOpeningHours, SlotTaken})
"""Notice, horizon and grid are asked of the visit's start alone."""

MOST_TOLD = 24
"""So many parts may all outcomes of one start have together for all to be told."""

_by_length_and_price = itemgetter(1, 2)

EVER: Span = (-(2**40), 2**40)
"""Longer than the calendar, in seconds."""


Rank = Callable[[int], object]
"""What to sort staff ids by: whoever comes first has the work."""


class Arrangement:
    """Who can do the parts of a visit, by the diaries of those who may."""

    def __init__(self, parts: Parts, diaries: Diaries, window: Span) -> None:
        """Take the offers of each part, of which there is at least one, and the diary of everybody in them.

        It is asked about starts in `window`.
        """
        self.parts, self.diaries, self.window = parts, diaries, window

    def within(self, held: Iterable[Taken]) -> "Arrangement":
        """Return who can do the parts in no other time than was `held`."""
        spans: defaultdict[int, list[Span]] = defaultdict(list)
        for staff_id, starts_at, ends_at in held:
            spans[staff_id].append(to_span(starts_at, ends_at))
        others = {one: without(EVER, merged(spans[one])) for one in self.diaries}
        diaries = {
            one: replace(diary, taken=merged([*diary.taken, *others[one]])) for one, diary in self.diaries.items()
        }
        return Arrangement(self.parts, diaries, self.window)

    def among(self, staff_ids: Sequence[Collection[int]]) -> "Arrangement":
        """Return who can do the parts of those whose ids are given, part by part."""
        pairs = zip(self.parts, staff_ids, strict=True)
        parts = [[offer for offer in some if offer.staff_id in ids] for some, ids in pairs]
        return Arrangement(parts, self.diaries, self.window)

    def alone_in(self, window: Span) -> dict[int, Outcomes]:
        """Return what comes of the visit where one does all of it, by its start; in each team all who can."""
        offers = [{offer.staff_id: offer for offer in some} for some in self.parts]
        runs = [[some[one] for some in offers] for one in sorted(set.intersection(*map(set, offers)))]
        rows = of_one_part([_as_one(run) for run in runs], self.diaries, window)
        return by_start(rows)

    def rows_in(self, window: Span, rank_at: Callable[[int], Rank]) -> list[Row]:
        """Return what may come of the visit for every start in `window` that can be had, by length, then price.

        Of a visit of several parts whose outcomes are many, the one for each start that `arrange` makes; `rank_at`
        says for a start what it goes by.
        """
        several = len(self.parts) > 1
        rows = self._of_several(window, rank_at) if several else of_one_part(self.parts[0], self.diaries, window)
        return sorted(rows, key=_by_length_and_price)

    def _of_several(self, window: Span, rank_at: Callable[[int], Rank]) -> Iterator[Row]:
        for start, outcomes in self._outcomes(window, rank_at).items():
            for (price, end), teams in outcomes.items():
                yield Row(range(start, start + 1), end - start, price, teams)

    def _outcomes(self, window: Span, rank_at: Callable[[int], Rank]) -> dict[int, Outcomes]:
        first: defaultdict[int, list[Offer]] = defaultdict(list)
        for offer in self.parts[0]:
            for start in offered_starts(self.diaries[offer.staff_id], _open_ended(offer), window):
                if self._reach.can_go_on(0, start, offer):
                    first[start].append(offer)
        if self._are_few:
            return {start: _either(self._go_on(0, start, o) for o in offers) for start, offers in first.items()}
        return {start: _outcome(start, self._share_out(start, some, rank_at(start))) for start, some in first.items()}

    @cached_property
    def _are_few(self) -> bool:
        """Whether not too many prices and lengths can come of it, whatever is free."""
        sums = {(0, 0)}
        for some in self.parts:
            terms = {(offer.price, offer.terms.duration) for offer in some}
            sums = {(price + more, length + longer) for (price, length), (more, longer) in product(sums, terms)}
            if len(sums) * len(self.parts) > MOST_TOLD:
                return False
        return True

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self.parts, self.diaries, self.window)

    def arrange(self, start: int, rank: Rank) -> list[Offer] | None:
        """Return who does the parts: of all that is possible, part by part, the staff id that `rank` puts first."""
        able = (offer for offer in self.parts[0] if self._reach.can_go_on(0, start, offer))
        first = [o for o in able if is_offered(self.diaries[o.staff_id], _open_ended(o), start)]
        return self._share_out(start, first, rank) if first else None

    def _share_out(self, start: int, possible: list[Offer], rank: Rank) -> list[Offer]:
        """Return who does the parts, the first of which is done by one of those `possible`."""
        chosen: list[Offer] = []
        at = start
        for index in range(1, len(self.parts) + 1):
            last = possible[0] if len(possible) == 1 else min(possible, key=lambda o: (rank(o.staff_id), o.staff_id))
            chosen.append(last)
            at += last.terms.duration
            possible = self._possible(index, at, last) if index < len(self.parts) else []
        return chosen

    def reasons(self, start: int, *, whole_second: bool = True) -> list[Unavailability]:
        """Return why the visit cannot be at `start`, in the order of precedence: of the team that came furthest."""
        reached: dict[int, list[Unavailability]] = {start: []}
        for index, offers in enumerate(self.parts):
            ways: dict[int, list[Unavailability]] = {}
            for (at, before), offer in product(reached.items(), offers):
                against = self._against(index, offer, at, whole_second=whole_second)
                joined, end = sorted({*before, *against}, key=RANK.__getitem__), at + offer.terms.duration
                ways[end] = max(ways.get(end, joined), joined, key=_rank)
            reached = ways
        return max(reached.values(), key=_rank) or [SlotTaken]

    def _against(self, index: int, offer: Offer, at: int, *, whole_second: bool) -> list[Unavailability]:
        terms = offer.terms if index == len(self.parts) - 1 else _open_ended(offer)
        against = reasons_against(self.diaries[offer.staff_id], terms, at, whole_second=whole_second)
        return against if index == 0 else [reason for reason in against if reason in MAY_STOP_LATER_PARTS]

    def _possible(self, index: int, at: int, last: Offer) -> list[Offer]:
        """Return whose the part can be, straight after `last`, with some way to go on; in the order of the offers."""
        able = (offer for offer in self.parts[index] if self._reach.can_go_on(index, at, offer))
        leaves = self._reach.leaves(last, at)
        return [o for o in able if o.staff_id == last.staff_id or (leaves and self._reach.may_begin(o, at))]

    @cached_property
    def _go_on(self) -> Callable[[int, int, Offer], Outcomes]:
        return cache(self._find_go_on)

    @cached_property
    def _change(self) -> Callable[[int, int], Outcomes]:
        return cache(self._find_change)

    def _find_go_on(self, index: int, at: int, offer: Offer) -> Outcomes:
        """Return the outcomes of the parts from `index` on, the first of which `offer` does in the middle of a run."""
        if not self._reach.can_go_on(index, at, offer):
            return {}
        following, who = self._follow(index + 1, at + offer.terms.duration, offer), frozenset({offer.staff_id})
        return {(price + offer.price, ends): (who, *teams) for (price, ends), teams in following.items()}

    def _follow(self, index: int, at: int, last: Offer) -> Outcomes:
        leaves = self._reach.leaves(last, at)
        if index == len(self.parts):
            return {(0, at): ()} if leaves else {}
        same = [offer for offer in self.parts[index] if offer.staff_id == last.staff_id]
        if leaves:  # who may begin a new run is there anyway
            same = [offer for offer in same if not self._reach.may_begin(offer, at)]
        changing = [self._change(index, at)] if leaves else []
        return _either([*changing, *(self._go_on(index, at, offer) for offer in same)])

    def _find_change(self, index: int, at: int) -> Outcomes:
        """Return the outcomes of the parts from `index` on, where a new run begins with it."""
        return _either(self._go_on(index, at, o) for o in self.parts[index] if self._reach.may_begin(o, at))


def _open_ended(offer: Offer) -> Terms:
    """Return the terms of a part whose run may go on: what comes after it is not asked yet."""
    return replace(offer.terms, after=0)


def _rank(against: Sequence[Unavailability]) -> float:
    """Return how far those came against whom these reasons speak."""
    return RANK[against[0]] if against else inf


def _as_one(run: Sequence[Offer]) -> Offer:
    """Return the parts that one staff member does in one run as if they were one part."""
    first, last = run[0], run[-1]
    length = sum(offer.terms.duration for offer in run)
    terms = replace(first.terms, duration=length, after=last.terms.after)
    return Offer(first.staff_id, sum(offer.price for offer in run), terms)


def _outcome(start: int, team: Sequence[Offer]) -> Outcomes:
    """Return what comes of the visit that `team` does, and of no other."""
    end = start + sum(offer.terms.duration for offer in team)
    return {(sum(offer.price for offer in team), end): tuple(frozenset({offer.staff_id}) for offer in team)}


def _either(ways: Iterable[Outcomes]) -> Outcomes:
    """Return the outcomes of any of several ways, the teams of equal ones joined."""
    alike: defaultdict[tuple[int, int], list[Teams]] = defaultdict(list)
    for outcomes in ways:
        for outcome, teams in outcomes.items():
            alike[outcome].append(teams)
    return {outcome: _joined(teams) for outcome, teams in alike.items()}


def _joined(teams: Sequence[Teams]) -> Teams:
    return teams[0] if len(teams) == 1 else tuple(frozenset().union(*set(some)) for some in zip(*teams, strict=True))
