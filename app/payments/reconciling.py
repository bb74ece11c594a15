"""Our books beside the providers': each payment and refund as both sides have it. Reads only, on both sides."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row

from app.database import let_statements_take_long
from app.extensions import db
from app.integrations.payments import ProviderDown, provider_named
from app.integrations.payments.books import Answering, Listing, Moved
from app.models import PaymentMethod
from app.payments import queries
from app.payments.service.beginning import PROVIDERS
from app.transactions import reading

CLOCKS_DIFFER: Final = timedelta(minutes=10)
NAMES_AT_A_TIME: Final = 500
MOST_SILENCES: Final = 3
"""A provider that was silent so often in a row is asked no more."""

NOTHING: Final = "nothing"


@dataclass(slots=True)
class Compared:
    """What differs, or was not answered and so is not known to agree; and what no provider can be asked about."""

    off: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def compare(since: datetime) -> Compared:
    """Lay what was begun since an instant beside what the providers say of it."""
    found = Compared()
    for method, beside in ((PaymentMethod.CARD, _lay_lists), (PaymentMethod.MPESA, _lay_answers)):
        name = PROVIDERS[method]
        provider: Any = provider_named(name)
        if provider is not None:
            beside(name, provider, since, found)
        elif _ended_since(name, since):
            found.off.append(f"{name} is not set up any more: nothing was compared")
    return found


def _lay_lists(name: str, provider: Listing, since: datetime, found: Compared) -> None:
    try:
        theirs = provider.moved_since(since - CLOCKS_DIFFER)
    except ProviderDown as down:
        found.off.append(f"{name} does not answer ({down}): nothing was compared")
        return
    with reading():
        let_statements_take_long()
        found.off += _unlike(name, theirs, _ours(name, theirs, since))


def _ours(provider: str, theirs: Sequence[Moved], since: datetime) -> dict[str, Row[Any]]:
    """Return, by reference, what of ours began in that time, and whatever else the provider names."""
    selects = list(queries.moved_since(provider, since))
    for first in range(0, len(theirs), NAMES_AT_A_TIME):
        some = theirs[first : first + NAMES_AT_A_TIME]
        selects += queries.moved_named(
            provider, [one.name for one in some], [one.reference for one in some if one.reference]
        )
    return {row.reference: row for found in selects for row in db.session.execute(found)}


def _unlike(provider: str, theirs: Iterable[Moved], ours: dict[str, Row[Any]]) -> Iterator[str]:
    """Yield a line for each difference; what is found on both sides is taken out of `ours`."""
    named = {row.name: row for row in ours.values() if row.name is not None}
    for one in theirs:
        row = named.get(one.name) or ours.get(one.reference or "")
        if row is None or row.name not in {None, one.name}:
            yield _line(one.reference, one.name, NOTHING, provider, f"{one.amount} {one.currency}")
            continue
        ours.pop(row.reference, None)
        if (row.amount, row.currency) != (one.amount, one.currency):
            yield _line(row.reference, one.name, _here(row), provider, f"{one.amount} {one.currency}")
    for row in ours.values():
        if row.amount:
            yield _line(row.reference, row.name, _here(row), provider, NOTHING)


def _lay_answers(name: str, provider: Answering, since: datetime, found: Compared) -> None:
    rows = _ended_since(name, since)
    _ask_each(name, provider, rows, found)
    with reading():
        by_hand = db.session.scalar(queries.returned_since(name, since))
        doubtful = db.session.scalar(queries.doubtful_since(name, since))
    if doubtful:
        words = (
            "it never said that it had begun them, and may have been paid: look for their references in its statement"
        )
        found.remarks.append(f"{name} could not be asked about {doubtful} payments: {words}")
    if by_hand:
        found.remarks.append(f"{name} was not asked about {by_hand} refunds: they were paid out by hand")
    if rows or by_hand or doubtful:
        found.remarks.append(f"{name} lists nothing: what it has and we have not is in its own statement alone")


def _ask_each(name: str, provider: Answering, rows: Sequence[Row[Any]], found: Compared) -> None:
    untold = silences = 0
    for number, row in enumerate(rows):
        try:
            was_paid, silences = provider.was_paid(row.name), 0
        except ProviderDown as down:
            found.off.append(f"{row.reference} ({row.name}): {name} does not answer ({down})")
            silences += 1
            if silences == MOST_SILENCES:
                found.off.append(f"{name} was asked no more: {len(rows) - number - 1} payments were not compared")
                break
            continue
        untold += was_paid is None
        if was_paid is not None and was_paid != bool(row.amount):
            theirs = "paid" if was_paid else NOTHING
            found.off.append(_line(row.reference, row.name, _here(row), name, theirs))
    if untold:
        found.remarks.append(f"{name} does not say what became of {untold} of {len(rows)} payments")


def _ended_since(name: str, since: datetime) -> Sequence[Row[Any]]:
    with reading():
        let_statements_take_long()
        return db.session.execute(queries.asked_since(name, since)).all()


def _here(row: Row[Any]) -> str:
    return f"{row.amount} {row.currency}" if row.amount else NOTHING


def _line(reference: str | None, name: str | None, here: str, provider: str, there: str) -> str:
    called = f"{reference} ({name})" if reference and name else reference or name
    return f"{called}: {here} here, {there} at {provider}"
