"""How what is paid ahead answers to its time passing, and to what happens to the accounts of its buyers."""

from typing import Any

from sqlalchemy import update

from app.extensions import BULK, db
from app.jobs.outbox import handles
from app.kit.clock import utcnow
from app.models import GiftCard, Package, User
from app.prepaid import queries
from app.prepaid.errors import PackagesLeft
from app.prepaid.expiry import EXPIRE_PREPAID, expire_overdue
from app.prepaid.schemas import GiftCardOut, PackageOut
from app.prepaid.showing import shown
from app.security.actor import Actor
from app.users.events import erasing, exporting, walk_in_claimed


def connect() -> None:
    """Listen; called once by `create_app`."""
    handles(EXPIRE_PREPAID, _on_expiry)
    walk_in_claimed.connect(_on_walk_in_claimed)
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)


def _on_expiry(_payload: dict[str, Any]) -> None:
    expire_overdue()


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:
    for kind in (GiftCard, Package):
        bought = update(kind).where(kind.client_id == walk_in.id)
        db.session.execute(bought.values(client_id=account.id), execution_options=BULK)


def _on_erasing(user: User) -> None:
    """Refuse to forget whose visits are; a gift card stays good for whoever has its code."""
    left = db.session.scalars(queries.usable_packages_of(user.id, utcnow())).all()
    if left:
        shown_ones = [{"package_id": package.id, "name": package.name, "visits": package.balance} for package in left]
        raise PackagesLeft(extra={"packages": shown_ones})


def _on_exporting(user: User) -> dict[str, Any]:
    cards = db.session.scalars(queries.of_client(GiftCard, user.id))
    packages = db.session.scalars(queries.of_client(Package, user.id))
    actor = Actor(user.id, user.role)
    return {
        "gift_cards": GiftCardOut().dump([shown(actor, card) for card in cards], many=True),
        "packages": PackageOut().dump(packages.all(), many=True),
    }
