"""Dialogflow ES and CX webhooks (Google's v2 `WebhookRequest` and v3 `WebhookRequest`), in and out.

Their parameters are hints: what we read in the client's own words decides. Where both read a day or a time, and not the
same, the client is asked. A day or a time that only they have found is taken, read back, and confirmed like any other.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from app.extensions import db
from app.kit.errors import Conflict, Invalid, Refusal
from app.security.actor import Actor
from app.voice import service, sessions
from app.voice.answers import YES
from app.voice.confirming import carry_out
from app.voice.errors import DialogflowSecretWrong
from app.voice.excluding import is_said
from app.voice.hearing import Heard, hear
from app.voice.house import House
from app.voice.proposals import is_alive
from app.voice.service import Answered
from app.voice.talk import Talk, readings, sure
from app.voice.understanding import LONGEST

TOO_LONG = "That was too much at once. Please say it in a few words."
LONGEST_SESSION = 300
POLITE = frozenset({"yes", "please", "thanks", "thank", "you", "do", "book", "it", "that", "is", "s", "right", "fine"})
"""What may stand behind a yes."""

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A webhook's request: the conversation's name, what the client said, what they made of it, and whose it is."""

    is_cx: bool
    session: str
    text: str
    parameters: Json
    access_token: str | None
    remembered: Json = field(default_factory=dict)
    """Parameters of turns before, in CX: they say nothing against what is said now."""

    @classmethod
    def of(cls, body: Json) -> "Call":
        """Read either form. Raises `Invalid` naming what is missing."""
        return _cx(body) if "sessionInfo" in body or "fulfillmentInfo" in body else _es(body)


def token_in(body: Json) -> str | None:
    """Return the client's access token in a request of either form; None where there is none."""
    payload = _object(body, "payload") or _object(_object(body, "originalDetectIntentRequest"), "payload")
    return _token(payload)


def holds_time(fulfilment: Json) -> bool:
    """Say whether what is answered holds the time of a booking."""
    return (fulfilment["payload"]["parlour"].get("proposal") or {}).get("action") == "book"


def check_secret(sent: str | None, secret: str) -> None:
    """Compare the secret in constant time. Raises `DialogflowSecretWrong`."""
    if not hmac.compare_digest((sent or "").encode(), secret.encode()):
        raise DialogflowSecretWrong


def answer(actor: Actor | None, call: Call) -> dict[str, Any]:
    """Return the fulfilment of a request, in the form in which it was asked.

    The client is told why something is refused: Dialogflow shows nobody an HTTP status.
    """
    try:
        with db.session.begin_nested():
            return _fulfilment(call, *_said(actor, call))
    except Refusal as refusal:
        return _fulfilment(call, refusal.detail, {"code": refusal.code})


def _said(actor: Actor | None, call: Call) -> tuple[str, Json]:
    if not call.text:
        return service.HELP, {}
    if len(call.text) > LONGEST:
        return TOO_LONG, {}
    session = sessions.begin_or_resume(actor, _key_of(actor, call.session))
    if actor is None or not _confirms(Talk.of(session.state), call.text):
        answered = service.listen(actor, session, _hinted(call))
        return answered.reply.text, _payload(answered)
    try:
        with db.session.begin_nested():
            booking = carry_out(actor, session)
    except Conflict as refusal:
        answered = service.listen(actor, session, _hinted(call))
        return f"{refusal.detail} {answered.reply.text}", _payload(answered) | {"code": refusal.code}
    return f"Done. Your reference is {booking.reference}.", {"booking_id": booking.id, "status": booking.status}


def _confirms(talk: Talk, text: str) -> bool:
    """Say whether the client says yes to what waits to be confirmed, and nothing else."""
    alive = talk.asked == "confirmation" and talk.proposal is not None and is_alive(talk.proposal)
    found = YES.match(text.lower())
    return alive and found is not None and set(re.findall(r"\w+", text[found.end() :].lower())) <= POLITE


def _key_of(actor: Actor | None, session: str) -> str:
    """Return the key of a conversation: another one for each who speaks in it, so that nobody hears another's."""
    return hashlib.sha256(f"{actor.id if actor else ''} {session}".encode()).hexdigest()


def _hinted(call: Call) -> Callable[[Talk, House, str], Heard]:
    hints, older = (
        {"date": _date_of(parameters), "time": _time_of(parameters)}
        for parameters in (call.parameters, call.remembered)
    )

    def listener(talk: Talk, house: House, locale: str) -> Heard:
        heard = hear(call.text, talk, house, locale)
        if heard.goes_on:  # they may be of the wish that comes after
            return heard
        for name, hint in hints.items():
            if hint is not None:
                _weigh(heard, talk, name, hint)
            elif name not in heard.said and (before := older[name]) is not None:
                _weigh(heard, talk, name, before)
        return heard

    return listener


def _weigh(heard: Heard, talk: Talk, name: str, hint: str) -> None:
    """Take a hint where nothing else says it; note where it says something else than the words."""
    if _is_told_apart(heard, talk, name, hint):
        return
    if name not in heard.said:
        known = name in talk.said or (name == "time" and ("window" in talk.said or "window" in heard.said))
        if not known and talk.asked != "until":
            heard.said[name] = sure(hint)
        return
    ours = heard.said[name]
    if hint in {ours["value"], *ours.get("others", ())} if isinstance(ours["value"], str) else False:
        heard.said[name] = {key: value for key, value in ours.items() if key != "others"} | {"value": hint}
    elif isinstance(ours["value"], str):
        heard.disputed[name] = [ours["value"], hint]


def _is_told_apart(heard: Heard, talk: Talk, name: str, hint: str) -> bool:
    """Say whether a hint is what the client named otherwise: what is not wanted, is moved away from, or is no day."""
    if f"old_{name}" in heard.said and hint in readings(heard.said[f"old_{name}"]):
        return True
    if name not in heard.said and name == "date" and heard.problem is not None:
        return True
    return any(is_said(one, name, sure(hint)) for one in (*heard.excluded, *talk.excluded))


def _date_of(parameters: Json) -> str | None:
    """Return the day in the parameters: text of ISO 8601 (ES), or `{year, month, day}` (CX)."""
    for name in ("date", "date-time", "date_time", "datetime"):
        value = _inner(parameters.get(name))
        try:
            if isinstance(value, str) and value:
                return datetime.fromisoformat(value).date().isoformat()
            if isinstance(value, Mapping) and "year" in value:
                return date(*(int(value[part]) for part in ("year", "month", "day"))).isoformat()
        except (ValueError, TypeError, KeyError, OverflowError):
            continue
    return None


def _time_of(parameters: Json) -> str | None:
    """Return the time in the parameters: text of ISO 8601 (ES), or `{hours, minutes}` (CX)."""
    for name in ("time", "date-time", "date_time", "datetime"):
        value = _inner(parameters.get(name))
        try:
            if isinstance(value, str) and "T" in value:
                return f"{datetime.fromisoformat(value):%H:%M}"
            if isinstance(value, Mapping) and "hours" in value:
                return f"{time(int(value['hours']), int(value.get('minutes', 0))):%H:%M}"
        except (ValueError, TypeError, OverflowError):
            continue
    return None


def _inner(value: Any) -> Any:
    """Return what a parameter holds: the first of a list, the moment in `{"date_time": …}`."""
    if isinstance(value, list):
        value = value[0] if value else None
    return value["date_time"] if isinstance(value, Mapping) and "date_time" in value else value


def _es(body: Json) -> Call:
    result = _object(body, "queryResult")
    payload = _object(_object(body, "originalDetectIntentRequest"), "payload")
    text = _text(result, "queryText", "queryResult.queryText") if result.get("queryText") else ""
    return Call(False, _session(body), text, _object(result, "parameters"), _token(payload))


def _cx(body: Json) -> Call:
    info = _object(body, "sessionInfo")
    text = next((body[name] for name in ("text", "transcript") if isinstance(body.get(name), str)), "")
    found = {name: _resolved(value) for name, value in _object(_object(body, "intentInfo"), "parameters").items()}
    remembered = _object(info, "parameters")
    return Call(True, _session(info, "sessionInfo."), text, found, _token(_object(body, "payload")), remembered)


def _resolved(value: Any) -> Any:
    return value.get("resolvedValue") if isinstance(value, Mapping) else value


def _session(holder: Json, path: str = "") -> str:
    found = _text(holder, "session", f"{path}session")
    if len(found) > LONGEST_SESSION:
        raise Invalid.field(f"{path}session", f"Must have at most {LONGEST_SESSION} characters.")
    return found


def _object(holder: Json, name: str) -> Json:
    found = holder.get(name)
    return found if isinstance(found, Mapping) else {}


def _text(holder: Json, name: str, path: str) -> str:
    found = holder.get(name)
    if not isinstance(found, str) or not found:
        raise Invalid.field(path, "Must be text.")
    return found


def _token(payload: Json) -> str | None:
    found = payload.get("access_token")
    return found if isinstance(found, str) else None


def _payload(answered: Answered) -> dict[str, Any]:
    talk, reply = answered.talk, answered.reply
    return {"status": reply.status, "intent": talk.intent, "understood": talk.said, "proposal": reply.proposal}


def _fulfilment(call: Call, text: str, payload: Json) -> dict[str, Any]:
    message = {"text": {"text": [text]}}
    parlour = {"parlour": payload}
    if call.is_cx:
        return {"fulfillmentResponse": {"messages": [message]}, "payload": parlour}
    return {"fulfillmentText": text, "fulfillmentMessages": [message], "payload": parlour}
