"""Recommendations and links as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.models import CuratedLink, Product, Service
from app.recommendations.choosing import Candidate
from app.recommendations.links import named, source_of, target_of
from app.recommendations.sentences import sentence
from app.recommendations.service import Advice, Note
from app.recommendations.things import Thing

NOTES = {
    Note.OPTED_OUT: "Recommendations are switched off.",
    Note.NOT_COMPUTED: "Nothing has been worked out yet; that is done every night.",
    Note.TOO_OLD: "What was worked out last is too old to be said.",
}

Things = Mapping[Thing, Service | Product]


def shown(client_id: int, advice: Advice) -> dict[str, Any]:
    """Return what a client is recommended."""
    model = advice.model
    return {
        "client_id": client_id,
        "services": [_named(one, advice.things) | {"service": advice.things[one.thing]} for one in advice.services],
        "products": [_named(one, advice.things) | {"product": advice.things[one.thing]} for one in advice.products],
        "model": {"version": model.id if model else 0, "computed_at": model.computed_at if model else None},
        "note": advice.note and {"code": advice.note, "text": NOTES[advice.note]},
    }


def shown_links(links: Sequence[CuratedLink]) -> list[dict[str, Any]]:
    """Return links with what they link by name."""
    things = named(end for link in links for end in (source_of(link), target_of(link)))
    return [
        {name: getattr(link, name) for name in ("id", "position", "created_at")}
        | {"source": _thing(source_of(link), things), "target": _thing(target_of(link), things)}
        for link in links
    ]


def _named(one: Candidate, things: Things) -> dict[str, Any]:
    names = {thing: things[thing].name for thing in one.because}
    reason: dict[str, Any] = {
        "code": one.reason,
        "text": sentence(one, names),
        "because": [_thing(thing, things) for thing in one.because],
        "curated": one.curated,
    }
    if one.due_on is not None:
        reason |= {"due_on": one.due_on, "usual_interval_days": one.usual_interval_days}
    return {"score": one.score, "reason": reason}


def _thing(thing: Thing, things: Things) -> dict[str, Any]:
    return {"kind": thing.kind, "id": thing.id, "name": things[thing].name}
