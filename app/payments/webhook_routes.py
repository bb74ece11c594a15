"""`/api/payments/webhooks`: where providers say how it went. Nobody else calls here, so it is not in the documents."""

from typing import cast

import structlog
from flask import Flask, Response, g, jsonify, request

from app.integrations.payments import BadCallback, Incoming, Signed, Unsigned, provider_named
from app.kit.errors import NotFound
from app.payments.errors import BadSignature, ProviderNotConfigured
from app.payments.service import inbox
from app.security.guards import public
from app.security.limits import unlimited
from app.transactions import transaction
from app.web.json_gate import takes_raw

log = structlog.get_logger(__name__)


def install(app: Flask) -> None:
    """Serve the addresses."""
    path = "/api/payments/webhooks"
    app.add_url_rule(f"{path}/stripe", view_func=receive_from_stripe, methods=["POST"])
    app.add_url_rule(f"{path}/mpesa/<token:secret>", view_func=receive_from_mpesa, methods=["POST"])


@takes_raw
@unlimited
@public
def receive_from_stripe() -> Response:
    """Take a message of Stripe's, signed with one of STRIPE_WEBHOOK_SECRET; a repetition is answered alike.

    Raises `ProviderNotConfigured`, `BadSignature`.
    """
    provider = cast("Signed | None", provider_named("stripe"))
    if provider is None:
        raise ProviderNotConfigured
    try:
        incoming = provider.read_webhook(g.raw_body, request.headers.get("Stripe-Signature"))
    except BadCallback as refusal:
        raise BadSignature from refusal
    _take(incoming)
    return jsonify({})


@takes_raw
@unlimited
@public
def receive_from_mpesa(secret: str) -> Response:
    """Take a message of M-Pesa's, at the address of one payment: not signed, it proves nothing, and we ask.

    Raises `NotFound`, `BadSignature`.
    """
    provider = cast("Unsigned | None", provider_named("mpesa"))
    payment_id = None if provider is None else inbox.payment_at(secret)
    if provider is None or payment_id is None:
        raise NotFound
    try:
        incoming = provider.read_callback(g.raw_body)
    except BadCallback as refusal:
        raise BadSignature from refusal
    with transaction():
        inbox.keep(incoming, payment_id)
    return jsonify({})


def _take(incoming: Incoming) -> None:
    """Keep a message that is proven, and apply it; where that fails its task does it, and the sender need not know.

    What is only a reason to ask is left to the task: asking may take longer than the sender waits.
    """
    with transaction():
        event_id = inbox.keep(incoming)
    if event_id is None or incoming.is_reason_to_ask:
        return
    try:
        inbox.read(event_id)
    except Exception:  # the message is kept: whatever it was, the task tries again
        log.warning("provider_event_waits", event_id=event_id, exc_info=True)
