"""What one client is told of what was found: nothing that cannot be had, is booked, or was just bought. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from app.recommendations.reasons import Reason
from app.recommendations.rhythm import EARLIEST, LATEST
from app.recommendations.things import Kind, Thing

JUST_BOUGHT = timedelta(days=30)
"""For so long after it was taken, a thing is not named again by the business's own links."""

TIERS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A thing that may be named to a client, and why. `share` is from 0 to 1, among those of its own source."""

    thing: Thing
    reason: Reason
    share: float
    because: tuple[Thing, ...] = ()
    curated: bool = False
    due_on: date | None = None
    usual_interval_days: int | None = None

    @property
    def tier(self) -> int:
        """What is due comes before what the business links, that before what was learnt, and that before the rest."""
        if self.reason is Reason.DUE:
            return 3
        if self.curated:
            return 2
        return 0 if self.reason is Reason.POPULAR else 1

    @property
    def score(self) -> float:
        """From 0 to 1, and lower for whatever stands further down."""
        return round((self.tier + self.share) / TIERS, 4)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is so at the moment: for one client, and for everybody."""

    today: date
    known_until: date  # the run knows nothing of this day and later ones
    taken: Mapping[Thing, date]  # the last day of each; also to come
    available: Collection[Thing]  # what can be booked or bought

    def allows(self, one: Candidate) -> bool:
        """Say whether a thing may be named."""
        return one.thing in self.available and self._is_wanted(one)

    def _is_wanted(self, one: Candidate) -> bool:
        last = self.taken.get(one.thing)
        if one.reason is Reason.DUE:
            return (last is None or last < self.known_until) and self._is_due(one)
        if one.curated:
            return last is None or last < self.today - JUST_BOUGHT
        return last is None

    def _is_due(self, one: Candidate) -> bool:
        """Say whether it still is, some days after that was worked out."""
        assert one.due_on is not None  # noqa: S101  # says a CHECK of the table
        assert one.usual_interval_days is not None  # noqa: S101  # the same
        over = one.usual_interval_days + (self.today - one.due_on).days
        return EARLIEST <= over / one.usual_interval_days <= LATEST


def choose(candidates: Iterable[Candidate], kind: Kind, now: Situation, limit: int) -> list[Candidate]:
    """Return the best things of a kind that may be named, each once, the best first."""
    of_kind = sorted((one for one in candidates if one.thing.kind is kind), key=lambda one: -one.score)
    return list(islice(_each_once(one for one in of_kind if now.allows(one)), limit))


def _each_once(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    named: set[Thing] = set()
    for one in candidates:
        if one.thing not in named:
            named.add(one.thing)
            yield one


def linked(target: Thing, source: Thing, place: int) -> Candidate:
    """Return what the business links with a thing of the client's; `place` is its place among the links, from 0."""
    return Candidate(target, _reason(target, source), 1 / (1 + place), (source,), curated=True)


def _reason(target: Thing, source: Thing) -> Reason:
    if target.kind is Kind.SERVICE:
        return Reason.SIMILAR_CLIENTS
    return Reason.GOES_WITH_SERVICE if source.kind is Kind.SERVICE else Reason.BOUGHT_TOGETHER
