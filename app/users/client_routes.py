"""`/api/clients`: walk-ins, whom staff write down."""

from typing import Any

from app.models import Role
from app.security.guards import current_actor, roles
from app.transactions import transactional
from app.users import service
from app.users.errors import EmailTaken
from app.users.profiles import profile
from app.users.schemas import AccountOut, ClientIn
from app.web.blueprint import Blueprint, created

blueprint = Blueprint("clients", __name__, url_prefix="/api/clients")


@blueprint.post("")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(ClientIn)
@transactional
@blueprint.response(201, AccountOut)
@blueprint.refuses(EmailTaken)
def create(fields: dict[str, Any]) -> Any:
    """Write down a walk-in, a client without a login, to book for.

    Whoever registers with the email and proves that it is theirs takes the walk-in's bookings over.
    """
    actor = current_actor()
    client = service.create_client(actor, fields)
    return created(profile(actor, client), f"/api/users/{client.id}")
