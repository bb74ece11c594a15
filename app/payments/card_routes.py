"""`/api/payments`: stored cards."""

from typing import Any

from app.kit.errors import NotFound
from app.payments import service
from app.payments.card_schemas import CardsOut, SetupOut
from app.payments.errors import ProviderNotConfigured, ProviderUnavailable
from app.security.guards import current_actor, signed_in
from app.transactions import end_reading
from app.web.blueprint import Blueprint, created

blueprint = Blueprint("cards", __name__, url_prefix="/api/payments")


@blueprint.get("/methods")
@signed_in
@blueprint.response(200, CardsOut)
def list_all() -> Any:
    """List your stored cards."""
    actor = current_actor()
    end_reading()
    return {"items": service.list_cards(actor.id)}


@blueprint.post("/methods")
@signed_in
@blueprint.response(201, SetupOut)
@blueprint.refuses(ProviderNotConfigured, ProviderUnavailable)
def store() -> Any:
    """Begin to store a card: the client's page goes on with the `client_secret`, and the card is listed after that."""
    actor = current_actor()
    end_reading()
    return created(service.new_card(actor.id), "/api/payments/methods")


@blueprint.delete("/methods/<id:card_id>")
@signed_in
@blueprint.response(204)
@blueprint.refuses(NotFound, ProviderUnavailable)
def detach(card_id: int) -> None:
    """Forget a stored card."""
    actor = current_actor()
    end_reading()
    service.detach_card(actor.id, card_id)
