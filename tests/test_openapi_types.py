"""The OpenAPI document as a typed client reads it: what TypeScript makes of it needs no `any` and no cast."""

from typing import Any

import pytest

from app import create_app
from app.integrations.payments.provider import NextStep
from app.web import openapi
from config import load_settings
from tests.settings import environment
from tests.test_openapi import operations, strings

COMPONENT = "#/components/schemas/"
LOOSE = {
    "AuditOut.before": "the fields of whatever was changed",
    "AuditOut.after": "the same",
    "ChangeOut.details": "each change has its own",
    "DeliveryOut.about": "the ids of whatever it is about",
    "JobOut.about": "the same",
    "SaidOut.value": "an id, a date, a time, a number of people",
    "SaidOut.others": "a time, or the ends of a window",
    "TurnOut.proposal": "the body of the action that is proposed",
    "DialogflowOut.fulfillmentMessages": "Google's",
    "DialogflowOut.fulfillmentResponse": "Google's",
    "DialogflowOut.payload": "Google's",
}
"""The members of answers that may hold anything, and why."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = openapi.document(create_app(load_settings(environment("sqlite://"))))
    return found


def test_a_problem_is_typed_to_its_last_member(document: dict[str, Any]) -> None:
    """A typed client reads the fields that are wrong, and the slots to be had instead, without a cast."""
    members = document["components"]["schemas"]["Problem"]["properties"]
    assert members["errors"]["additionalProperties"] == {"type": "array", "items": {"type": "string"}}
    assert members["alternatives"]["items"] == {"$ref": "#/components/schemas/SlotOut"}


def test_money_has_a_currency_in_every_answer(document: dict[str, Any]) -> None:
    """Only a request may leave it out: what shows an amount need not ask whether there is one."""
    schemas = document["components"]["schemas"]
    assert (schemas["Money"]["required"], schemas["MoneyIn"]["required"]) == (["amount", "currency"], ["amount"])
    sent = used(document, [operation.get("requestBody") for _, operation in operations(document)])
    shown = used(document, [operation["responses"] for _, operation in operations(document)])
    assert ("MoneyIn" in sent, "Money" in sent) == (True, False)
    assert ("MoneyIn" in shown, "Money" in shown) == (False, True)


def used(document: dict[str, Any], node: Any) -> set[str]:
    """Return the names of all schemas that `node` refers to, at however many removes."""
    found: set[str] = set()
    waiting = [node]
    while waiting:
        named = {text.removeprefix(COMPONENT) for text in strings(waiting.pop()) if text.startswith(COMPONENT)} - found
        found |= named
        waiting += [document["components"]["schemas"][name] for name in named]
    return found


def test_every_member_of_an_answer_has_a_type(document: dict[str, Any]) -> None:
    """But for those that hold what differs from case to case."""
    shown = used(document, [operation["responses"] for _, operation in operations(document)])
    loose = {
        f"{name}.{member}"
        for name in shown
        for member, schema in document["components"]["schemas"][name].get("properties", {}).items()
        if is_loose(schema.get("items", schema))
    }
    assert loose == LOOSE.keys()


def is_loose(schema: dict[str, Any]) -> bool:
    """Say whether a generated type would be "anything"."""
    typed = schema.keys() & {"type", "$ref", "allOf", "anyOf", "enum"}
    return not typed or schema.get("additionalProperties") == {}


def test_an_answer_lists_the_words_it_may_say(document: dict[str, Any]) -> None:
    """What a page decides by is an enumeration, and not any text."""
    schemas = document["components"]["schemas"]
    assert schemas["TokensOut"]["properties"]["token_type"]["enum"] == ["Bearer"]
    assert schemas["NextActionOut"]["properties"]["type"]["enum"] == [word.value for word in NextStep]
