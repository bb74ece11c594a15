"""`/api/gift-cards` and `/api/packages`: what was paid ahead, and what is left of it."""

from typing import Any

from app.kit.errors import NotFound
from app.models import GiftCard, Package
from app.prepaid import service
from app.prepaid.ledger import CARDS, PACKAGES
from app.prepaid.queries import Filters
from app.prepaid.schemas import (
    BalanceOut,
    CodeIn,
    GiftCardOut,
    MovementOut,
    MovementsQuery,
    PackageOut,
    PrepaidQuery,
)
from app.prepaid.showing import shown
from app.security.guards import current_actor, signed_in
from app.security.limits import limited_links
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.schemas import list_of

gift_cards = Blueprint("gift-cards", __name__, url_prefix="/api/gift-cards")
packages = Blueprint("packages", __name__, url_prefix="/api/packages")


def _filters(query: dict[str, Any]) -> Filters:
    return Filters(**{name: query[name] for name in Filters.__slots__})


@gift_cards.get("")
@signed_in
@gift_cards.arguments(PrepaidQuery, location="query")
@gift_cards.response(200, list_of(GiftCardOut))
def list_gift_cards(query: dict[str, Any]) -> Any:
    """List the gift cards that you have bought; staff and admins, everybody's."""
    actor = current_actor()
    page = paginate(service.list_all(GiftCard, actor, _filters(query)), {"created_at": GiftCard.created_at}, query)
    return page | {"items": [shown(actor, card) for card in page["items"]]}


@gift_cards.get("/<id:gift_card_id>")
@signed_in
@gift_cards.response(200, GiftCardOut)
def read_gift_card(gift_card_id: int) -> Any:
    """Read one gift card."""
    actor = current_actor()
    return shown(actor, service.read(GiftCard, actor, gift_card_id))


@gift_cards.get("/<id:gift_card_id>/movements")
@signed_in
@gift_cards.arguments(MovementsQuery, location="query")
@gift_cards.response(200, list_of(MovementOut))
def list_gift_card_movements(query: dict[str, Any], gift_card_id: int) -> Any:
    """List how the balance of a gift card came to be what it is."""
    found = service.movements_of(CARDS, current_actor(), gift_card_id)
    return paginate(found, {"created_at": CARDS.movements.created_at}, query)


@gift_cards.post("/balance")
@signed_in
@limited_links
@gift_cards.arguments(CodeIn)
@gift_cards.response(200, BalanceOut)
@gift_cards.refuses(NotFound)
def ask_balance(fields: dict[str, Any]) -> Any:
    """Say what is on the gift card of a code, whoever bought it. Asked as seldom as one may sign in."""
    return service.gift_card_of(fields["code"])


@packages.get("")
@signed_in
@packages.arguments(PrepaidQuery, location="query")
@packages.response(200, list_of(PackageOut))
def list_packages(query: dict[str, Any]) -> Any:
    """List your packages; staff and admins, everybody's."""
    found = service.list_all(Package, current_actor(), _filters(query))
    return paginate(found, {"created_at": Package.created_at}, query)


@packages.get("/<id:package_id>")
@signed_in
@packages.response(200, PackageOut)
def read_package(package_id: int) -> Any:
    """Read one package."""
    return service.read(Package, current_actor(), package_id)


@packages.get("/<id:package_id>/movements")
@signed_in
@packages.arguments(MovementsQuery, location="query")
@packages.response(200, list_of(MovementOut))
def list_package_movements(query: dict[str, Any], package_id: int) -> Any:
    """List how the visits left in a package came to be what they are."""
    found = service.movements_of(PACKAGES, current_actor(), package_id)
    return paginate(found, {"created_at": PACKAGES.movements.created_at}, query)
