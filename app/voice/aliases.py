"""Other names of what can be booked: those that clients use, and no catalogue has. Admins alone edit them."""

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select

from app.audit.service import Thing, record
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound
from app.models import LONGEST_ALIAS, AliasKind, Resource, VoiceAlias
from app.security.actor import Actor
from app.services.service import get_named_service
from app.transactions import locked, refusing
from app.voice import answers, queries
from app.voice.errors import AliasTaken
from app.voice.house import read_house
from app.voice.understanding import Catalogue, Intent, understand
from app.voice.understanding.catalogue import words_of
from app.voice.understanding.entities import WHOLE, find
from app.voice.understanding.tokens import tokenize


def list_aliases() -> Select[VoiceAlias]:
    """Return the select of all."""
    return queries.aliases()


def get_alias(alias_id: int) -> VoiceAlias:
    """Return a name. Raises `NotFound`."""
    alias = db.session.get(VoiceAlias, alias_id, populate_existing=True)
    if alias is None:
        raise NotFound
    return alias


def create_alias(actor: Actor, fields: dict[str, Any]) -> VoiceAlias:
    """Add a name for the one thing that `service_id`, `staff_id` or `space_id` names.

    Raises `NotFound` naming it, `Invalid` where the text has no word, `AliasTaken`.
    """
    kind = next(kind for kind in AliasKind if fields.get(f"{kind}_id") is not None)
    alias = VoiceAlias(kind=kind, text=fields["text"], text_key=key_of(fields["text"]))
    _point(alias, fields[f"{kind}_id"])
    _require_free(alias, alias.text_key)
    with refusing("unique", AliasTaken):
        db.session.add(alias)
    record("voice.alias_created", actor_id=actor.id, thing=_thing(alias), after=_told(alias))
    return alias


def change_alias(actor: Actor, alias_id: int, text: str) -> VoiceAlias:
    """Spell a name otherwise. Raises `NotFound`, `Invalid`, `AliasTaken`."""
    alias = locked(VoiceAlias, alias_id)
    before, key = _told(alias), key_of(text)
    _require_free(alias, key)
    with refusing("unique", AliasTaken):
        alias.text, alias.text_key = text, key
    record("voice.alias_changed", actor_id=actor.id, thing=_thing(alias), before=before, after=_told(alias))
    return alias


def delete_alias(actor: Actor, alias_id: int) -> None:
    """Forget a name. Raises `NotFound`."""
    alias = locked(VoiceAlias, alias_id)
    thing, before = _thing(alias), _told(alias)
    db.session.delete(alias)
    db.session.flush()
    record("voice.alias_deleted", actor_id=actor.id, thing=thing, before=before)


def key_of(text: str) -> str:
    """Return a name as names are compared: small letters without accents, signs left out. Raises `Invalid`."""
    key = " ".join(word.text for word in words_of(text))
    if not key:
        raise Invalid.field("text", "Must have a word in it.")
    if len(key) > LONGEST_ALIAS:
        raise Invalid.field("text", f"Must have at most {LONGEST_ALIAS} letters when written out.")
    if _is_language(key) or answers.is_answer(text.lower().strip()):
        raise Invalid.field("text", "Means something by itself already.")
    return key


def _is_language(key: str) -> bool:
    """Say whether words are an answer, a day, a time, people, or what somebody wants, and nothing else: "tomorrow"."""
    if all(token.classes - {"WORD"} for token in tokenize(key)):
        return True
    found = understand(key, now=utcnow(), zone=ZoneInfo("UTC"))
    reads = [found.date, found.time, found.window, found.daypart, found.party_size]
    wants = found.intent if found.intent.value is not Intent.OTHER else None
    return any(read is not None and read.text.strip() == key for read in (*reads, wants))


def _require_free(alias: VoiceAlias, key: str) -> None:
    """Make sure that nothing else of its kind has this for its own name. Raises `Invalid`, `AliasTaken`."""
    own, catalogue = alias.service_id or alias.resource_id, read_house().catalogue
    entities = (one for one in catalogue.entities if one.kind.value == alias.kind.value and one.id != own)
    if any(" ".join(word.text for word in words_of(one.name)) == key for one in entities):
        raise AliasTaken
    if _is_wish(key, catalogue):
        raise Invalid.field("text", "Has a name in it that is known, and more that means something by itself.")


def _is_wish(key: str, catalogue: Catalogue) -> bool:
    """Say whether words are a name, and a day, a time or what somebody wants beside it: "haircut tomorrow"."""
    rest = key
    for one in find(key, catalogue):
        if one.confidence >= WHOLE:
            rest = rest.replace(one.text, " ")
    found = understand(rest, now=utcnow(), zone=ZoneInfo("UTC"))
    wants = found.intent.value is not Intent.OTHER or found.date or found.time or found.window or found.daypart
    return rest != key and bool(wants)


def _point(alias: VoiceAlias, thing_id: int) -> None:
    """Let the alias be one of a thing that is there. Raises `NotFound` naming the field."""
    if alias.kind is AliasKind.SERVICE:
        alias.service_id = get_named_service(thing_id).id
        return
    resource = db.session.get(Resource, thing_id)
    if resource is None or resource.kind.value != alias.kind.value:
        raise NotFound.naming(f"{alias.kind}_id")
    alias.resource_id = resource.id


def _thing(alias: VoiceAlias) -> Thing:
    return Thing("voice_alias", alias.id)


def _told(alias: VoiceAlias) -> dict[str, Any]:
    return {"kind": alias.kind.value, "id": alias.service_id or alias.resource_id, "text": alias.text}
