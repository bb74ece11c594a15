"""Texts by Twilio and Africa's Talking, against servers that check what they are asked."""

import base64
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs

from app.integrations.sms import NumberRefused, SmsFailed, TextMessage, provider_of, send
from config import SettingsError, Sms, load_settings
from tests.cases import each_case
from tests.integrations.sms.providers import Provider, serving
from tests.integrations.webhooks.receivers import dripping, saying, talking
from tests.processes import free_port
from tests.settings import environment

MESSAGE = TextMessage("+254712345678", "Grüße & more: 100 % = ✓", "17-2030")


@pytest.fixture
def server() -> Iterator[Provider]:
    """A provider's server."""
    with serving(Provider()) as provider:
        yield provider


def twilio(server: Provider, **fields: Any) -> Sms:
    """Return settings for Twilio."""
    given = {"sender": "+15005550006", "account": "AC1", "secret": "s3cret", "api_base": server.url}
    return Sms("twilio", **(given | {"timeout_seconds": 2.0} | fields))


def africas_talking(server: Provider, **fields: Any) -> Sms:
    """Return settings for Africa's Talking."""
    given = {"sender": None, "account": "parlour", "secret": "k3y", "api_base": server.url}
    return Sms("africastalking", **(given | {"timeout_seconds": 2.0} | fields))


def recipients(code: int | str) -> dict[str, Any]:
    """Return an answer of Africa's Talking about one number."""
    one = {"statusCode": code, "number": MESSAGE.to, "status": "…", "cost": "KES 0.8000", "messageId": "ATXid_1"}
    return {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [one]}}


def test_twilio_takes_it(server: Provider) -> None:
    """Path, authentication and fields as https://www.twilio.com/docs/messaging/api/message-resource has them."""
    server.says({"sid": "SM1", "status": "queued", "error_code": None})
    provider_of(twilio(server)).send(MESSAGE)
    (asked,) = server.asked
    assert asked["path"] == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked["fields"] == {"To": MESSAGE.to, "From": "+15005550006", "Body": MESSAGE.text}
    assert base64.b64decode(asked["headers"]["authorization"].removeprefix("Basic ")) == b"AC1:s3cret"
    assert asked["headers"]["content-type"] == "application/x-www-form-urlencoded"


def test_twilio_by_a_messaging_service(server: Provider) -> None:
    provider_of(twilio(server, sender="MG1")).send(MESSAGE)
    assert server.asked[0]["fields"] == {"To": MESSAGE.to, "MessagingServiceSid": "MG1", "Body": MESSAGE.text}


def test_africas_talking_takes_it(server: Provider) -> None:
    """Path, key and fields as https://developers.africastalking.com/docs/sms/sending/bulk has them."""
    for code in (100, 101, 102, "101"):
        server.says(recipients(code))
        provider_of(africas_talking(server)).send(MESSAGE)
    asked = server.asked[0]
    assert asked["path"] == "/version1/messaging"
    assert asked["fields"] == {"username": "parlour", "to": MESSAGE.to, "message": MESSAGE.text}
    assert (asked["headers"]["apikey"], asked["headers"]["accept"]) == ("k3y", "application/json")
    provider_of(africas_talking(server, sender="PARLOUR")).send(MESSAGE)
    assert server.asked[-1]["fields"]["from"] == "PARLOUR"


@pytest.mark.parametrize("code", [21211, 21610, 21614, None])
def test_what_twilio_never_takes(server: Provider, code: int | None) -> None:
    """A 400 is about this very number or text; what it says is not repeated, as it quotes the number."""
    server.says({"code": code, "message": f"The number {MESSAGE.to} is not valid", "status": 400}, status=400)
    with pytest.raises(NumberRefused) as refused:
        provider_of(twilio(server)).send(MESSAGE)
    assert MESSAGE.to not in str(refused.value)


@pytest.mark.parametrize("code", [403, 404, 406, 409])
def test_what_africas_talking_never_takes(server: Provider, code: int) -> None:
    server.says(recipients(code))
    with pytest.raises(NumberRefused, match=f"^africastalking {code}$"):
        provider_of(africas_talking(server)).send(MESSAGE)


@pytest.mark.parametrize("status", [302, 401, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("settings", [twilio, africas_talking])
def test_what_may_go_well_another_time(server: Provider, settings: Any, status: int) -> None:
    """Our account, their load, their failures. A redirect is not followed: the secret stays with the provider."""
    server.status, server.headers = status, {"Location": f"{server.url}/elsewhere"}
    with pytest.raises(SmsFailed, match=str(status)):
        provider_of(settings(server)).send(MESSAGE)
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "body", [recipients(405), recipients(500), recipients("?"), {"SMSMessageData": {"Recipients": []}}, {}, [], "x"]
)
def test_what_africas_talking_did_not_say_it_took(server: Provider, body: Any) -> None:
    """No balance, a gateway's failure, or nothing about the number at all."""
    server.says(body)
    with pytest.raises(SmsFailed):
        provider_of(africas_talking(server)).send(MESSAGE)


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff" * 100_000, b"[" * 100_000])
def test_nonsense(server: Provider, body: bytes) -> None:
    """Twilio's 201 counts whatever is in it; of the other, the answer's word is needed."""
    server.body = body
    provider_of(twilio(server)).send(MESSAGE)
    with pytest.raises(SmsFailed):
        provider_of(africas_talking(server)).send(MESSAGE)


@pytest.mark.parametrize("settings", [twilio, africas_talking])
def test_silence_and_nobody(server: Provider, settings: Any) -> None:
    """It is waited for as long as the setting says; what is raised quotes neither number nor secret."""
    server.seconds = 1
    began = time.monotonic()
    with pytest.raises(SmsFailed) as failed:
        provider_of(settings(server, timeout_seconds=0.2)).send(MESSAGE)
    assert time.monotonic() - began < 0.9
    assert not {MESSAGE.to, "s3cret", "k3y"} & set(str(failed.value).split())
    nobody = Provider(port=free_port())
    with pytest.raises(SmsFailed):
        provider_of(settings(nobody)).send(MESSAGE)


def test_an_answer_in_pieces() -> None:
    """It is read to its end, however late that comes."""
    body = json.dumps(recipients(101)).encode()

    def go_on(caller: socket.socket) -> None:
        time.sleep(0.1)
        caller.sendall(body)

    with talking(saying(b"HTTP/1.1 201 Created\r\nConnection: close\r\n\r\n", then=go_on)) as port:
        provider_of(africas_talking(Provider(port=port))).send(MESSAGE)


@pytest.mark.parametrize("settings", [twilio, africas_talking])
@pytest.mark.parametrize("begin", [b"", b"HTTP/1.1 201 Created\r\nX-Drip: "])
def test_a_provider_that_drips(settings: Any, begin: bytes) -> None:
    """The time is for all of it, and does not begin anew with each byte."""
    with talking(saying(begin, then=dripping)) as port:
        began = time.monotonic()
        with pytest.raises(SmsFailed):
            provider_of(settings(Provider(port=port), timeout_seconds=0.4)).send(MESSAGE)
        assert time.monotonic() - began < 2


def test_an_answer_that_breaks_off() -> None:
    """Twilio's status says that it has the text: it is not sent again for the rest of the answer."""
    head = b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n"
    with talking(saying(head, then=dripping)) as port:
        began = time.monotonic()
        provider_of(twilio(Provider(port=port), timeout_seconds=0.4)).send(MESSAGE)
        assert time.monotonic() - began < 2
        with pytest.raises(SmsFailed):
            provider_of(africas_talking(Provider(port=port), timeout_seconds=0.4)).send(MESSAGE)


@pytest.mark.parametrize("number", ["0712345678", "+0712345678", "254712345678", "+2547123456789012", "+1 555", ""])
def test_a_number_is_international(number: str) -> None:
    with pytest.raises(ValueError):
        TextMessage(number, "Hi", "17")


@pytest.mark.parametrize("text", ["", "x" * 1601])
def test_a_text_is_something(text: str) -> None:
    with pytest.raises(ValueError):
        TextMessage("+254712345678", text, "17")


def test_what_people_may_not_see_stays_out_of_the_log() -> None:
    """Neither of messages nor of settings; without a provider the log says that one would have gone."""
    assert repr(MESSAGE) == "TextMessage(reference='17-2030')"
    assert "s3cret" not in repr(Sms("twilio", None, secret="s3cret"))
    app = Flask("sms")
    app.extensions["settings"] = load_settings(environment("sqlite://"))
    with app.app_context(), capture_logs() as lines:
        send(MESSAGE)
    said = {"event": "sms_not_sent", "reference": "17-2030", "to": "…678", "characters": len(MESSAGE.text)}
    assert lines == [said | {"log_level": "info"}]


@each_case(
    ("given", "wrong"),
    [
        ({"SMS_PROVIDER": "pigeon"}, "SMS_PROVIDER"),
        ({"SMS_PROVIDER": "twilio"}, "TWILIO_ACCOUNT_SID"),
        ({"SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "x"}, "SMS_FROM"),
        ({"SMS_PROVIDER": "africastalking", "AFRICASTALKING_USERNAME": "x"}, "AFRICASTALKING_API_KEY"),
        ({"SMS_API_BASE": "ftp://x"}, "SMS_API_BASE"),
        ({"SMS_TIMEOUT_SECONDS": "0"}, "SMS_TIMEOUT_SECONDS"),
        ({"MAIL_TIMEOUT_SECONDS": "1000"}, "MAIL_TIMEOUT_SECONDS"),
        ({"QUIET_HOURS": "9pm-8am"}, "QUIET_HOURS"),
        ({"QUIET_HOURS": "25:00-08:00"}, "QUIET_HOURS"),
        ({"BUSINESS_LOCALE": "klingon"}, "BUSINESS_LOCALE"),
    ],
)
def test_settings_that_cannot_be_meant(given: dict[str, str], wrong: str) -> None:
    """They stop the start, and are named."""
    with pytest.raises(SettingsError, match=f"^{wrong}"):
        load_settings(environment("sqlite://") | given)


def test_settings_of_a_provider() -> None:
    """Name and secret of its account."""
    given = {
        "SMS_PROVIDER": "africastalking",
        "AFRICASTALKING_USERNAME": "parlour",
        "AFRICASTALKING_API_KEY": "k3y",
        "SMS_FROM": "PARLOUR",
    }
    assert load_settings(environment("sqlite://") | given).sms == Sms("africastalking", "PARLOUR", "parlour", "k3y")
