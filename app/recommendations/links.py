"""The verbs of what the business links itself: whoever has the first thing is told of the second."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from app.audit.service import Thing as Subject
from app.audit.service import record
from app.extensions import db
from app.kit.errors import Invalid, NotFound
from app.models import CuratedLink, Product, ProductKind, Service
from app.products.service import get_products
from app.recommendations.errors import AlreadyLinked
from app.recommendations.things import Kind, Thing, thing_in
from app.services.service import get_services
from app.transactions import locked, refusing


def list_links() -> Select[CuratedLink]:
    """Return the select of all links."""
    return select(CuratedLink)


def get_link(link_id: int) -> CuratedLink:
    """Return a link. Raises `NotFound`."""
    link = db.session.get(CuratedLink, link_id, populate_existing=True)
    if link is None:
        raise NotFound
    return link


def create_link(actor_id: int, source: Thing, target: Thing, position: int) -> CuratedLink:
    """Link two things that are not retired. Raises `NotFound`, `Invalid`, `AlreadyLinked`."""
    if source == target:
        raise Invalid.field("to", "Is the same as what it is to be linked with.")
    found = named((source, target))
    _require_current("from", found.get(source))
    _require_current("to", found.get(target))
    ends = {f"from_{source.kind}_id": source.id, f"to_{target.kind}_id": target.id}
    link = CuratedLink(position=position, **ends)
    with refusing("unique", AlreadyLinked):
        db.session.add(link)
    record("recommendations.linked", actor_id=actor_id, thing=_subject(link), after=_told(link))
    return link


def change_link(actor_id: int, link_id: int, fields: dict[str, Any]) -> CuratedLink:
    """Change the fields given. Raises `NotFound`."""
    link = locked(CuratedLink, link_id)
    before = {name: getattr(link, name) for name in fields}
    for name, value in fields.items():
        setattr(link, name, value)
    db.session.flush()
    if before != fields:
        record("recommendations.link_changed", actor_id=actor_id, thing=_subject(link), before=before, after=fields)
    return link


def delete_link(actor_id: int, link_id: int) -> None:
    """Remove a link. Raises `NotFound`."""
    link = locked(CuratedLink, link_id)
    record("recommendations.unlinked", actor_id=actor_id, thing=_subject(link), before=_told(link))
    db.session.delete(link)
    db.session.flush()


def source_of(link: CuratedLink) -> Thing:
    """Return what the client has."""
    return thing_in(link.from_service_id, link.from_product_id)


def target_of(link: CuratedLink) -> Thing:
    """Return what it is told of."""
    return thing_in(link.to_service_id, link.to_product_id)


def named(things: Iterable[Thing]) -> dict[Thing, Service | Product]:
    """Return these services and products, retired ones too, in two statements."""
    wanted = set(things)
    services = get_services([thing.id for thing in wanted if thing.kind is Kind.SERVICE])
    products = get_products([thing.id for thing in wanted if thing.kind is Kind.PRODUCT])
    return {Thing(Kind.SERVICE, one): row for one, row in services.items()} | {
        Thing(Kind.PRODUCT, one): row for one, row in products.items()
    }


def _require_current(end: str, thing: Service | Product | None) -> None:
    if thing is None:
        raise NotFound.naming(f"{end}.id")
    if not thing.active:
        raise Invalid.field(f"{end}.id", "Is retired.")
    if isinstance(thing, Product) and thing.kind is not ProductKind.RETAIL:
        raise Invalid.field(f"{end}.id", "Packages and gift cards are not recommended.")


def _subject(link: CuratedLink) -> Subject:
    return Subject("curated_link", link.id)


def _told(link: CuratedLink) -> dict[str, Any]:
    source, target = source_of(link), target_of(link)
    return {
        "from": f"{source.kind}:{source.id}",
        "to": f"{target.kind}:{target.id}",
        "position": link.position,
    }
