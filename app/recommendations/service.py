"""What is recommended to a client: read from what the job found, and filtered by how things are now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import CuratedLink, PopularThing, Product, RecommendationModel, RecommendedThing, Service
from app.recommendations import queries
from app.recommendations.choosing import Candidate, Situation, choose, linked
from app.recommendations.links import source_of, target_of
from app.recommendations.reasons import Reason
from app.recommendations.things import Kind, Thing, thing_in

OLDEST = timedelta(days=14)
"""What was worked out longer ago is not said any more."""


class Note(StrEnum):
    """Why little or nothing is recommended."""

    OPTED_OUT = "opted_out"
    NOT_COMPUTED = "not_computed"
    TOO_OLD = "too_old"


@dataclass(frozen=True, slots=True)
class Offers:
    """Services and products as they are now, by what they are, and which of them can be had."""

    things: Mapping[Thing, Service | Product]
    available: frozenset[Thing]


@dataclass(frozen=True, slots=True)
class Advice:
    """What is recommended to one client; `model` is what it was worked out by, if anything was."""

    services: Sequence[Candidate] = ()
    products: Sequence[Candidate] = ()
    things: Mapping[Thing, Service | Product] = field(default_factory=dict)
    model: RecommendationModel | None = None
    note: Note | None = None


def recommend(client_id: int, limit: int) -> Advice:
    """Return up to `limit` services and products for a client, in a fixed number of statements."""
    if db.session.scalar(queries.opted_out(client_id)) is not None:
        return Advice(note=Note.OPTED_OUT)
    now = utcnow()
    model, note, found = _found(client_id, now)
    taken = _taken(client_id, now)
    candidates = [*found, *_linked(taken)]
    offers = _offers({thing for one in candidates for thing in (one.thing, *one.because)})
    today = _day(now)
    situation = Situation(today, model.day if model else today, taken, offers.available)
    chosen = {kind: choose(candidates, kind, situation, limit) for kind in Kind}
    return Advice(chosen[Kind.SERVICE], chosen[Kind.PRODUCT], offers.things, model, note)


def _found(client_id: int, now: datetime) -> tuple[RecommendationModel | None, Note | None, list[Candidate]]:
    """Return the newest finished run, what is to be said of it, and what it found: nothing where it is too old."""
    rows = db.session.execute(queries.own(client_id)).all()
    popular = db.session.scalars(queries.popular()).all()
    model: RecommendationModel | None = rows[0][0] if rows else None
    if model is None or model.computed_at is None:
        return None, Note.NOT_COMPUTED, []
    if model.computed_at < now - OLDEST:
        return model, Note.TOO_OLD, []
    return model, None, [*(_own(row[1]) for row in rows if row[1] is not None), *map(_popular, popular)]


def _own(row: RecommendedThing) -> Candidate:
    return Candidate(
        thing_in(row.service_id, row.product_id),
        Reason(row.reason.value),
        row.score,
        tuple(Thing(Kind(kind), thing_id) for kind, thing_id in row.because),
        due_on=row.due_on,
        usual_interval_days=row.usual_interval_days,
    )


def _popular(row: PopularThing) -> Candidate:
    return Candidate(thing_in(row.service_id, row.product_id), Reason.POPULAR, row.score)


def _taken(client_id: int, now: datetime) -> dict[Thing, date]:
    """Return the last day of each thing that the client took, or has booked."""
    since = now - queries.REMEMBERED
    found = {Kind.SERVICE: queries.services_taken, Kind.PRODUCT: queries.products_taken}
    return {
        Thing(kind, thing_id): _day(at)
        for kind, taken in found.items()
        for thing_id, at in db.session.execute(taken(client_id, since, now))
    }


def _linked(taken: Mapping[Thing, date]) -> Iterator[Candidate]:
    """Yield what the business links with what the client took."""
    ids = {kind: [thing.id for thing in taken if thing.kind is kind] for kind in Kind}
    links: Sequence[CuratedLink] = db.session.scalars(queries.links_from(ids[Kind.SERVICE], ids[Kind.PRODUCT])).all()
    for place, link in enumerate(links):
        yield linked(target_of(link), source_of(link), place)


def _offers(things: set[Thing]) -> Offers:
    selects: dict[Kind, Any] = {Kind.SERVICE: queries.services, Kind.PRODUCT: queries.products}
    rows = {
        Thing(kind, row[0].id): row
        for kind, these in selects.items()
        for row in db.session.execute(these([thing.id for thing in things if thing.kind is kind]))
    }
    available = frozenset(thing for thing, (_, can_be_had) in rows.items() if can_be_had)
    return Offers({thing: row[0] for thing, row in rows.items()}, available)


def _day(at: datetime) -> date:
    return at.astimezone(ZoneInfo(business.timezone)).date()
