"""`/api/voice`: booking by saying it."""

from typing import Any

from flask import current_app, request

from app.bookings.errors import PRECEDENCE, BookingStarted, ClientLimit, InvalidTransition
from app.bookings.schemas import BookingOut
from app.kit.errors import NotFound
from app.models import Role, VoiceAlias
from app.security.actor import Actor
from app.security.bearer import bearer_of
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, public, roles, signed_in
from app.security.idempotency import idempotent
from app.security.limits import count_as_booking, limited_bookings, limited_bookings_of
from app.transactions import transactional
from app.voice import aliases, dialogflow, service
from app.voice.errors import AliasTaken, DialogflowSecretWrong, ProposalChanged
from app.voice.schemas import (
    WEBHOOK,
    AliasChangesIn,
    AliasesQuery,
    AliasIn,
    AliasOut,
    ConfirmIn,
    DialogflowIn,
    DialogflowOut,
    TurnIn,
    TurnOut,
)
from app.voice.service import Answered
from app.voice.structured import structured
from app.voice.turn import Status
from app.voice.understanding import Intent
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("voice", __name__, url_prefix="/api/voice")

SECRET_HEADER = "X-Dialogflow-Secret"  # noqa: S105  # a name


@blueprint.post("/booking")
@signed_in
@limited_bookings
@blueprint.arguments(TurnIn)
@transactional
@idempotent
@blueprint.response(200, TurnOut)
@blueprint.refuses(NotFound, ClientLimit, InvalidTransition, BookingStarted, *PRECEDENCE)
def say(fields: dict[str, Any]) -> Any:
    """Say what you want, in your own words or already understood; go on with the `session_id` for half an hour.

    What is missing or can mean two things is asked for, one thing at a time. A proposal holds its time for some
    minutes; nothing else is written before it is confirmed. English is understood.
    """
    listener = (
        service.spoken(fields["text"])
        if "text" in fields
        else structured(fields["intent"], fields.get("parameters", {}))
    )
    answered = service.speak(
        current_actor(), listener, timezone=fields.get("timezone"), session_id=fields.get("session_id")
    )
    if answered.holds_time:
        count_as_booking()
    return _shown(answered)


@blueprint.post("/booking/confirm")
@signed_in
@limited_bookings
@blueprint.arguments(ConfirmIn)
@transactional
@idempotent
@blueprint.response(201, BookingOut)
@blueprint.also_shows(200, BookingOut)
@blueprint.refuses(NotFound, ClientLimit, InvalidTransition, BookingStarted, ProposalChanged, *PRECEDENCE)
def confirm(fields: dict[str, Any]) -> Any:
    """Do what was proposed: 201 and the booking made; 200 and the booking that was moved or cancelled.

    However often it is confirmed, it is done once. Where the time has been lost, the 409 offers others, and the
    conversation goes on.
    """
    booking, action = service.confirm(current_actor(), fields["confirm_token"])
    made = created(booking, f"/api/bookings/{booking.id}")
    return made if action == "book" else (booking, 200)


@blueprint.post("/dialogflow")
@public
@limited_bookings_of(dialogflow.token_in)
@blueprint.arguments(DialogflowIn, example=WEBHOOK)
@transactional
@blueprint.response(200, DialogflowOut)
@blueprint.refuses(NotFound, DialogflowSecretWrong)
def answer_dialogflow(body: dict[str, Any]) -> Any:
    """Answer a webhook of Dialogflow ES or CX; its secret comes in the header `X-Dialogflow-Secret`.

    The client's access token is `access_token` in the request's payload; without one only availability is answered.
    Without `DIALOGFLOW_SECRET` nothing is here.
    """
    secret: str | None = current_app.extensions["settings"].dialogflow_secret
    if secret is None:
        raise NotFound
    dialogflow.check_secret(request.headers.get(SECRET_HEADER), secret)
    call = dialogflow.Call.of(body)
    fulfilment = dialogflow.answer(_bearer_of(call.access_token), call)
    if dialogflow.holds_time(fulfilment):
        count_as_booking()
    return fulfilment


@blueprint.get("/aliases")
@roles(Role.ADMIN)
@blueprint.arguments(AliasesQuery, location="query")
@blueprint.response(200, list_of(AliasOut))
def list_aliases(query: dict[str, Any]) -> Any:
    """List what clients call things."""
    return paginate(aliases.list_aliases(), {"created_at": VoiceAlias.created_at}, query)


@blueprint.post("/aliases")
@roles(Role.ADMIN)
@blueprint.arguments(AliasIn)
@transactional
@blueprint.response(201, AliasOut)
@blueprint.refuses(NotFound, AliasTaken)
def create_alias(fields: dict[str, Any]) -> Any:
    """Add another name of a service, a staff member or a space."""
    alias = aliases.create_alias(current_actor(), fields)
    return created(alias, f"/api/voice/aliases/{alias.id}")


@blueprint.get("/aliases/<id:alias_id>")
@roles(Role.ADMIN)
@blueprint.response(200, AliasOut)
def read_alias(alias_id: int) -> Any:
    """Read another name."""
    return aliases.get_alias(alias_id)


@blueprint.patch("/aliases/<id:alias_id>")
@roles(Role.ADMIN)
@blueprint.arguments(AliasChangesIn)
@transactional
@blueprint.response(200, AliasOut)
@blueprint.refuses(AliasTaken)
def change_alias(fields: dict[str, Any], alias_id: int) -> Any:
    """Spell another name otherwise."""
    return aliases.change_alias(current_actor(), alias_id, fields["text"])


@blueprint.delete("/aliases/<id:alias_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
def delete_alias(alias_id: int) -> None:
    """Forget another name."""
    aliases.delete_alias(current_actor(), alias_id)


def _shown(answered: Answered) -> dict[str, Any]:
    talk, reply = answered.talk, answered.reply
    shown: dict[str, Any] = {
        "session_id": answered.session_id,
        "status": reply.status,
        "intent": talk.intent or Intent.OTHER,
        "understood": talk.said,
        "answer" if reply.status is Status.ANSWER else "question": reply.text,
    }
    more = {name: getattr(reply, name) for name in ("options", "choices", "proposal", "confirm_token")}
    more["excluded"] = talk.excluded
    return shown | {name: value for name, value in more.items() if value}


def _bearer_of(access_token: str | None) -> Actor | None:
    """Return whose token it is; nobody's where it is not good any more: then the client is told to sign in."""
    try:
        bearer = bearer_of(access_token) if access_token is not None else None
    except BAD_TOKEN:
        return None
    return None if bearer is None or bearer.is_stale else Actor(bearer.account.id, bearer.account.role)
