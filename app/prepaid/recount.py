"""Whether balances are what their ledgers say, movement by movement."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.models import Order, OrderLine, PrepaidStep
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


def find_wrong_values() -> Iterator[str]:
    """Yield a line for each card or package that is worth something else than was bought, or than was issued."""
    for told, ledger in LEDGERS:
        for thing_id, value in db.session.execute(_wrong_values(ledger)):
            yield f"{told} {thing_id} is worth {value}, which is not what was bought and issued"


def find_wrong_numbers() -> Iterator[str]:
    """Yield a line for each order that has issued more or fewer cards or packages than were bought and paid."""
    for told, ledger in LEDGERS:
        for order_id, issued, bought in db.session.execute(_wrong_numbers(ledger)):
            yield f"order {order_id} has issued {issued} of {bought}: {told}"


def _wrong_values(ledger: Ledger[Any, Any]) -> Select[*tuple[Any, ...]]:
    thing, movement = ledger.things, ledger.movements
    is_bought = exists().where(
        OrderLine.order_id == thing.order_id, OrderLine.product_id == thing.product_id, _worth(ledger) == thing.value
    )
    is_issued = exists().where(
        movement.prepaid_id == thing.id, movement.kind == PrepaidStep.ISSUE, movement.change == thing.value
    )
    return select(thing.id, thing.value).where(~is_bought | ~is_issued).order_by(thing.id)


def _wrong_numbers(ledger: Ledger[Any, Any]) -> Select[*tuple[Any, ...]]:
    thing = ledger.things
    issued = func.count(thing.id)
    bought = case((Order.paid_amount >= Order.total_amount, OrderLine.quantity), else_=0)
    joined = (
        select(OrderLine.order_id, issued, bought)
        .join(Order, Order.id == OrderLine.order_id)
        .outerjoin(thing, (thing.order_id == OrderLine.order_id) & (thing.product_id == OrderLine.product_id))
        .where(_worth(ledger).is_not(None))
    )
    grouped = joined.group_by(OrderLine.order_id, OrderLine.id, OrderLine.quantity, Order.id)
    return grouped.having(issued != bought).order_by(OrderLine.order_id, OrderLine.id)


def _worth(ledger: Ledger[Any, Any]) -> ColumnElement[int | None]:
    """Return the column of order lines that says what one of these is worth; null where it is something else."""
    return (OrderLine.card_amount if ledger is CARDS else OrderLine.package_visits).expression


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
