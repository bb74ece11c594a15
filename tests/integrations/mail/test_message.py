"""A message on the wire: whole, and never more than it says."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from app.integrations.mail import Message
from app.integrations.mail.message import as_email
from app.kit import clock
from tests.cases import each_case

SENDER = "Test Parlour <no-reply@parlour.example>"
NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


def message(**fields: Any) -> Message:
    """Return a message to Ada."""
    defaults = {"to": "ada@example.test", "subject": "Welcome", "text": "Hello.\n", "message_id": "17-2030"}
    return Message(**(defaults | fields))


def mail(*, sender: str = SENDER, encoding: str = "quoted-printable", **fields: Any) -> EmailMessage:
    """Return a message as a mail."""
    with clock.frozen(NOW):
        return as_email(message(**fields), sender=sender, encoding=encoding)


def test_its_headers() -> None:
    assert mail().as_string().splitlines() == [
        "From: Test Parlour <no-reply@parlour.example>",
        "To: ada@example.test",
        "Subject: Welcome",
        "Date: Mon, 07 Jan 2030 06:00:00 +0000",
        "Message-ID: <17-2030@parlour.example>",
        "Auto-Submitted: auto-generated",
        'Content-Type: text/plain; charset="utf-8"',
        "Content-Transfer-Encoding: quoted-printable",
        "MIME-Version: 1.0",
        "",
        "Hello.",
    ]


@each_case(
    "breaking",
    [
        "\r\nBcc: x@y.test",
        "\nBcc: x@y.test",
        "\rBcc: x@y.test",
        "\0",
        "\x0b",
        "\x1c",
        "\x7f",
        "\x85",
        "\u2028",
        "\ud800",
    ],
)
@each_case("name", ["to", "subject", "message_id"])
def test_no_header_breaks_out(name: str, breaking: str) -> None:
    """EM-01, AU-14: no value of a header holds what could end it."""
    value = {"to": "ada{}@example.test", "subject": "For A{}", "message_id": "17{}"}[name]
    with pytest.raises(ValueError):
        message(**{name: value.format(breaking)})
    with pytest.raises(ValueError):
        message(**{name: value.format("") + breaking})


@each_case(
    "to",
    [
        "",
        "ada",
        "ada@",
        "@example.test",
        "a@b@example.test",
        "ada@example.test, x@y.test",
        "ada@example.test;x@y.test",
        "Ada <ada@example.test>",
        '"a b"@example.test',
        "ada@exa mple.test",
        "ada@[127.0.0.1]",
        "a" * 255 + "@example.test",
    ],
)
def test_exactly_one_address(to: str) -> None:
    """AU-14: a recipient is one bare address; the refusal does not quote it."""
    with pytest.raises(ValueError, match=r"^This is not an email address\.$"):
        message(to=to)


@each_case("message_id", ["", "a b", "../17", ".17", "a/b", "a@b", "<a>", "a" * 101, "é"])
def test_an_id_is_a_plain_name(message_id: str) -> None:
    """It becomes a header and a file's name."""
    with pytest.raises(ValueError, match="message id"):
        message(message_id=message_id)


@pytest.mark.parametrize("subject", ["Réservation confirmée ✓", "予約の確認" * 20, "A, B <c@d.test>", "👩‍🔧", ""])
def test_any_subject_arrives(subject: str) -> None:
    """On the wire it is ASCII, in lines of at most 78 characters."""
    wire = mail(subject=subject).as_bytes()
    assert wire.isascii()
    assert max(map(len, wire.splitlines())) <= 78
    assert mail(subject=subject)["Subject"] == subject


@pytest.mark.parametrize("encoding", ["quoted-printable", "8bit"])
@pytest.mark.parametrize("text", ["Grüße, José\n", ".\r\n..\n", "https://x.test/?token=" + "a" * 900 + "\n", "\n"])
def test_any_text_arrives(text: str, encoding: str) -> None:
    assert mail(text=text, encoding=encoding).get_content() == text.replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("to", "header"),
    [
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@EXAMPLE.test", "ada@example.test"),
        ("ädä@bücher.example", "ädä@bücher.example"),
    ],
)
def test_an_international_address(to: str, header: str) -> None:
    """A domain has a form in ASCII that every server takes; a name has not."""
    assert mail(to=to)["To"] == header


@pytest.mark.parametrize(
    ("sender", "header", "domain"),
    [
        ("no-reply@parlour.example", "no-reply@parlour.example", "parlour.example"),
        ("Salon, Spa & Co <us@spa.example>", '"Salon, Spa & Co" <us@spa.example>', "spa.example"),
        ('"Salon, Spa" <us@spa.example>', '"Salon, Spa" <us@spa.example>', "spa.example"),
        ("Café Ünal <us@bücher.example>", "Café Ünal <us@xn--bcher-kva.example>", "xn--bcher-kva.example"),
        ("root@localhost", "root@localhost", "localhost"),
    ],
)
def test_a_sender(sender: str, header: str, domain: str) -> None:
    """It may have any name, and names the domain of the message's id."""
    made = mail(sender=sender)
    assert (made["From"], made["Message-ID"]) == (header, f"<17-2030@{domain}>")
    assert made.as_bytes().isascii()


def test_what_people_may_not_see_stays_out_of_the_log() -> None:
    """Addresses and links with tokens are no part of a message's `repr`."""
    assert repr(message()) == "Message(message_id='17-2030')"
