"""What a package is worth in the books: what was paid for the visits that are left.

A package's price is shared out over its visits in whole minor units. What a visit is worth depends on how many are
left, so that spending, giving back and spending again always come to the price.
"""

from sqlalchemy import select

from app.extensions import db
from app.models import Package, PackageMovement, PrepaidStep


def worth_of(package: Package, visits: int) -> int:
    """Return what was paid for the last `visits` of a package."""
    return package.price_amount - package.price_amount * (package.value - visits) // package.value


def of_movement(movement: PackageMovement, package: Package) -> int:
    """Return what a movement of a package changes in the books, without its sign."""
    return abs(worth_of(package, movement.balance_after) - worth_of(package, movement.balance_after - movement.change))


def of_spending(reference: str) -> int:
    """Return what the visit is worth that a payment of this reference has spent."""
    return _of_visit(PrepaidStep.SPEND, reference)


def of_giving_back(reference: str) -> int:
    """Return what the visit is worth that a refund of this reference has put back."""
    return _of_visit(PrepaidStep.GIVE_BACK, reference)


def _of_visit(step: PrepaidStep, reference: str) -> int:
    named = (PackageMovement.kind == step, PackageMovement.reference == reference)
    found = select(PackageMovement, Package).join(Package, Package.id == PackageMovement.prepaid_id).where(*named)
    movement, package = db.session.execute(found).one()
    return of_movement(movement, package)
