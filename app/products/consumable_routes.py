"""`/api/services/{id}/consumables`: under the path of services, which know nothing of products."""

from typing import Any

from app.kit.errors import NotFound
from app.models import Role
from app.products.consumable_schemas import ConsumablesIn, ConsumablesOut
from app.products.consumables import consumables_of, set_consumables
from app.security.guards import roles
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.preconditions import seen_version, versioned

blueprint = Blueprint("consumables", __name__, url_prefix="/api/services")


@blueprint.get("/<id:service_id>/consumables")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.response(200, ConsumablesOut)
def read(service_id: int) -> Any:
    """List what a service uses up each time that it is performed."""
    return consumables_of(service_id)


@blueprint.put("/<id:service_id>/consumables")
@roles(Role.ADMIN)
@versioned
@blueprint.arguments(ConsumablesIn)
@transactional
@blueprint.response(200, ConsumablesOut)
@blueprint.refuses(NotFound)
def write(fields: dict[str, Any], service_id: int) -> Any:
    """Say what a service uses up each time that it is performed, in place of what was said before.

    Completing a booking takes that off the stock. Where there is too little, what there is is taken, the rest is
    written down as the movement's shortfall, and the admins are told. A change makes a new version of the service.
    """
    uses = [(item["sku"], item["quantity"]) for item in fields["items"]]
    return set_consumables(service_id, uses, seen=seen_version())
