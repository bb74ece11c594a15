"""How the books answer to what happens in the rooms below."""

from collections.abc import Sequence

from app.bookings.events import booking_concluded
from app.extensions import db
from app.kit.money import Money
from app.ledger import queries
from app.ledger.posting import Transfer, entries_of, owed_as_fee, write
from app.ledger.prepaid_worth import of_movement
from app.models import (
    Account,
    Booking,
    EntryKind,
    GiftCard,
    GiftCardMovement,
    Package,
    PackageMovement,
    PrepaidStep,
)
from app.prepaid.events import balances_written

PREPAID_STEPS = {
    PrepaidStep.ISSUE: (EntryKind.ISSUE, Account.REVENUE, False),
    PrepaidStep.EXPIRE: (EntryKind.EXPIRY, Account.BREAKAGE, True),
    PrepaidStep.VOID: (EntryKind.VOID, Account.REVENUE, True),
}
"""What each of these is called in the books, the account that it moves money from or to, and whether it is to."""


def connect() -> None:
    """Listen; called once by `create_app`."""
    booking_concluded.connect(_on_booking_concluded)
    balances_written.connect(_on_balances_written)


def _on_booking_concluded(booking: Booking) -> None:
    """Post the fee of what was cancelled late or missed. What was completed gets an invoice, which is posted."""
    if booking.fee_amount:
        owed_as_fee(booking, Money(booking.fee_amount, booking.currency))


def _on_balances_written(movements: type[GiftCardMovement | PackageMovement], *, prepaid_ids: Sequence[int]) -> None:
    """Post what is owed to holders of cards and packages from now on, and what no more."""
    found = db.session.execute(queries.unposted_of(movements, prepaid_ids)).all()
    write([entry for movement, thing in found for entry in _entries_of(movement, thing)])


def _entries_of(movement: GiftCardMovement | PackageMovement, thing: GiftCard | Package) -> list[dict[str, object]]:
    kind, other, ends = PREPAID_STEPS[movement.kind]
    if isinstance(movement, PackageMovement) and isinstance(thing, Package):
        held, cause, worth = Account.PACKAGES, "package_movement_id", of_movement(movement, thing)
    else:
        held, cause, worth = Account.GIFT_CARDS, "gift_card_movement_id", abs(movement.change)
    transfer = Transfer(held, other, worth) if ends else Transfer(other, held, worth)
    return entries_of(kind, [transfer], thing.currency, **{cause: movement.id})
