"""The verbs of what is paid ahead: issued by paid orders, spent by payments, given back by refunds."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Select, select

from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Conflict, NotFound
from app.kit.money import Money
from app.kit.references import ALPHABET
from app.models import (
    GiftCard,
    GiftCardMovement,
    Package,
    PackageMovement,
    PrepaidStatus,
    PrepaidStep,
)
from app.prepaid import queries
from app.prepaid.errors import (
    InsufficientBalance,
    NoPackage,
    PrepaidDisputed,
    PrepaidExpired,
    PrepaidUsed,
    PrepaidVoid,
    ReferenceUsed,
)
from app.prepaid.expiry import GRACE, schedule_expiry
from app.prepaid.issuing import Issued, issue_for_order
from app.prepaid.ledger import CARDS, PACKAGES, Because, Ledger
from app.prepaid.queries import Filters
from app.security.actor import Actor
from app.transactions import locked

__all__ = [
    "Because",
    "Issued",
    "gift_card_of",
    "give_back",
    "give_back_visit",
    "is_issued",
    "is_void",
    "issue_for_order",
    "list_all",
    "movements_of",
    "read",
    "spend_gift_card",
    "spend_package",
    "void_order",
]

Thing = TypeVar("Thing", GiftCard, Package)
Movement = TypeVar("Movement", GiftCardMovement, PackageMovement)


def spend_gift_card(code: str, amount: int, because: Because) -> GiftCardMovement:
    """Spend `amount` minor units (above 0) of the card of a code, as its reader types it; once for a reference.

    Raises `NotFound` naming `code`, `PrepaidVoid`, `PrepaidExpired`, `PrepaidDisputed`, `InsufficientBalance`, and
    `ReferenceUsed` where the reference has spent something else.
    """
    card = gift_card_of(code)
    spent = CARDS.once(because.reference, lambda: CARDS.take(card.id, amount, because))
    if spent is None:
        raise _why_not(gift_card_of(code))
    if (spent.prepaid_id, spent.change) != (card.id, -amount):
        raise ReferenceUsed
    return spent


def spend_package(client_id: int, service_id: int, because: Because) -> PackageMovement:
    """Spend a visit of a client's packages of a service, of the one that expires first; once for a reference.

    Raises `NoPackage`, and `ReferenceUsed` where the reference has spent something else.
    """
    spent = PACKAGES.once(because.reference, lambda: _take_visit(client_id, service_id, because))
    if spent is None:
        raise NoPackage
    package = db.session.get_one(Package, spent.prepaid_id)
    if (package.client_id, package.service_id) != (client_id, service_id):
        raise ReferenceUsed
    return spent


def give_back(spend_reference: str, amount: int, because: Because) -> GiftCardMovement:
    """Put `amount` minor units of what a reference spent back on its gift card; once for the reference in `because`.

    They can be used for 30 days at least, also where the card would have expired; on one that is void they are void.
    Raises `NotFound`, `GivesBackTooMuch`, and `ReferenceUsed` where that reference gave something else back.
    """
    return _give_back(CARDS, spend_reference, amount, because)


def give_back_visit(spend_reference: str, because: Because) -> PackageMovement:
    """Put the visit that a reference spent back into its package, in the same way."""
    return _give_back(PACKAGES, spend_reference, 1, because)


def void_order(order_id: int, because: Because, *, used_too: bool = False) -> None:
    """Take back all that an order, which the caller has locked, has issued; repeated, nothing more.

    Raises `PrepaidUsed` where something of it has been used, or has expired; `used_too` takes what is left of that.
    """
    _void(CARDS, order_id, because, used_too=used_too)
    _void(PACKAGES, order_id, because, used_too=used_too)


def is_issued(order_id: int) -> bool:
    """Say whether an order has issued something that is not void."""
    found = (queries.standing_of_order(GiftCard, order_id), queries.standing_of_order(Package, order_id))
    return any(db.session.scalars(ids).first() is not None for ids in found)


def is_void(spend_reference: str) -> bool:
    """Say whether what a reference has spent of is void, so that what it gives back can be spent by nobody."""
    return _is_void(CARDS, spend_reference) or _is_void(PACKAGES, spend_reference)


def gift_card_of(code: str) -> GiftCard:
    """Return the card of a code, typed with or without hyphens, spaces and capitals. Raises `NotFound` naming it."""
    plain = "".join(sign for sign in code.upper() if sign in ALPHABET)
    card = db.session.scalars(queries.card_of_code(plain)).one_or_none()
    if card is None:
        raise NotFound.naming("code")
    return card


def list_all(kind: type[Thing], actor: Actor, filters: Filters) -> Select[Thing]:
    """Return the select of the cards, or packages, that the actor may see and that match."""
    return queries.matching(kind, actor, filters, utcnow())


def read(kind: type[Thing], actor: Actor, thing_id: int) -> Thing:
    """Return one. Raises `NotFound` where there is none or it is not the actor's to see."""
    thing = db.session.scalars(select(kind).where(kind.id == thing_id, queries.visible_to(kind, actor))).one_or_none()
    if thing is None:
        raise NotFound
    return thing


def movements_of(ledger: Ledger[Thing, Movement], actor: Actor, thing_id: int) -> Select[Movement]:
    """Return the select of a visible one's movements. Raises `NotFound`."""
    thing = read(ledger.things, actor, thing_id)
    return select(ledger.movements).where(ledger.movements.prepaid_id == thing.id)


def _is_void(ledger: Ledger[Thing, Movement], spend_reference: str) -> bool:
    spend = ledger.spent(spend_reference)
    return spend is not None and db.session.get_one(ledger.things, spend.prepaid_id).voided_at is not None


def _why_not(card: GiftCard) -> Conflict:
    status = card.current_status
    if status is PrepaidStatus.VOID:
        return PrepaidVoid()
    if status is PrepaidStatus.EXPIRED:
        return PrepaidExpired()
    if db.session.scalars(queries.disputed_card(card.id)).first() is not None:
        return PrepaidDisputed()
    return InsufficientBalance(extra={"balance": Money(card.balance, card.currency)})


def _take_visit(client_id: int, service_id: int, because: Because) -> PackageMovement | None:
    for package_id in db.session.scalars(queries.spendable_packages(client_id, service_id, utcnow())).all():
        spent = PACKAGES.take(package_id, 1, because)
        if spent is not None:
            return spent
    return None


def _give_back(ledger: Ledger[Thing, Movement], spend_reference: str, amount: int, because: Because) -> Movement:
    spend = ledger.spent(spend_reference)
    if spend is None:
        raise NotFound
    thing = locked(ledger.things, spend.prepaid_id)
    if thing.voided_at is not None:
        return _give_back_void(ledger, thing, lambda: ledger.give_back(spend, amount, because))
    if thing.current_status is PrepaidStatus.EXPIRED:
        ledger.empty(PrepaidStep.EXPIRE, [thing], Because())  # what had expired stays gone
    given = ledger.give_back(spend, amount, because)
    until = utcnow() + GRACE
    if thing.expires_at is not None and thing.expires_at < until:
        thing.expires_at = until
        schedule_expiry(until)
    return given


def _give_back_void(ledger: Ledger[Thing, Movement], thing: Thing, give: Callable[[], Movement]) -> Movement:
    """Give back on something that is void: whoever took it back has taken this, too."""
    voided_at, thing.voided_at = thing.voided_at, None
    db.session.flush()
    given = give()
    db.session.refresh(thing)
    ledger.empty(PrepaidStep.VOID, [thing], Because())
    thing.voided_at = voided_at
    db.session.flush()
    return given


def _void(ledger: Ledger[Thing, Movement], order_id: int, because: Because, *, used_too: bool) -> None:
    these = queries.of_order(ledger.things, order_id).with_for_update(key_share=True)
    things = db.session.scalars(these.execution_options(populate_existing=True)).all()
    whole = [thing for thing in things if thing.voided_at is None]
    is_used = (thing.current_status is PrepaidStatus.EXPIRED or thing.balance < thing.value for thing in whole)
    if not used_too and any(is_used):
        raise PrepaidUsed
    ledger.empty(PrepaidStep.VOID, whole, because)
    for thing in whole:
        thing.voided_at = utcnow()
    db.session.flush()
