"""What the job writes for each client, worked out of everybody's purchases."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from app.models import FoundBecause
from app.recommendations import rhythm
from app.recommendations.model import Model, fit
from app.recommendations.purchases import Purchases
from app.recommendations.ranking import rank_new
from app.recommendations.reading import Catalogue
from app.recommendations.reasons import Reason, Recommendation
from app.recommendations.things import Kind, Thing, thing_of

KEPT = 12
"""Things of each kind that are kept for a client, of each reason: some may be gone by the time it asks."""

POPULAR_KEPT = 50

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known on one day, of everybody and of each client."""

    purchases: Purchases  # in order of clients
    model: Model
    catalogue: Catalogue
    day: date
    gaps: Mapping[int, float]  # after how many days one comes again, by service

    @classmethod
    def of(cls, purchases: Purchases, catalogue: Catalogue, day: date) -> "Findings":
        """Learn. Only what is in the catalogue is ever named."""
        ordered = purchases.in_order_of_clients()
        numbers = [Thing(Kind.SERVICE, one).number for one in catalogue.services]
        model = fit(ordered, day=day.toordinal(), services=numbers)
        gaps = rhythm.population_gaps(_visits(own) for _, own in ordered.each_client())
        said = {service: float(days) for service, days in catalogue.services.items() if days}
        return cls(ordered, model, catalogue, day, gaps | said)

    @property
    def client_count(self) -> int:
        """Of how many clients something is known."""
        return len(np.unique(self.purchases.clients))

    def popular(self) -> list[Row]:
        """Return the rows of what many take: services, then products, the most popular of each first."""
        items, counts = (column.tolist() for column in self.model.popularity.best_first())
        found: list[Row] = []
        for kind in Kind:
            named = self._numbers(kind)
            ranked = [(item, count) for item, count in zip(items, counts, strict=True) if item in named]
            found += [_columns(item) | {"score": _share(count, ranked[0][1])} for item, count in ranked[:POPULAR_KEPT]]
        return [row | {"position": position} for position, row in enumerate(found)]

    def of_clients(self) -> Iterator[tuple[int, list[Row]]]:
        """Yield each client with its rows, in the order of the clients."""
        named = {kind: self._numbers(kind) for kind in Kind}
        for client_id, own in self.purchases.each_client():
            new = (row for kind in Kind for row in _rows(rank_new(self.model, own, among=named[kind], limit=KEPT)))
            rows = [*self._due(own), *new]
            yield client_id, [row | {"client_id": client_id, "position": at} for at, row in enumerate(rows)]

    def _due(self, own: Purchases) -> Iterator[Row]:
        due = (one for one in rhythm.due(_visits(own), self.gaps, self.day) if one.service in self.catalogue.services)
        for one, _ in zip(due, range(KEPT), strict=False):
            yield _row(Thing(Kind.SERVICE, one.service).number, FoundBecause.DUE, one.score) | {
                "due_on": one.due_on,
                "usual_interval_days": one.usual_interval_days,
            }

    def _numbers(self, kind: Kind) -> frozenset[int]:
        ids: Iterable[int] = self.catalogue.services if kind is Kind.SERVICE else self.catalogue.products
        return frozenset(Thing(kind, one).number for one in ids)


def _visits(own: Purchases) -> dict[int, list[date]]:
    """Return when a client had each service."""
    found: dict[int, list[date]] = {}
    for day, item in zip(own.days.tolist(), own.items.tolist(), strict=True):
        thing = thing_of(item)
        if thing.kind is Kind.SERVICE:
            found.setdefault(thing.id, []).append(date.fromordinal(day))
    return found


def _rows(ranked: list[Recommendation]) -> Iterator[Row]:
    """Yield the rows of what was learnt; what is popular is kept once for everybody."""
    for one in ranked:
        if one.reason is not Reason.POPULAR:
            because = [[thing.kind.value, thing.id] for thing in map(thing_of, one.because)]
            share = _share(one.score, ranked[0].score)
            yield _row(one.item, FoundBecause(one.reason.value), share) | {"because": because}


def _share(score: float, best: float) -> float:
    """Return what a score is of the best one, at most 1: those that differ by a rounding alone are ranked as equal."""
    return min(1.0, round(score / best, 6)) if best else 0.0


def _row(item: int, reason: FoundBecause, score: float) -> Row:
    nothing: Row = {"because": [], "due_on": None, "usual_interval_days": None}
    return _columns(item) | {"reason": reason, "score": score} | nothing


def _columns(item: int) -> Row:
    thing = thing_of(item)
    return {
        "service_id": thing.id if thing.kind is Kind.SERVICE else None,
        "product_id": thing.id if thing.kind is Kind.PRODUCT else None,
    }
