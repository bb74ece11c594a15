"""The selects of what was paid ahead; `visible_to` first of all."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, false, not_, or_, select, true

from app.models import (
    GiftCard,
    GiftCardMovement,
    Package,
    PackageMovement,
    Payment,
    Prepaid,
    PrepaidStep,
    Refund,
    RefundOrigin,
    RefundState,
    Role,
)
from app.security.actor import Actor

Thing = TypeVar("Thing", GiftCard, Package)
Movement = TypeVar("Movement", GiftCardMovement, PackageMovement)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which cards or packages are wanted; None means all."""

    client_id: int | None = None
    order_id: int | None = None
    usable: bool | None = None


def visible_to(kind: type[Thing], actor: Actor) -> ColumnElement[bool]:
    """Return which of them the actor sees: staff and admins all, clients and owners what they bought, others none."""
    own = kind.client_id == actor.id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: true(),
        Role.OWNER: own,
        Role.CLIENT: own,
    }
    return visible.get(actor.role, false())


def usable_at(kind: type[Prepaid], now: datetime) -> ColumnElement[bool]:
    """Return which of them may still be spent. Void ones are empty."""
    return and_(kind.balance > 0, or_(kind.expires_at.is_(None), kind.expires_at > now), ~is_disputed(kind))


def is_disputed(kind: type[Prepaid]) -> ColumnElement[bool]:
    """Return which of them were paid with money that a bank holds until it has decided a dispute."""
    held = Refund.origin == RefundOrigin.DISPUTE, Refund.status == RefundState.PENDING
    return exists().where(Refund.payment_id == Payment.id, Payment.order_id == kind.order_id, *held).correlate(kind)


def matching(kind: type[Thing], actor: Actor, filters: Filters, now: datetime) -> Select[Thing]:
    """Select those that the actor sees and that match."""
    found = select(kind).where(visible_to(kind, actor))
    if filters.client_id is not None:
        found = found.where(kind.client_id == filters.client_id)
    if filters.order_id is not None:
        found = found.where(kind.order_id == filters.order_id)
    if filters.usable is not None:
        is_usable = usable_at(kind, now)
        found = found.where(is_usable if filters.usable else not_(is_usable))
    return found


def of_client(kind: type[Thing], client_id: int) -> Select[Thing]:
    """Select all that somebody bought, the newest first."""
    return select(kind).where(kind.client_id == client_id).order_by(kind.created_at.desc(), kind.id.desc())


def of_order(kind: type[Thing], order_id: int) -> Select[Thing]:
    """Select what an order has issued, by id."""
    return select(kind).where(kind.order_id == order_id).order_by(kind.id)


def standing_of_order(kind: type[Thing], order_id: int) -> Select[int]:
    """Select the ids of what an order has issued that is not void."""
    return select(kind.id).where(kind.order_id == order_id, kind.voided_at.is_(None))


def card_of_code(code: str) -> Select[GiftCard]:
    """Select the gift card of a code, as it is now."""
    return select(GiftCard).where(GiftCard.code == code).execution_options(populate_existing=True)


def disputed_card(card_id: int) -> Select[int]:
    """Select the id of a gift card if it cannot be spent for a dispute."""
    return select(GiftCard.id).where(GiftCard.id == card_id, is_disputed(GiftCard))


def spendable_packages(client_id: int, service_id: int, now: datetime) -> Select[int]:
    """Select the ids of a client's packages of a service that have a visit left, the first to expire first."""
    found = select(Package.id).where(Package.client_id == client_id, Package.service_id == service_id)
    return found.where(usable_at(Package, now)).order_by(Package.expires_at, Package.id)


def usable_packages_of(client_id: int, now: datetime) -> Select[Package]:
    """Select a client's packages that have a visit left, by id."""
    return select(Package).where(Package.client_id == client_id, usable_at(Package, now)).order_by(Package.id)


def overdue(kind: type[Thing], now: datetime) -> Select[Thing]:
    """Select those whose time is over and that are not empty yet, locked, by id."""
    found = select(kind).where(kind.balance > 0, kind.expires_at <= now).order_by(kind.id)
    return found.with_for_update(key_share=True).execution_options(populate_existing=True)


def named(kind: type[Movement], step: PrepaidStep, reference: str) -> Select[Movement]:
    """Select the movement of a step that has this reference."""
    return select(kind).where(kind.reference == reference, kind.kind == step)
