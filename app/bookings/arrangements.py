"""Visits of several parts: who can do which of them, one straight after the other.

Pure, in seconds since the epoch, like `availability`. Neighbouring parts by the same staff member are one run: it needs
the first one's buffer before it and the last one's after it, and none in between. Where a staff member comes twice
with others in between, the buffers of its own visit do not stand in its way: what it occupies is merged.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise, product
from math import inf

from app.bookings.availability import Terms, is_offered, is_open, offered_runs, offered_starts, reasons_against
from app.bookings.errors import RANK, Unavailability
from app.diary.allocations import Taken
from app.diary.diaries import Diary
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, meeting, merged, to_span, without

MAY_STOP_LATER_PARTS = frozenset({OutsideOpeningHours, SlotTaken})
"""Notice, horizon and grid are asked of the visit's start alone."""

EVER: Span = (-(2**40), 2**40)
"""Longer than the calendar, in seconds."""

Teams = tuple[frozenset[int], ...]
"""For each part, the staff who do it in some arrangement."""

Outcomes = dict[tuple[int, int], Teams]
"""What may come of a visit: by its end and its price, who can take part."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A part done by one staff member: on what terms, at what price."""

    staff_id: int
    price: int
    terms: Terms


Parts = Sequence[Sequence[Offer]]
"""The offers for each part of a visit, in order."""

Diaries = Mapping[int, Diary]


class Arrangement:
    """Who can do the parts of a visit, by the diaries of those who may."""

    def __init__(self, parts: Parts, diaries: Diaries) -> None:
        """Take the offers of each part, of which there is at least one, and the diary of everybody in them."""
        self.parts, self.diaries = parts, diaries
        self._tails = cache(self._find_tails)
        self._fresh = cache(self._find_fresh)

    def within(self, held: Iterable[Taken]) -> "Arrangement":
        """Return who can do the parts in no other time than was `held`."""
        spans: defaultdict[int, list[Span]] = defaultdict(list)
        for staff_id, starts_at, ends_at in held:
            spans[staff_id].append(to_span(starts_at, ends_at))
        others = {one: without(EVER, merged(spans[one])) for one in self.diaries}
        diaries = {
            one: replace(diary, taken=merged([*diary.taken, *others[one]])) for one, diary in self.diaries.items()
        }
        return Arrangement(self.parts, diaries)

    def among(self, staff_ids: Sequence[Collection[int]]) -> "Arrangement":
        """Return who can do the parts of those whose ids are given, part by part."""
        pairs = zip(self.parts, staff_ids, strict=True)
        return Arrangement([[offer for offer in some if offer.staff_id in ids] for some, ids in pairs], self.diaries)

    def alone_in(self, window: Span) -> dict[tuple[int, int, int], list[int]]:
        """Return who can do all the parts alone, by start in `window`, end and price."""
        found: defaultdict[tuple[int, int, int], list[int]] = defaultdict(list)
        for one in sorted(set.intersection(*({offer.staff_id for offer in some} for some in self.parts))):
            for start, outcomes in self.among([[one]] * len(self.parts)).outcomes_in(window).items():
                for end, price in outcomes:
                    found[start, end, price].append(one)
        return found

    def outcomes_in(self, window: Span) -> dict[int, Outcomes]:
        """Return what may come of the visit, by its start, for every start in `window` that can be had, in order."""
        found = self._of_one_part(window) if len(self.parts) == 1 else self._of_several(window)
        return {start: found[start] for start in sorted(found) if found[start]}

    def _of_one_part(self, window: Span) -> dict[int, Outcomes]:
        """Return the outcomes straight from the diaries: many times as fast."""
        alike: defaultdict[tuple[int, int, int, int], list[tuple[range, int]]] = defaultdict(list)
        for offer in self.parts[0]:
            for run in offered_runs(self.diaries[offer.staff_id], offer.terms, window):
                phase = run.start % run.step
                alike[offer.terms.duration, offer.price, run.step, phase].append((run, offer.staff_id))
        found: defaultdict[int, Outcomes] = defaultdict(dict)
        for (duration, price, _, _), runs in alike.items():
            for piece, staff in joined_runs(runs):
                teams = (staff,)
                for start in piece:
                    found[start][start + duration, price] = teams
        return found

    def _of_several(self, window: Span) -> dict[int, Outcomes]:
        first: defaultdict[int, list[Offer]] = defaultdict(list)
        for offer in self.parts[0]:
            for start in offered_starts(self.diaries[offer.staff_id], _open_ended(offer), window):
                first[start].append(offer)
        return {start: _either(self._begin(0, start, o) for o in offers) for start, offers in first.items()}

    def arrange(self, start: int, rank: Callable[[int], object]) -> list[Offer] | None:
        """Return who does the parts: of all that is possible, part by part, the staff id that `rank` puts first."""
        chosen: list[Offer] = []
        at, last = start, None
        for index in range(len(self.parts)):
            possible = self._possible(index, at, last)
            if not possible:
                return None
            last = possible[0] if len(possible) == 1 else min(possible, key=lambda o: (rank(o.staff_id), o.staff_id))
            chosen.append(last)
            at += last.terms.duration
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

    def _possible(self, index: int, at: int, last: Offer | None) -> list[Offer]:
        """Return whose the part can be, after `last`, with some way to go on; in the order of the offers."""
        if last is None:
            first = (o for o in self.parts[0] if is_offered(self.diaries[o.staff_id], _open_ended(o), at))
            return [offer for offer in first if self._begin(0, at, offer)]
        step = {True: self._go_on, False: self._begin if self._leaves(last, at) else _never}
        return [offer for offer in self.parts[index] if step[offer.staff_id == last.staff_id](index, at, offer)]

    def _find_fresh(self, index: int, at: int) -> Outcomes:
        """Return the outcomes of the parts from `index` on, where a new run begins with it."""
        return _either(self._begin(index, at, offer) for offer in self.parts[index])

    def _find_tails(self, index: int, at: int, last: Offer) -> Outcomes:
        """Return the outcomes of the parts from `index` on, straight after `last`."""
        if index == len(self.parts):
            return {(at, 0): ()} if self._leaves(last, at) else {}
        changing = self._fresh(index, at) if self._leaves(last, at) else {}
        same = (self._go_on(index, at, offer) for offer in self.parts[index] if offer.staff_id == last.staff_id)
        return _either([changing, *same])

    def _begin(self, index: int, at: int, offer: Offer) -> Outcomes:
        return self._go_on(index, at, offer) if self._is_free(offer, (at - offer.terms.before, at)) else {}

    def _go_on(self, index: int, at: int, offer: Offer) -> Outcomes:
        end = at + offer.terms.duration
        if not is_open(self.diaries[offer.staff_id], offer.terms, at) or not self._is_free(offer, (at, end)):
            return {}
        return {
            (ends, price + offer.price): (frozenset({offer.staff_id}), *teams)
            for (ends, price), teams in self._tails(index + 1, end, offer).items()
        }

    def _leaves(self, offer: Offer, end: int) -> bool:
        return self._is_free(offer, (end, end + offer.terms.after))

    def _is_free(self, offer: Offer, span: Span) -> bool:
        return span[0] == span[1] or not meeting(self.diaries[offer.staff_id].taken, span)


def joined_runs(runs: Iterable[tuple[range, int]]) -> Iterator[tuple[range, frozenset[int]]]:
    """Cut runs of starts on one grid wherever somebody's begins or ends; yield each piece, and whose it is."""
    changes: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    step = 1
    for run, one in runs:
        changes[run.start].append((one, 1))
        changes[run.stop].append((one, -1))
        step = run.step
    times: Counter[int] = Counter()
    for at, until in pairwise(sorted(changes)):
        for one, more in changes[at]:
            times[one] += more
        present = frozenset(one for one, count in times.items() if count)
        if present:
            yield range(at, until, step), present


def _open_ended(offer: Offer) -> Terms:
    """Return the terms of a part whose run may go on: what comes after it is not asked yet."""
    return replace(offer.terms, after=0)


def _rank(against: Sequence[Unavailability]) -> float:
    """Return how far those came against whom these reasons speak."""
    return RANK[against[0]] if against else inf


def _never(_index: int, _at: int, _offer: Offer) -> Outcomes:
    return {}


def _either(ways: Iterable[Outcomes]) -> Outcomes:
    """Return the outcomes of any of several ways, the teams of equal ones joined."""
    joined: Outcomes = {}
    for outcomes in ways:
        for outcome, teams in outcomes.items():
            known = joined.get(outcome)
            joined[outcome] = teams if known is None else tuple(a | b for a, b in zip(known, teams, strict=True))
    return joined
