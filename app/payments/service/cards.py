"""Stored cards. Their numbers never touch us: a provider keeps them, and we its token and what may be shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import func, insert, update

from app.extensions import BULK, db
from app.integrations.payments import Card, ProviderDown, Setup, Vault, provider_named
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.kit.references import new_name
from app.models import PaymentCustomer, StoredCard, User
from app.payments import queries
from app.payments.errors import ProviderNotConfigured, ProviderUnavailable
from app.transactions import locked, reading, transaction

KEEPER = "stripe"
"""The provider that keeps cards."""

FORGET_CARD = "payments.forget_card"
"""The outbox topic of cards that their provider must forget; payload: `card_id`."""


def new_card(user_id: int) -> Setup:
    """Let the provider begin to store a card of an account. Raises `ProviderNotConfigured`, `ProviderUnavailable`."""
    vault = _vault()
    if vault is None:
        raise ProviderNotConfigured
    with reading():
        customer = _customer_of(user_id)
    try:
        name = customer or _introduce(vault, user_id)
        return vault.start_setup(name, new_name())
    except ProviderDown as down:
        raise ProviderUnavailable(headers={"Retry-After": str(down.retry_after)}) from down


def list_cards(user_id: int) -> Sequence[StoredCard]:
    """Return an account's stored cards as the provider has them; as we last knew them where it does not answer."""
    vault = _vault()
    with reading():
        customer = _customer_of(user_id)
    if vault is not None and customer is not None:
        try:
            found = vault.cards(customer)
        except ProviderDown:
            found = None
        if found is not None:
            with transaction():
                _keep(user_id, found)
    with reading():
        return db.session.scalars(queries.cards_of(user_id).order_by(StoredCard.id)).all()


def detach_card(user_id: int, card_id: int) -> None:
    """Let the provider forget an account's card, and forget it. Raises `NotFound`, `ProviderUnavailable`."""
    with reading():
        card = db.session.get(StoredCard, card_id, populate_existing=True)
        if card is None or card.user_id != user_id or card.detached_at is not None:
            raise NotFound
    try:
        detach_at_provider(card.token)
    except ProviderDown as down:
        raise ProviderUnavailable(headers={"Retry-After": str(down.retry_after)}) from down
    with transaction():
        locked(StoredCard, card_id).detached_at = utcnow()


def forget_cards(user_id: int) -> None:
    """Forget all cards of an account that is erased, and let the provider forget them."""
    cards = db.session.scalars(queries.cards_of(user_id)).all()
    for card in cards:
        enqueue(FORGET_CARD, {"card_id": card.id}, due_at=utcnow())
    own = update(StoredCard).where(StoredCard.user_id == user_id)
    forgotten = {"brand": "", "last4": "0000", "detached_at": func.coalesce(StoredCard.detached_at, utcnow())}
    db.session.execute(own.values(forgotten), execution_options=BULK)


def detach_at_provider(token: str) -> None:
    """Let the provider forget a card. Raises `ProviderDown`."""
    vault = _vault()
    if vault is not None:
        vault.detach(token)


def _vault() -> Vault | None:
    return cast("Vault | None", provider_named(KEEPER))


def _customer_of(user_id: int) -> str | None:
    known = db.session.get(PaymentCustomer, (user_id, KEEPER))
    return None if known is None else known.customer


def _introduce(vault: Vault, user_id: int) -> str:
    """Tell the provider of an account, which it knows by the same name from then on, whoever else tells it at once."""
    name = vault.new_customer(f"user-{user_id}")
    with transaction():
        if db.session.get(PaymentCustomer, (user_id, KEEPER), populate_existing=True) is None:
            db.session.add(PaymentCustomer(user_id=user_id, provider=KEEPER, customer=name))
    return name


def _keep(user_id: int, cards: Sequence[Card]) -> None:
    """Write down which cards the provider has of an account, locked so that two lists at once write them once."""
    locked(User, user_id)
    known = {card.token: card for card in db.session.scalars(queries.all_cards_of(user_id))}
    there = {card.token for card in cards}
    new: list[dict[str, Any]] = [asdict(card) for card in cards if card.token not in known]
    if new:
        same = {"user_id": user_id, "provider": KEEPER, "created_at": utcnow()}
        db.session.execute(insert(StoredCard), [one | same for one in new])
    gone = [card.id for card in known.values() if card.token not in there and card.detached_at is None]
    if gone:
        forgotten = update(StoredCard).where(StoredCard.id.in_(gone))
        db.session.execute(forgotten.values(detached_at=utcnow()), execution_options=BULK)
