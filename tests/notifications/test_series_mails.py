"""What is told of a series: of what its making brought about in one mail, of what happens later date by date."""

from typing import Any

import pytest
from sqlalchemy import update

from app.bookings.service import record_payment
from app.extensions import db
from app.models import Assignment, DepositType, Role, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import THURSDAY, at, made, one
from tests.factories import make_service, make_user, make_working_staff
from tests.mailbox import Mailbox, text_of
from tests.notifications.letters import LINK, step, subjects

pytestmark = pytest.mark.usefixtures("monday_morning")

SECOND = "2030-01-17"


def series(api: Api, who: User, service: Service) -> list[dict[str, Any]]:
    """Book three Thursdays at ten; return the bookings."""
    first = one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)}
    answer = made(api, who, first | {"repeat": {"every_weeks": 1, "count": 3}}, "/api/bookings/series")
    return [date["booking"] for date in answer["items"]]


def occupy(api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """Let a staff member be busy on the second Thursday, and everybody who is told of that be told."""
    made(api, make_user(), one(service, "10:00") | {"staff_id": staff.id, "starts_at": at("10:00", SECOND)})
    mailbox.deliver()


def shown(mail: Any, dates: list[dict[str, Any]]) -> list[bool]:
    """Return of which dates a mail tells."""
    return [date["reference"] in text_of(mail) for date in dates]


def test_dates_that_differ(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Those that are confirmed are told of in one mail, the one that waits for its deposit in another."""
    service = make_service(deposit_type=DepositType.PERCENT, deposit_value=20)
    cheap, dear = make_working_staff(service), make_working_staff(service)
    with transaction():
        free = update(Assignment).where(Assignment.staff_id == cheap.id)
        db.session.execute(free.values(price_amount=0))
    occupy(api, mailbox, service, cheap)
    dates = series(api, ada, service)
    assert [date["items"][0]["staff_id"] for date in dates] == [cheap.id, dear.id, cheap.id]
    mails = mailbox.deliver()
    told = {subject: shown(mail, dates) for subject, mail in zip(subjects(mails), mails, strict=True)}
    assert told == {"Confirmed": [True, False, True], "A deposit is due": [False, True, False]}
    assert len(mails) == 2


def test_paid_date_by_date(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Each payment confirms its own booking, whichever comes first."""
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    dates = series(api, ada, service)
    (due,) = mailbox.deliver()
    assert shown(due, dates) == [True, True, True]
    for paid in (dates[1], dates[0], dates[2]):
        with transaction():
            record_payment(paid["id"], 1000)
        (mail,) = mailbox.deliver()
        assert (subjects([mail]), len(list(mail.iter_attachments()))) == (["Confirmed"], 1)
        assert shown(mail, dates) == [date is paid for date in dates]


def test_approved_date_by_date(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """Each deposit becomes due by itself."""
    service = make_service(requires_approval=True, deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    dates = series(api, ada, service)
    mailbox.deliver()
    for approved in dates:
        step(api, clerk, approved, "approve")
        (mail,) = mailbox.deliver()
        assert (subjects([mail]), shown(mail, dates)) == (["A deposit is due"], [date is approved for date in dates])
        assert len(LINK.findall(text_of(mail))) == 1


def test_everybody_is_asked_about_their_own(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Two staff members have the dates of one series."""
    service = make_service(requires_approval=True)
    jane, kate = make_user(Role.STAFF), make_user(Role.STAFF)
    first, second = make_working_staff(service, user_id=jane.id), make_working_staff(service, user_id=kate.id)
    occupy(api, mailbox, service, first)
    dates = series(api, ada, service)
    assert [date["items"][0]["staff_id"] for date in dates] == [first.id, second.id, first.id]
    mails = {mail["To"]: mail for mail in mailbox.deliver()}
    assert set(mails) == {ada.email, jane.email, kate.email}
    assert shown(mails[ada.email], dates) == [True, True, True]
    for email, own in ((jane.email, [True, False, True]), (kate.email, [False, True, False])):
        assert [f"/api/bookings/{date['id']}\n" in text_of(mails[email]) for date in dates] == own
        assert shown(mails[email], dates) == own
