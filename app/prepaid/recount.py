"""Whether balances are what their ledgers say, movement by movement."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import PrepaidStep
from app.prepaid.ledger import CARDS, PACKAGES, Ledger

LEDGERS: tuple[tuple[str, Ledger[Any, Any]], ...] = (("gift card", CARDS), ("package", PACKAGES))


def find_wrong_balances() -> Iterator[str]:
    """Yield a line for each card or package whose balance is not the sum of its ledger."""
    for told, ledger in LEDGERS:
        for thing_id, balance, said in db.session.execute(_wrong_balances(ledger)):
            yield f"{told} {thing_id} has {balance} left; its movements add up to {said}"


def find_wrong_movements() -> Iterator[str]:
    """Yield a line for each movement that does not follow from the one before it."""
    for told, ledger in LEDGERS:
        for thing_id, movement_id, after, before, change in db.session.execute(_wrong_movements(ledger)):
            yield f"movement {movement_id} of {told} {thing_id} ends at {after}, not at {before} {change:+}"


def find_given_too_much() -> Iterator[str]:
    """Yield a line for each spending of which more was given back than was spent, or to something else."""
    for told, ledger in LEDGERS:
        for thing_id, movement_id in db.session.execute(_given_too_much(ledger)):
            yield f"movement {movement_id} of {told} {thing_id} was given back more often than spent, or elsewhere"


def _wrong_balances(ledger: Ledger[Any, Any]) -> Select[*tuple[Any, ...]]:
    thing, movement = ledger.things, ledger.movements
    said = func.coalesce(func.sum(movement.change), 0)
    joined = select(thing.id, thing.balance, said).outerjoin(movement, movement.prepaid_id == thing.id)
    return joined.group_by(thing.id, thing.balance).having(thing.balance != said).order_by(thing.id)


def _wrong_movements(ledger: Ledger[Any, Any]) -> Select[*tuple[Any, ...]]:
    movement = ledger.movements
    before = func.lag(movement.balance_after, 1, 0).over(partition_by=movement.prepaid_id, order_by=movement.id)
    columns = (movement.prepaid_id, movement.id, movement.balance_after, before.label("before"), movement.change)
    each = select(*columns).subquery()
    return select(each).where(each.c.balance_after != each.c.before + each.c.change).order_by(each.c.id)


def _given_too_much(ledger: Ledger[Any, Any]) -> Select[*tuple[Any, ...]]:
    spend, given = ledger.movements, aliased(ledger.movements)
    elsewhere = func.count().filter((given.prepaid_id != spend.prepaid_id) | (spend.kind != PrepaidStep.SPEND))
    found = select(spend.prepaid_id, spend.id).join(given, given.spend_id == spend.id).group_by(spend.id)
    return found.having((func.sum(given.change) > -spend.change) | (elsewhere > 0)).order_by(spend.id)
