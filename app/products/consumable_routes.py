"""`/api/services/{id}/consumables`: under the path of services, which know nothing of products."""

from typing import Any

from app.kit.errors import NotFound
from app.models import LONGEST_SKU, MOST_CONSUMABLES, MOST_CONSUMED, Role
from app.products.consumables import consumables_of, set_consumables
from app.security.guards import roles
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.fields import Id, ListOf, Nested, Text, Whole
from app.web.schemas import Schema

blueprint = Blueprint("consumables", __name__, url_prefix="/api/services")


class ConsumableIn(Schema):
    """So many units of a product each time."""

    sku = Text(required=True, min=1, max=LONGEST_SKU, metadata={"example": "SHAMPOO-1L"})
    quantity = Whole(required=True, min=1, max=MOST_CONSUMED, metadata={"example": 1})


class ConsumableOut(ConsumableIn):
    """The same, with what the product is called."""

    sku = Text(required=True, attribute="product.sku", metadata={"example": "SHAMPOO-1L"})
    product_id = Id(required=True)
    name = Text(required=True, attribute="product.name", metadata={"example": "Salon shampoo, 1 litre"})


class ConsumablesIn(Schema):
    """All that a service uses; an empty list is nothing."""

    items = ListOf(Nested(ConsumableIn), max=MOST_CONSUMABLES, required=True)


class ConsumablesOut(Schema):
    """All that a service uses, by SKU."""

    items = ListOf(Nested(ConsumableOut), max=MOST_CONSUMABLES, required=True)


@blueprint.get("/<id:service_id>/consumables")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.response(200, ConsumablesOut)
def read(service_id: int) -> Any:
    """List what a service uses up each time that it is performed."""
    return {"items": consumables_of(service_id)}


@blueprint.put("/<id:service_id>/consumables")
@roles(Role.ADMIN)
@blueprint.arguments(ConsumablesIn)
@transactional
@blueprint.response(200, ConsumablesOut)
@blueprint.refuses(NotFound)
def write(fields: dict[str, Any], service_id: int) -> Any:
    """Say what a service uses up each time that it is performed, in place of what was said before.

    Completing a booking takes that off the stock. Where there is too little, what there is is taken, the rest is
    written down as the movement's shortfall, and the admins are told.
    """
    return {"items": set_consumables(service_id, [(item["sku"], item["quantity"]) for item in fields["items"]])}
