"""Words in the reader's language, nothing of them broken by what people are called."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from app.kit import written
from app.kit.money import Money
from app.models import Booking, NoticeChannel, Product, Service, Staff, User
from app.notifications import language
from app.notifications.catalogue import ACCOUNT_MAILS, NOTICES, kinds_of
from app.notifications.letters import FOLDERS, environment, write_letter
from app.notifications.notice import Facts
from app.transactions import transaction
from scripts.messages import FOLDER, gather
from tests.api import Api
from tests.bookings.desk import THURSDAY, at, made, one
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, set_hours, token_for
from tests.mailbox import Mailbox, html_of, text_of

LANGUAGES = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
AT = datetime(2030, 1, 7, 18, 30, tzinfo=UTC)


def later(service: Service) -> dict[str, Any]:
    """Return the request for Thursday at ten."""
    return one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)}


def messages_in(path: Path) -> set[str]:
    """Return what a catalogue has words for."""
    with path.open("rb") as file:
        return {str(one.id) for one in read_po(file) if one.id}


@pytest.mark.parametrize("path", [FOLDER / "messages.pot", *LANGUAGES], ids=lambda path: str(path.relative_to(FOLDER)))
def test_catalogues_have_all_words(path: Path) -> None:
    """After a change of words: `make messages`."""
    assert messages_in(path) == {str(one.id) for one in gather() if one.id}


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.parent.parent.name)
def test_translations_speak_of_the_same(path: Path) -> None:
    """No translation lacks a name, or has one that nobody fills."""
    with path.open("rb") as file:
        for one in read_po(file):
            if one.id and one.string:
                names = [sorted(re.findall(r"%\((\w+)\)s", str(text))) for text in (one.id, one.string)]
                assert names[0] == names[1], one.id


@pytest.mark.usefixtures("monday_morning")
def test_in_german(api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """Words, days, times and money of one language."""
    ada = make_user()
    assert api.patch("/api/users/me", {"locale": "de-AT"}, token=token_for(ada)).json["locale"] == "de-AT"
    booking = made(api, ada, later(service))
    (mail,) = mailbox.deliver()
    assert mail["Subject"].startswith(f"Bestätigt: {service.name} ({booking['reference']})")
    for text in (text_of(mail), html_of(mail)):
        assert "Donnerstag, 10. Jänner 2030, 10:00–11:00 (UTC)" in text
        assert "Guten Tag," in text
        assert "45,00" in text
    assert '<html lang="de-AT">' in html_of(mail)


@pytest.mark.parametrize(
    ("wished", "usual", "expected"),
    [
        (None, "en", "en"),
        ("en-GB", "en", "en-GB"),
        ("de-CH", "en", "de-CH"),
        ("fr", "en", "en"),
        ("fr", "de", "de"),
        (None, "en-GB", "en-GB"),
    ],
)
def test_words_and_dates_are_of_one_language(wished: str | None, usual: str, expected: str) -> None:
    """Where a language has no catalogue, all is in the house's."""
    assert language.language_for(wished, usual) == expected


@pytest.mark.parametrize(
    ("amount", "locale", "expected"),
    [
        (Money(4500, "KES"), "en", "KES45.00"),
        (Money(123456, "EUR"), "de", "1.234,56 €"),
        (Money(4500, "JPY"), "en", "¥4,500"),
        (Money(0, "USD"), "en", "$0.00"),
        (Money(5, "KWD"), "en", "KWD0.005"),
    ],
)
def test_money(amount: Money, locale: str, expected: str) -> None:
    """By the currency's own digits, and with plain spaces."""
    assert written.money(amount, locale) == expected


def test_days_and_times() -> None:
    """On the clocks of the zone, whatever the language."""
    nairobi = ZoneInfo("Africa/Nairobi")
    assert written.day(AT, nairobi, "en-GB") == "Monday, 7 January 2030"
    assert written.clock(AT, nairobi, "en-GB") == "21:30"
    assert written.clock(AT, nairobi, "en") == "9:30 PM"


@pytest.mark.usefixtures("monday_morning")
def test_names_break_nothing(api: Api, mailbox: Mailbox, ada: User) -> None:
    """EM-01, and HTML, and templates: names are words, in every part of a mail."""
    service = make_service(name='<b>Cut</b> & "{{ 7*7 }}" %(what)s | x')
    make_working_staff(service, name="<script>alert(1)</script>")
    made(api, ada, later(service))
    (mail,) = mailbox.deliver()
    assert '<b>Cut</b> & "{{ 7*7 }}" %(what)s | x' in mail["Subject"]
    assert "<script>alert(1)</script>" in text_of(mail)
    page = html_of(mail)
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;b&gt;Cut&lt;/b&gt; &amp; " in page
    assert "49" not in page.partition("Cut")[2][:40]


@pytest.mark.usefixtures("monday_morning")
@pytest.mark.parametrize("name", ["A\r\nBcc: x@y.z", "A\nBcc: x@y.z", "A\u2028Bcc: x@y.z", "A\x85B", "A\x0bB", "A\0B"])
def test_a_name_of_two_lines(api: Api, mailbox: Mailbox, ada: User, name: str) -> None:
    """EM-01: refused at the door, but for U+2028, which few take for a line's end; once inside, it is one line."""
    answer = api.patch("/api/users/me", {"first_name": name}, token=token_for(ada))
    assert answer.status_code == (200 if "\u2028" in name else 422)
    if "\0" in name:
        return  # no database takes it
    service = make_service()
    staff = make_staff()
    with transaction():
        service.name = name
    assign(staff, service)
    set_hours(staff)
    made(api, ada, later(service))
    (mail,) = mailbox.deliver()
    assert (mail["To"], mail["Bcc"]) == (ada.email, None)
    assert len(mail["Subject"].splitlines()) == 1


@pytest.mark.usefixtures("monday_morning")
def test_a_name_makes_no_line_of_ours(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Whatever it holds: the price stays the one that was agreed, and the name is one line of the details."""
    service, staff = make_service(name="Cut\u2028Price | KES 0.01\u2029Pay to | Eve"), make_staff()
    assign(staff, service)
    set_hours(staff)
    made(api, ada, later(service))
    (mail,) = mailbox.deliver()
    lines = text_of(mail).splitlines()
    assert [line for line in lines if line.startswith(("Price: KES 0", "Pay to"))] == []


def test_every_kind_has_its_words() -> None:
    """A file for each, with what its ways need; and none that nobody sends."""
    files = {path.stem for path in FOLDERS[0].glob("*.txt")}
    shared = {"words", "booking", "order", "payment", "account_link", "methods", "returned"}
    assert files - shared == {*NOTICES, *ACCOUNT_MAILS}
    for kind in kinds_of(NoticeChannel.SMS):
        source = environment("en").loader.get_source(environment("en"), f"{kind}.txt")[0]  # type: ignore[union-attr]
        assert "block sms" in source


def test_html_needs_nothing_from_elsewhere() -> None:
    """No picture, no style, no script: mail programs load none, and nobody is followed."""
    layout = (FOLDERS[1] / "letter.html").read_text(encoding="utf-8")
    assert not re.search(r"<(img|link|script|style)|url\(", layout)


def test_a_product_makes_no_line_of_ours() -> None:
    """Nor what is called by other names than services."""
    product = Product(sku="OIL", name="Oil\nHair\u2028\u202epin", on_hand=1)
    words = {"booking": Booking(reference="BK-1"), "missing": [{"units": 2, "product": product}]}
    text = write_letter("shortfall", Facts(words), locale="en", house="Parlour").text
    assert "\nOIL: Oil Hair pin: 2 more; by our books 1 are there\n" in text
