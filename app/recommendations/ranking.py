"""What to recommend to one client: what it never had, or what goes with a basket."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

import numpy as np

from app.recommendations.model import Model
from app.recommendations.purchases import Flags, Floats, Ints, Purchases, totals
from app.recommendations.reasons import Reason, Recommendation

MEMORY_DAYS = 90
"""What a client took speaks e times less loudly for every so many days since."""
HABIT_DAYS = 180
"""A purchase counts as habit e times less for every so many days since."""
HABIT = 0.1
"""What having taken a thing once before counts, beside what the basket says."""
REASONS_NAMED = 3


@dataclass(frozen=True, slots=True)
class _Voices:
    """Which things speak for which, and how loudly: rows."""

    targets: Ints
    sources: Ints
    weights: Floats
    curated: Flags

    @classmethod
    def of(cls, model: Model, sources: Ints, loudness: Floats) -> Self:
        """Collect what the model's links say for a client who has `sources`."""
        parts = []
        for links in (model.links, model.curated):
            rows, whose = links.of(sources)
            by_hand = np.full(len(rows), links is model.curated)
            parts.append((links.targets[rows], sources[whose], links.weights[rows] * loudness[whose], by_hand))
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def joined(self, other: Self) -> Self:
        """Return the rows of both."""
        return type(self)(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))

    def where(self, chosen: Flags) -> Self:
        """Return the rows for which `chosen` is true."""
        return type(self)(*(getattr(self, name)[chosen] for name in self.__slots__))

    def sums(self) -> tuple[Ints, Floats, Floats]:
        """Return each target, what is said for it by what was learnt, and by the business."""
        targets, code = np.unique(self.targets, return_inverse=True)
        learnt = np.where(self.curated, 0.0, self.weights)
        curated = self.weights - learnt
        return targets, totals(code, learnt, len(targets)), totals(code, curated, len(targets))


def rank_new(
    model: Model, history: Purchases, *, among: Collection[int] | None = None, limit: int = 10
) -> list[Recommendation]:
    """Return things that this client never took, the best first.

    First what the business links with something the client has; then what the client's things speak for, times the root
    of how popular it is; then the most popular. `history` is one client's; `among` are the things that may be named.
    """
    had, last = _last_days(history.before(model.day))
    voices = _Voices.of(model, had, np.exp((last - model.day) / MEMORY_DAYS))
    voices = voices.where(_may_be_named(voices.targets, had, among))
    targets, learnt, curated = voices.sums()
    chosen = _best(model, voices, (targets, learnt * model.popularity.appeal(targets), curated), limit)
    return chosen + _popular(model, [*had.tolist(), *(one.item for one in chosen)], among, limit - len(chosen))


def rank_with(
    model: Model,
    basket: Collection[int],
    history: Purchases,
    *,
    among: Collection[int] | None = None,
    limit: int = 10,
) -> list[Recommendation]:
    """Return things that go with a basket, the best first; also such as the client took before, out of habit.

    First what the business links with something in the basket; then what the basket and habit speak for; then the most
    popular. `history` is one client's, and may be empty.
    """
    inside = np.array(sorted(set(basket)), dtype=np.int64)
    voices = _Voices.of(model, inside, np.ones(len(inside))).joined(_habits(model, history))
    voices = voices.where(_may_be_named(voices.targets, inside, among))
    chosen = _best(model, voices, voices.sums(), limit)
    return chosen + _popular(model, [*inside.tolist(), *(one.item for one in chosen)], among, limit - len(chosen))


def _habits(model: Model, history: Purchases) -> _Voices:
    """Let each thing that a client took speak for itself."""
    past = history.before(model.day)
    items, code = np.unique(past.items, return_inverse=True)
    loudness = HABIT * totals(code, np.exp((past.days - model.day) / HABIT_DAYS), len(items))
    return _Voices(items, items, loudness, np.zeros(len(items), dtype=np.bool_))


def _last_days(history: Purchases) -> tuple[Ints, Ints]:
    """Return what a client took, and when last."""
    items, code = np.unique(history.items, return_inverse=True)
    last = np.full(len(items), np.iinfo(np.int64).min)
    np.maximum.at(last, code, history.days)
    return items, last


def _may_be_named(items: Ints, had: Ints, among: Collection[int] | None) -> Flags:
    free = ~np.isin(items, had)
    return free if among is None else free & np.isin(items, np.fromiter(among, np.int64, len(among)))


def _best(model: Model, voices: _Voices, sums: tuple[Ints, Floats, Floats], limit: int) -> list[Recommendation]:
    """Return the targets with the highest sums, the business's before all others; ids break ties."""
    targets, scores, curated = sums
    order = np.lexsort((targets, -scores.round(9), -curated))[:limit]
    return [_explained(model, voices, int(targets[n]), float(scores[n]), curated=bool(curated[n])) for n in order]


def _explained(model: Model, voices: _Voices, item: int, score: float, *, curated: bool) -> Recommendation:
    """Say which things spoke for `item`: the business's links first, then the loudest."""
    own = voices.where(voices.targets == item)
    order = np.lexsort((own.sources, -own.weights, ~own.curated))
    because = tuple(dict.fromkeys(own.sources[order].tolist()))[:REASONS_NAMED]
    return Recommendation(item, round(score, 6), _reason(model, item, because[0]), because, curated)


def _reason(model: Model, item: int, source: int) -> Reason:
    if item == source:
        return Reason.BOUGHT_BEFORE
    if np.isin(item, model.services):
        return Reason.SIMILAR_CLIENTS
    return Reason.GOES_WITH_SERVICE if np.isin(source, model.services) else Reason.BOUGHT_TOGETHER


def _popular(model: Model, named: Collection[int], among: Collection[int] | None, wanted: int) -> list[Recommendation]:
    """Return the most popular things that are not named yet."""
    if wanted <= 0:
        return []
    items, shares = model.popularity.best_first()
    free = _may_be_named(items, np.array(named, dtype=np.int64), among)
    pairs = zip(items[free][:wanted].tolist(), shares[free][:wanted].tolist(), strict=True)
    return [Recommendation(item, round(share, 6), Reason.POPULAR) for item, share in pairs]
