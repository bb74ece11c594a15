"""Mail by SMTP, to real servers."""

import logging
import smtplib
import ssl
import threading
import time
import traceback
from contextlib import AbstractContextManager
from typing import Any

import pytest
import trustme

from app.integrations.mail import Message, smtp
from app.integrations.mail.smtp import AddressRefused, MailRefused
from tests.integrations.mail.servers import (
    NOBODY,
    PASSWORD,
    USERNAME,
    Inbox,
    dripping,
    read,
    receiving,
    replying,
    settings,
    tls_of,
)

TALK = ["220 mail.test", "250 mail.test", "250 sender", "250 recipient", "354 go on", "250 taken", "221 bye"]
"""What a server says from the greeting to the farewell."""

ADDRESSES = ("ada@example.test", "no-reply@parlour.example")


def message(**fields: Any) -> Message:
    """Return a message to Ada."""
    defaults = {"to": "ada@example.test", "subject": "Hi", "text": "Hello.\n", "message_id": "17-2030"}
    return Message(**(defaults | fields))


def told(caught: pytest.ExceptionInfo[MailRefused]) -> str:
    """Return all that a log would tell of an error."""
    return "".join(traceback.format_exception(caught.value))


def with_login(authority: trustme.CA) -> AbstractContextManager[tuple[Inbox, int]]:
    """Run a server that wants STARTTLS and a password."""
    inbox = Inbox()
    login = {"authenticator": inbox.authenticate, "auth_required": True}
    return receiving(inbox, tls_context=tls_of(authority), require_starttls=True, **login)


def test_a_mail_arrives() -> None:
    """In one envelope, to one recipient, as it was written."""
    text = "Grüße.\n.\nhttps://x.test/?token=" + "a1-_" * 40 + "\n"
    with receiving() as (inbox, port):
        smtp.send(message(subject="Été ✓", text=text), settings(port))
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("no-reply@parlour.example", ["ada@example.test"])
    mail = read(envelope)
    assert (mail["Subject"], mail["Message-ID"], mail["Auto-Submitted"]) == (
        "Été ✓",
        "<17-2030@parlour.example>",
        "auto-generated",
    )
    assert mail.get_content().replace("\r\n", "\n") == text
    assert inbox.greetings == ["parlour.example"]


def test_starttls_and_a_password(trusted: trustme.CA) -> None:
    """Nothing is said before the connection is secure."""
    with with_login(trusted) as (inbox, port):
        smtp.send(message(), settings(port, use_tls=True, username=USERNAME, password=PASSWORD))
    assert (inbox.secure, inbox.logins) == ([True], [USERNAME.encode()])


def test_tls_from_the_first_byte(trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its port, whatever MAIL_USE_TLS says."""
    with receiving(ssl_context=tls_of(trusted)) as (inbox, port):
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", port)
        for use_tls in (True, False):
            smtp.send(message(), settings(port, use_tls=use_tls))
    assert len(inbox.envelopes) == 2


def test_an_unknown_authority_is_refused(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's password goes to a server that anybody may be, in either kind of TLS."""
    secret = {"username": USERNAME, "password": PASSWORD}
    with with_login(authority) as (inbox, port), pytest.raises(ssl.SSLCertVerificationError):
        smtp.send(message(), settings(port, use_tls=True, **secret))
    with receiving(ssl_context=tls_of(authority)) as (implicit, port):
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", port)
        with pytest.raises(ssl.SSLCertVerificationError):
            smtp.send(message(), settings(port, **secret))
    assert (inbox.logins, inbox.envelopes, implicit.envelopes) == ([], [], [])


def test_another_servers_certificate_is_refused(trusted: trustme.CA) -> None:
    """It must name the server that was asked for."""
    other = tls_of(trusted, "mail.example.test")
    with (
        receiving(tls_context=other, require_starttls=True) as (inbox, port),
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        smtp.send(message(), settings(port, use_tls=True))
    assert inbox.envelopes == []


def test_no_mail_in_the_clear_where_tls_is_wanted() -> None:
    """A server without STARTTLS, or one in the middle that hides it, gets nothing."""
    with receiving() as (inbox, port), pytest.raises(smtplib.SMTPNotSupportedError, match="STARTTLS"):
        smtp.send(message(), settings(port, use_tls=True))
    assert inbox.envelopes == []


def test_a_wrong_password(trusted: trustme.CA) -> None:
    with with_login(trusted) as (inbox, port), pytest.raises(MailRefused) as refused:
        smtp.send(message(), settings(port, use_tls=True, username=USERNAME, password="open barley"))
    assert (str(refused.value), inbox.envelopes) == ("SMTPAuthenticationError 535 5.7.8", [])


def test_nobody_of_that_name() -> None:
    """The refusal keeps the status, not the server's words: they quote the address."""
    with receiving() as (inbox, port), pytest.raises(AddressRefused) as refused:
        smtp.send(message(to=NOBODY), settings(port))
    assert (str(refused.value), inbox.envelopes) == ("SMTPRecipientsRefused 550 5.1.1", [])
    assert NOBODY not in told(refused)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (["554 no service for you"], "SMTPConnectError 554"),
        ([*TALK[:2], "553 5.7.1 <no-reply@parlour.example> is not yours", "250 reset"], "SMTPSenderRefused 553 5.7.1"),
        ([*TALK[:3], "450 4.2.0 <ada@example.test> greylisted", "250 reset"], "SMTPRecipientsRefused 450 4.2.0"),
        ([*TALK[:4], "451 4.3.0 not now", "250 reset"], "SMTPDataError 451 4.3.0"),
        ([*TALK[:5], "552 5.2.2 ada@example.test is over quota", "250 reset"], "SMTPDataError 552 5.2.2"),
        ([*TALK[:5], "nonsense", "250 reset"], "SMTPDataError -1"),
    ],
)
def test_a_refusal_at_any_step(said: list[str], why: str) -> None:
    with replying(*said) as port, pytest.raises(MailRefused) as refused:
        smtp.send(message(), settings(port))
    assert (str(refused.value), *(address in told(refused) for address in ADDRESSES)) == (why, False, False)
    assert not isinstance(refused.value, AddressRefused)  # which nobody would try again


@pytest.mark.parametrize("replies", range(6))
def test_a_server_that_falls_silent(replies: int) -> None:
    """It is waited for as long as the setting says."""
    began = time.monotonic()
    with replying(*TALK[:replies]) as port, pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        smtp.send(message(), settings(port, timeout_seconds=0.3))
    assert 0.3 <= time.monotonic() - began < 3


@pytest.mark.parametrize("said", [[], [TALK[0], "250-mail.test\r\n250 STARTTLS", "220 go on"]])
def test_a_server_that_falls_silent_before_tls(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The handshake too has its limit, in either kind of TLS."""
    began = time.monotonic()
    with replying(*said) as port:
        monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", None if said else port)
        with pytest.raises(TimeoutError):
            smtp.send(message(), settings(port, use_tls=True, timeout_seconds=0.3))
    assert 0.3 <= time.monotonic() - began < 3


@pytest.mark.parametrize("encryption", ["none", "from the first byte", "STARTTLS"])
@pytest.mark.parametrize("last", [False, True], ids=["greeting", "recipient"])
def test_a_server_that_drips(trusted: trustme.CA, monkeypatch: pytest.MonkeyPatch, encryption: str, last: bool) -> None:
    """It is never silent for long, and would hold the worker for as long as it likes; the whole has its limit."""
    monkeypatch.setattr(smtp, "DELIVERY_SECONDS", 0.5)
    monkeypatch.setattr(smtp, "HANG_UP_SECONDS", 0.1)
    starttls = ["250-mail.test\r\n250 STARTTLS", "220 go on"] if encryption == "STARTTLS" else []
    before = [TALK[0], *starttls] if starttls or last else []
    tls = None if encryption == "none" else tls_of(trusted)
    began = time.monotonic()
    with dripping(*before, *(TALK[1:3] if last else []), tls=tls, plain=len(starttls) and 3) as port:
        if encryption == "from the first byte":
            monkeypatch.setattr(smtp, "IMPLICIT_TLS_PORT", port)
        with pytest.raises(TimeoutError):
            smtp.send(message(), settings(port, use_tls=bool(starttls)))
    assert 0.5 <= time.monotonic() - began < 3
    assert not [thread for thread in threading.enumerate() if thread.name == "mail deadline"]


def test_the_limits() -> None:
    """Of each step, and of a delivery, whose task stays its worker's: the lease is renewed meanwhile."""
    assert (settings(25).timeout_seconds, smtp.DELIVERY_SECONDS) == (5, 20)


@pytest.mark.parametrize("farewell", [[], ["421 4.3.2 closing"], ["nonsense"]])
def test_what_was_taken_was_sent(farewell: list[str]) -> None:
    """A server that has the mail and takes its leave badly is not given it again."""
    with replying(*TALK[:6], *farewell) as port:
        smtp.send(message(), settings(port, timeout_seconds=0.3))


def test_nobody_listens() -> None:
    with receiving() as (_, port):
        pass
    with pytest.raises(ConnectionRefusedError):
        smtp.send(message(), settings(port))


def test_an_international_name_arrives_where_it_can() -> None:
    """By SMTPUTF8 (RFC 6531)."""
    with receiving(enable_SMTPUTF8=True) as (inbox, port):
        smtp.send(message(to="ädä@bücher.example", subject="Été"), settings(port))
    (envelope,) = inbox.envelopes
    assert (envelope.rcpt_tos, envelope.smtp_utf8) == (["ädä@bücher.example"], True)
    assert (read(envelope)["To"], read(envelope)["Subject"]) == ("ädä@bücher.example", "Été")


def test_an_international_name_fails_clearly_where_it_cannot() -> None:
    """No mangled address is tried."""
    with receiving(enable_SMTPUTF8=False) as (inbox, port), pytest.raises(smtplib.SMTPNotSupportedError) as error:
        smtp.send(message(to="ädä@bücher.example"), settings(port))
    assert ("SMTPUTF8" in str(error.value), "ädä" in str(error.value), inbox.envelopes) == (True, False, [])


def test_an_international_domain_arrives_everywhere() -> None:
    """In ASCII, from an international domain too."""
    with receiving(enable_SMTPUTF8=False) as (inbox, port):
        smtp.send(message(to="ada@bücher.example"), settings(port, sender="Café <us@bücher.example>"))
    (envelope,) = inbox.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("us@xn--bcher-kva.example", ["ada@xn--bcher-kva.example"])


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither addresses nor bodies, nor anything else, whether a mail is taken or refused."""
    caplog.set_level(logging.DEBUG)
    for the_other_side in ("mail.log", "asyncio"):
        caplog.set_level(logging.CRITICAL + 1, the_other_side)
    with receiving() as (_, port):
        smtp.send(message(), settings(port))
        with pytest.raises(MailRefused):
            smtp.send(message(to=NOBODY), settings(port))
    assert caplog.records == []
    assert capsys.readouterr() == ("", "")
