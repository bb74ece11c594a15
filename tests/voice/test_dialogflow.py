"""`POST /api/voice/dialogflow`: the webhooks of Dialogflow ES and CX, as Google documents them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Service, User
from app.transactions import transaction
from app.voice.arranging import HOLDS_ENOUGH
from tests.api import Api
from tests.bookings.desk import everything
from tests.cases import each_case
from tests.factories import make_user, set_hours, token_for
from tests.voice.desk import NOW, Parlour, booked

PATH = "/api/voice/dialogflow"
SECRET = "of Dialogflow's alone 0123456789"
SESSION = "projects/parlour/agent/sessions/abc"

Body = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def configured(app: Flask, parlour: Parlour, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Dialogflow be answered."""
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], dialogflow_secret=SECRET))


@pytest.fixture
def user(parlour: Parlour) -> User:
    """Who speaks."""
    return make_user()


def es(text: str, token: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Return a `WebhookRequest` of Dialogflow ES."""
    return {
        "responseId": "r",
        "session": SESSION,
        "queryResult": {
            "queryText": text,
            "parameters": parameters,
            "allRequiredParamsPresent": True,
            "intent": {"name": "projects/parlour/agent/intents/1", "displayName": "book"},
            "intentDetectionConfidence": 0.7,
            "languageCode": "en",
        },
        "originalDetectIntentRequest": {"source": "web", "payload": {"access_token": token} if token else {}},
    }


def cx(text: str, token: str | None = None, **parameters: Any) -> dict[str, Any]:
    """Return a `WebhookRequest` of Dialogflow CX."""
    found = {name: {"originalValue": "", "resolvedValue": value} for name, value in parameters.items()}
    return {
        "detectIntentResponseId": "r",
        "languageCode": "en",
        "text": text,
        "fulfillmentInfo": {"tag": "parlour"},
        "intentInfo": {"displayName": "book", "parameters": found, "confidence": 0.7},
        "pageInfo": {"currentPage": "projects/p/locations/l/agents/a/flows/f/pages/1"},
        "sessionInfo": {"session": SESSION, "parameters": {}},
        "payload": {"access_token": token} if token else {},
    }


BOTH = pytest.mark.parametrize("body", [es, cx], ids=["ES", "CX"])


def ask(api: Api, body: dict[str, Any], secret: str | None = SECRET) -> Any:
    """Send a webhook's request."""
    return api.post(PATH, body, headers={"X-Dialogflow-Secret": secret} if secret else {})


def said(answer: Any) -> str:
    """Return what a fulfilment says, in whichever form."""
    assert answer.status_code == 200, answer.json
    messages = answer.json.get("fulfillmentMessages") or answer.json["fulfillmentResponse"]["messages"]
    (text,) = messages[0]["text"]["text"]
    assert answer.json.get("fulfillmentText", text) == text
    return str(text)


@BOTH
def test_from_a_wish_to_a_booking(api: Api, user: User, body: Body) -> None:
    token, user_id = token_for(user), user.id
    assert said(ask(api, body("book a men's cut with Jane", token))).startswith("On which day do you want to come?")
    assert "Which do you want?" in said(ask(api, body("tomorrow", token)))
    assert said(ask(api, body("at 10", token))).endswith("10:00 AM (Africa/Nairobi), KES1,500.00. Shall I book it?")
    assert booked() == []
    assert "Shall I book it?" in said(ask(api, body("yes but which day was that", token)))
    assert booked() == []
    for _ in range(2):  # Dialogflow asks again where an answer was slow
        assert said(ask(api, body("Yes, please!", token))).startswith("Done. Your reference is BK-")
    assert [client_id for client_id, _, _ in booked()] == [user_id]


@BOTH
def test_a_choice_while_nothing_is_offered(api: Api, user: User, body: Body) -> None:
    token = token_for(user)
    asked = said(ask(api, body("book a men's cut tomorrow at 10", token)))
    assert said(ask(api, body("the last one", token))) == asked


def test_the_answer_has_the_form_of_the_request(api: Api, user: User) -> None:
    in_es, in_cx = (ask(api, body("book a massage", token_for(user))).json for body in (es, cx))
    assert in_es.keys() == {"fulfillmentText", "fulfillmentMessages", "payload"}
    assert in_cx.keys() == {"fulfillmentResponse", "payload"}
    assert in_es["payload"]["parlour"]["understood"]["service"]["value"]["name"] == "Massage"


@BOTH
@each_case("secret", [None, "", "another", SECRET + "x", "ü"])
def test_without_the_secret_nothing_is_said(api: Api, user: User, body: Body, secret: str | None) -> None:
    before = everything()
    answer = api.post(
        PATH,
        body("book a massage tomorrow at 10", token_for(user)),
        headers={} if secret is None else {"X-Dialogflow-Secret": secret.encode().decode("latin-1")},
    )
    assert (answer.status_code, answer.json["code"]) == (401, "dialogflow_secret_wrong")
    assert everything() == before


def test_without_a_setting_it_is_not_there(app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.extensions, "settings", replace(app.extensions["settings"], dialogflow_secret=None))
    assert ask(api, es("hello")).status_code == 404


@BOTH
@pytest.mark.parametrize("token", [None, "nobody's"])
def test_without_a_token_only_availability_is_answered(api: Api, body: Body, token: str | None) -> None:
    before = everything()
    free = said(ask(api, body("when are you free for a massage on friday?", token)))
    assert free.startswith("There is Friday, January 11, 2030 at 9:00 AM")
    assert "Sign in to book." in said(ask(api, body("book a massage tomorrow at 10", token)))
    assert "Sign in" in said(ask(api, body("cancel my appointment", token)))
    assert everything() == before


def test_an_expired_token_is_none(api: Api, user: User) -> None:
    token = token_for(user)
    with clock.frozen(NOW + timedelta(days=1)):
        assert "Sign in to book." in said(ask(api, es("book a massage tomorrow at 10", token)))


@BOTH
def test_a_disagreement_is_asked(api: Api, user: User, body: Body) -> None:
    """They read Tuesday, we read Friday; their day is no more than a hint."""
    token, theirs = token_for(user), {"year": 2030, "month": 1, "day": 8} if body is cx else "2030-01-08T12:00:00+03:00"
    text = said(ask(api, body("book a men's cut on friday at 3 pm", token, date=theirs)))
    assert text == "Do you mean Friday, January 11, 2030 or Tuesday, January 8, 2030?"
    assert "Friday, January 11, 2030 at 3:00 PM" in said(ask(api, body("the first one", token)))


@BOTH
def test_an_hour_that_they_read_otherwise_is_asked(api: Api, user: User, body: Body) -> None:
    theirs = {"hours": 11, "minutes": 0} if body is cx else "2030-01-08T11:00:00+03:00"
    text = said(ask(api, body("book a men's cut tomorrow at 3 pm", token_for(user), time=theirs)))
    assert text == "Do you mean 15:00 or 11:00?"


@BOTH
def test_what_only_they_have_found_is_read_back(api: Api, user: User, body: Body) -> None:
    theirs = {"year": 2030, "month": 1, "day": 8} if body is cx else "2030-01-08T12:00:00+03:00"
    text = said(ask(api, body("book a men's cut at 10", token_for(user), date=theirs)))
    assert "Tuesday, January 8, 2030 at 10:00 AM" in text


@pytest.mark.parametrize("value", ["", "soon", {"year": "x"}, {"year": 2030, "month": 13, "day": 1}, [], [[]], 5, None])
@BOTH
def test_a_hint_that_is_none(api: Api, user: User, body: Body, value: Any) -> None:
    text = said(ask(api, body("book a men's cut tomorrow at 10", token_for(user), date=value, time=value)))
    assert "Tuesday, January 8, 2030 at 10:00 AM" in text


def test_a_refusal_is_told(api: Api, user: User) -> None:
    """Dialogflow shows nobody a status: the reason is said, and nothing is written."""
    token = token_for(user)
    for at in (9, 10, 11):
        one = es(f"book a men's cut tomorrow at {at}", token) | {"session": f"{SESSION}{at}"}
        assert "Shall I book it?" in said(ask(api, one))
    before = everything()
    assert said(ask(api, es("book a men's cut tomorrow at 12", token))) == HOLDS_ENOUGH
    assert everything() == before


def test_one_session_is_not_anothers(api: Api, user: User) -> None:
    """The same name of a session, another token: another conversation."""
    ask(api, es("book a men's cut tomorrow at 10", token_for(user)))
    other = ask(api, es("yes", token_for(make_user())))
    assert "Shall I book it?" not in said(other)
    assert booked() == []


def test_a_session_that_is_over_begins_anew(api: Api, user: User) -> None:
    """Before anybody has cleaned up: its name may come again."""
    ask(api, es("book a men's cut tomorrow", token_for(user)))
    with clock.frozen(NOW + timedelta(minutes=31)):
        assert "What would you like to book?" in said(ask(api, es("I want to book something", token_for(user))))


def test_too_much_at_once(api: Api, user: User) -> None:
    assert said(ask(api, es("x" * 501, token_for(user)))) == (
        "That was too much at once. Please say it in a few words."
    )


@each_case(
    ("body", "field"),
    [
        ({}, "session"),
        ({"session": 5, "queryResult": {}}, "session"),
        ({"session": SESSION, "queryResult": {"queryText": 5}}, "queryResult.queryText"),
        ({"queryResult": {"queryText": "hi"}}, "session"),
        ({"session": "s" * 301, "queryResult": {"queryText": "hi"}}, "session"),
        ({"sessionInfo": {}, "text": "hi"}, "sessionInfo.session"),
    ],
)
def test_a_request_that_is_none(api: Api, body: dict[str, Any], field: str) -> None:
    answer = ask(api, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


@each_case(
    "body",
    [
        {"sessionInfo": {"session": SESSION}, "triggerEvent": "welcome"},
        {"session": SESSION, "queryResult": {"queryText": ""}},
        {"session": SESSION, "queryResult": {"intent": {"displayName": "welcome"}}},
        {"session": SESSION},
    ],
)
def test_an_event_without_words_is_greeted(api: Api, body: dict[str, Any]) -> None:
    """They call for what triggers a page, or a welcome, too."""
    text = said(ask(api, body))
    assert text.startswith("I can book, move or cancel")


def test_what_cx_remembers_of_the_session(api: Api, user: User) -> None:
    """It fills in what the words leave open, and says nothing against them."""
    token = token_for(user)
    body = cx("book a men's cut at 10", token)
    body["sessionInfo"]["parameters"] = {"date": {"year": 2030, "month": 1, "day": 8}}
    assert "Tuesday, January 8, 2030 at 10:00 AM" in said(ask(api, body))
    body["text"] = "make it friday"
    assert "Friday, January 11, 2030 at 10:00 AM" in said(ask(api, body))


@BOTH
def test_an_hour_that_they_know_the_half_of(api: Api, user: User, parlour: Parlour, body: Body) -> None:
    """At 8 is eight in the evening then, though both can be had."""
    set_hours(parlour.wanjiru, "06:00", "23:00")
    theirs = {"hours": 20, "minutes": 0} if body is cx else "2030-01-08T20:00:00+03:00"
    text = said(ask(api, body("book a massage tomorrow at 8", token_for(user), time=theirs)))
    assert "at 8:00 PM (Africa/Nairobi)" in text


@BOTH
def test_a_hint_at_what_is_left_out(api: Api, user: User, body: Body) -> None:
    """They have only read the day that is not wanted; it is not taken, and not asked about."""
    token = token_for(user)
    thursday = "2030-01-10T12:00:00+03:00"
    answer = said(ask(api, body("a men's cut, any day but Thursday", token, date=thursday)))
    assert answer.startswith("On which day do you want to come? There is Monday")
    assert "Thursday" not in answer
    assert "Thursday" not in said(ask(api, body("in the afternoon", token, date=thursday)))


@BOTH
def test_a_hint_at_what_is_moved_away_from(api: Api, user: User, body: Body) -> None:
    token = token_for(user)
    ask(api, body("book a massage on Thursday at 3 pm", token))
    ask(api, body("yes", token))
    answer = said(ask(api, body("move my Thursday 3 pm to Friday at 11", token, date=["2030-01-10T12:00:00+03:00"])))
    assert answer.startswith("From Thursday, January 10, 2030 at 3:00 PM to: Massage with Jane Wanjiru")


@BOTH
def test_a_hint_at_a_day_that_is_in_no_calendar(api: Api, user: User, body: Body) -> None:
    """They make it another."""
    answer = ask(api, body("book a massage on February 30", token_for(user), date="2030-03-02T12:00:00+03:00"))
    assert said(answer) == "February 30 is in no calendar. On which day do you want to come?"


@BOTH
def test_a_yes_to_what_costs_more_by_now(api: Api, user: User, parlour: Parlour, body: Body) -> None:
    """It is told, and proposed anew; the next yes books."""
    token = token_for(user)
    ask(api, body("book a men's cut tomorrow at 10", token))
    with transaction():
        db.session.get_one(Service, parlour.cut.id).price_amount = 160_000
    answer = said(ask(api, body("yes", token)))
    assert answer.startswith("The price or the fee has changed since it was proposed. Men's cut with ")
    assert answer.endswith("KES1,600.00. Shall I book it?")
    assert booked() == []
    assert said(ask(api, body("yes", token))).startswith("Done. ")


@BOTH
def test_a_yes_to_what_is_retired_by_now(api: Api, user: User, parlour: Parlour, body: Body) -> None:
    token = token_for(user)
    ask(api, body("book a men's cut tomorrow at 10", token))
    with transaction():
        db.session.get_one(Service, parlour.cut.id).active = False
    answer = said(ask(api, body("yes", token)))
    assert "Men's cut is not to be had any more. What would you like to book?" in answer
    assert said(ask(api, body("a massage", token))).endswith("Shall I book it?")


@BOTH
def test_a_hint_of_the_second_of_two_wishes(api: Api, user: User, body: Body) -> None:
    token = token_for(user)
    ask(api, body("book a men's cut on friday at 3 pm", token))
    ask(api, body("yes", token))
    two = body("cancel my men's cut and book a massage on tuesday at noon", token, date="2030-01-08T12:00:00+03:00")
    assert said(ask(api, two)).startswith("One thing after the other: say the rest again after this. Cancel: Men's cut")
