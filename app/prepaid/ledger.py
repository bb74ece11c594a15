"""The one door to balances: every change is one conditional UPDATE and one row of the ledger.

The UPDATE takes effect only where the balance stays lawful, so that of two who spend the last of it one is refused,
whatever each has read before. Spending and giving back are named by a reference, which takes effect once: repeated,
it answers what it did the first time. Locks are taken after those of the booking or order, and before products.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

from sqlalchemy import ColumnElement, func, insert, select, true, update

from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import GiftCard, GiftCardMovement, Package, PackageMovement, PrepaidStep
from app.prepaid import queries
from app.prepaid.errors import GivesBackTooMuch, ReferenceUsed
from app.prepaid.events import balances_written
from app.transactions import refusing

Thing = TypeVar("Thing", GiftCard, Package)
Movement = TypeVar("Movement", GiftCardMovement, PackageMovement)


@dataclass(frozen=True, slots=True)
class Because:
    """Why a balance changes: for which payment or refund, by whom (None: the system), and in words."""

    reference: str = ""
    actor_id: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ledger(Generic[Thing, Movement]):
    """The balances of gift cards, or of packages, and the movements that explain them."""

    things: type[Thing]
    movements: type[Movement]

    def issue(self, order_id: int, units: list[dict[str, object]], because: Because) -> list[Thing]:
        """Write what an order issues, each with the movement that begins its ledger, in three statements."""
        if not units:
            return []
        db.session.execute(insert(self.things), units)
        issued = list(db.session.scalars(queries.of_order(self.things, order_id)))
        self._write([self._entry(PrepaidStep.ISSUE, thing.id, thing.value, because) for thing in issued])
        return issued

    def spent(self, reference: str) -> Movement | None:
        """Return what a reference has spent."""
        return db.session.scalars(queries.named(self.movements, PrepaidStep.SPEND, reference)).one_or_none()

    def once(self, reference: str, take: Callable[[], Movement | None]) -> Movement | None:
        """Return what a reference has spent, by `take` where it is the first time; None where that takes nothing."""
        done = self.spent(reference)
        with suppress(ReferenceUsed):
            done = done or take()
        return done or self.spent(reference)  # by a twin, at this moment

    def take(self, thing_id: int, amount: int, because: Because) -> Movement | None:
        """Spend `amount` (above 0); None where there is not as much, or it may not be used any more.

        Raises `ReferenceUsed` where the reference has spent something already.
        """
        entry = self._entry(PrepaidStep.SPEND, thing_id, -amount, because)
        return self._book(entry, queries.usable_at(self.things, utcnow()))

    def give_back(self, spend: Movement, amount: int, because: Because) -> Movement:
        """Put `amount` (above 0) of what was spent back on the thing, which the caller has locked.

        Raises `GivesBackTooMuch`, `ReferenceUsed`.
        """
        again = queries.named(self.movements, PrepaidStep.GIVE_BACK, because.reference)
        done = db.session.scalars(again).one_or_none() or self._put_back(spend, amount, because)
        if (done.spend_id, done.change) != (spend.id, amount):
            raise ReferenceUsed
        return done

    def empty(self, step: PrepaidStep, things: Iterable[Thing], because: Because) -> None:
        """Take all that is left off things that the caller has locked."""
        full = [thing for thing in things if thing.balance]
        entries = [self._entry(step, thing.id, -thing.balance, because) for thing in full]
        emptied = update(self.things).where(self.things.id.in_([thing.id for thing in full]))
        db.session.execute(emptied.values(balance=0))
        self._write(entries, balance_after=0)

    def _put_back(self, spend: Movement, amount: int, because: Because) -> Movement:
        before = select(func.coalesce(func.sum(self.movements.change), 0)).where(self.movements.spend_id == spend.id)
        given = db.session.scalar(before.where(self.movements.prepaid_id == spend.prepaid_id)) or 0
        if given + amount > -spend.change:
            raise GivesBackTooMuch
        entry = self._entry(PrepaidStep.GIVE_BACK, spend.prepaid_id, amount, because)
        entry["spend_id"] = spend.id
        done = self._book(entry, true())
        assert done is not None  # noqa: S101  # never more than was spent: it fits under the value
        return done

    def _book(self, entry: dict[str, object], only_if: ColumnElement[bool]) -> Movement | None:
        """Change the balance by the entry, where it stays lawful, and write the movement."""
        balance = self.things.balance + entry["change"]
        changed = update(self.things).where(self.things.id == entry["prepaid_id"], only_if)
        changed = changed.where(balance.between(0, self.things.value)).values(balance=balance)
        with refusing("reference", ReferenceUsed):
            after = db.session.scalar(changed.returning(self.things.balance), execution_options=BULK)
            if after is None:
                return None
            movement = self.movements(**entry, balance_after=after)
            db.session.add(movement)
        return movement

    def _write(self, entries: list[dict[str, object]], **same: int) -> None:
        if entries:
            rows = [{"balance_after": entry["change"]} | entry | same for entry in entries]
            db.session.execute(insert(self.movements), rows)
            balances_written.send(self.movements, prepaid_ids=[row["prepaid_id"] for row in rows])

    def _entry(self, step: PrepaidStep, thing_id: int, change: int, because: Because) -> dict[str, object]:
        return {
            "kind": step,
            "prepaid_id": thing_id,
            "change": change,
            "reference": because.reference,
            "reason": because.reason,
            "actor_id": because.actor_id,
        }


CARDS = Ledger(GiftCard, GiftCardMovement)
PACKAGES = Ledger(Package, PackageMovement)
