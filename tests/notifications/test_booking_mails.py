"""What clients and deciders are told of a booking, step by step: each by one mail, with its reference and its link."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.bookings.service import record_payment
from app.extensions import business
from app.kit import clock
from app.models import DepositType, Role, Service, Space, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, THURSDAY, at, made, one
from tests.factories import make_service, make_staff, make_user, make_working_staff, token_for
from tests.mailbox import Mailbox, html_of, text_of
from tests.notifications.letters import LINK, calendar_of, link_in, moved, noted, step, subjects, told

pytestmark = pytest.mark.usefixtures("monday_morning")


def late(service: Service) -> dict[str, Any]:
    """Return the request for Thursday at ten."""
    return one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)}


def asking_first(**fields: Any) -> Service:
    """Return a service that somebody has to approve."""
    return make_service(name="Tattoo", requires_approval=True, **fields)


def test_a_confirmation(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """Says what, when on the venue's clocks, with whom, for how much; carries the calendar file and the link."""
    booking = made(api, ada, late(service))
    (mail,) = mailbox.deliver()
    reference = booking["reference"]
    assert mail["To"] == ada.email
    assert mail["Subject"] == f"Confirmed: {service.name} ({reference}) – {business.name}"
    for text in (text_of(mail), html_of(mail)):
        for said in ("Thursday, January 10, 2030, 10:00 AM–11:00 AM", service.name, staff.name, "45.00", reference):
            assert said in text
        assert link_in(mail) in text
    assert f"UID:booking-{booking['id']}-{reference}@parlour" in calendar_of(mail)
    assert "METHOD:PUBLISH" in calendar_of(mail)
    assert api.get(link_in(mail)).json["booking"]["reference"] == reference
    assert mailbox.deliver() == []
    assert noted() == [("booking_confirmed", "email", "sent", "")]


def test_times_are_the_venues(api: Api, mailbox: Mailbox, service: Service) -> None:
    """Whatever the client's zone is."""
    make_working_staff(service, timezone="Africa/Nairobi")
    made(api, make_user(timezone="America/New_York"), late(service) | {"starts_at": at("07:00", THURSDAY)})
    (mail,) = mailbox.deliver()
    assert "10:00 AM–11:00 AM (Africa/Nairobi)" in text_of(mail)


def test_a_request_and_its_approval(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """The client hears that we have it, the staff member that it is to be decided; and then the client how it was."""
    service = asking_first()
    jane = make_user(Role.STAFF)
    make_working_staff(service, user_id=jane.id)
    booking = made(api, ada, late(service))
    mails = mailbox.deliver()
    assert told(mails) == {(ada.email, "We have your request"), (jane.email, "Please decide")}
    (asked,) = [mail for mail in mails if mail["To"] == jane.email]
    assert ada.name in text_of(asked)
    assert "Monday, January 7" not in text_of(asked)
    assert f"/api/bookings/{booking['id']}" in text_of(asked)
    assert "/manage/" not in text_of(asked)
    step(api, clerk, booking, "approve")
    (mail,) = mailbox.deliver()
    assert (subjects([mail]), "was approved" in text_of(mail)) == (["Confirmed"], True)


def test_nobody_with_an_account_performs_it(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Then the admins decide."""
    service, admin = asking_first(), make_user(Role.ADMIN)
    make_working_staff(service)
    made(api, ada, late(service))
    assert (admin.email, "Please decide") in told(mailbox.deliver())


def test_a_space_is_decided_about_by_its_owner(
    api: Api, mailbox: Mailbox, ada: User, owner: User, space: Space
) -> None:
    with transaction():
        space.instant_booking = False
    hours = {"starts_at": at("10:00", THURSDAY), "ends_at": at("12:00", THURSDAY)}
    booking = made(api, ada, {"space_id": space.id} | hours)
    assert told(mailbox.deliver()) == {(ada.email, "We have your request"), (owner.email, "Please decide")}
    step(api, owner, booking, "decline", reason="We paint the walls.")
    (mail,) = mailbox.deliver()
    assert subjects([mail]) == ["We cannot take your booking"]
    assert "1 High Street" in text_of(mail)


def test_a_deposit(api: Api, mailbox: Mailbox, ada: User) -> None:
    """It says how much until when; when that is past, that the booking has lapsed."""
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    made(api, ada, late(service))
    (mail,) = mailbox.deliver()
    assert subjects([mail]) == ["A deposit is due"]
    assert "10.00" in text_of(mail)
    assert "6:30 AM" in text_of(mail)
    assert "See or cancel it here:" in text_of(mail)
    with clock.frozen(NOW + timedelta(minutes=31)):
        assert subjects(mailbox.deliver()) == ["Your booking has lapsed"]


def test_an_approval_that_asks_for_a_deposit(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    service = asking_first(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    booking = made(api, ada, late(service))
    mailbox.deliver()
    step(api, clerk, booking, "approve")
    assert subjects(mailbox.deliver()) == ["A deposit is due"]


def test_a_move(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """The file replaces what the calendar has."""
    booking = made(api, ada, late(service))
    (before,) = mailbox.deliver()
    moved(api, ada, booking, at("14:00", THURSDAY))
    (mail,) = mailbox.deliver()
    assert subjects([mail]) == ["Changed"]
    assert "2:00 PM–3:00 PM" in text_of(mail)
    uid = f"UID:booking-{booking['id']}-{booking['reference']}@parlour"
    assert uid in calendar_of(before)
    assert uid in calendar_of(mail)


def test_a_cancellation(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """The file takes itself out of the calendar."""
    booking = made(api, ada, late(service))
    mailbox.deliver()
    step(api, ada, booking, "cancel")
    (mail,) = mailbox.deliver()
    assert subjects([mail]) == ["Cancelled"]
    assert "METHOD:CANCEL" in calendar_of(mail)
    assert "fee" not in text_of(mail)
    step(api, ada, booking, "cancel")
    assert mailbox.deliver() == []


def test_a_late_cancellation_says_its_fee(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    service = asking_first(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    booking = made(api, ada, one(service, "10:00"))
    step(api, clerk, booking, "approve")
    with transaction():
        record_payment(booking["id"], 1000)
    mailbox.deliver()
    step(api, ada, booking, "cancel")
    (mail,) = mailbox.deliver()
    assert "a fee of KES10.00 applies" in text_of(mail)


def test_another_staff_member_is_a_change(
    api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff
) -> None:
    """Whoever leaves, hands the booking over; its client is told who does it now."""
    made(api, ada, late(service))
    mailbox.deliver()
    colleague, admin = make_working_staff(service, name="Cleo"), make_user(Role.ADMIN)
    path = f"/api/staff/{staff.id}?reassign_to={colleague.id}"
    assert api.delete(path, token=token_for(admin)).status_code == 204
    (mail,) = mailbox.deliver()
    assert (subjects([mail]), "Cleo" in text_of(mail)) == (["Changed"], True)


def test_what_tells_nobody(api: Api, mailbox: Mailbox, ada: User, clerk: User, service: Service, staff: Staff) -> None:
    """Remarks, and what whoever was there knows: that it is done, or was missed."""
    booking, other = made(api, ada, one(service, "10:00")), made(api, ada, one(service, "11:00"))
    mailbox.deliver()
    api.patch(f"{BOOKINGS}/{booking['id']}", {"notes": "No perfume."}, token=token_for(ada))
    with clock.frozen(NOW + timedelta(hours=6)):
        step(api, clerk, booking, "complete")
        step(api, clerk, other, "no-show")
        assert mailbox.deliver() == []


def test_a_series_is_one_mail(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """With all its dates, each with its file; what happens to one of them later is told of that one."""
    asked = late(service) | {"repeat": {"every_weeks": 1, "count": 3}}
    dates = made(api, ada, asked, "/api/bookings/series")["items"]
    (mail,) = mailbox.deliver()
    references = [date["booking"]["reference"] for date in dates]
    assert mail["Subject"].startswith(f"Confirmed: {service.name} ({references[0]} +2)")
    for text in (text_of(mail), html_of(mail)):
        for said in ("January 10", "January 17", "January 24", *references, "your 3 bookings are confirmed", "135.00"):
            assert said in text
    links = LINK.findall(text_of(mail))
    assert [api.get(link).json["booking"]["reference"] for link in links] == references
    assert all(f'{link}"' in html_of(mail) for link in links)
    assert len(list(mail.iter_attachments())) == 3
    step(api, ada, dates[1]["booking"], "cancel")
    (mail,) = mailbox.deliver()
    assert (subjects([mail]), "January 17" in text_of(mail)) == (["Cancelled"], True)


def test_a_series_that_waits(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """Whoever decides sees each of its dates, those that are decided left out; the client what is due in all."""
    service = asking_first(deposit_type=DepositType.FIXED, deposit_value=1000)
    jane = make_user(Role.STAFF)
    make_working_staff(service, user_id=jane.id)
    asked = late(service) | {"repeat": {"every_weeks": 1, "count": 3}}
    dates = [date["booking"] for date in made(api, ada, asked, "/api/bookings/series")["items"]]
    step(api, clerk, dates[0], "approve")
    mails = mailbox.deliver()
    (question,) = [mail for mail in mails if mail["To"] == jane.email]
    assert ada.name in text_of(question)
    assert "these 2 dates" in text_of(question)
    for date, is_shown in zip(dates, (False, True, True), strict=True):
        assert (f"/api/bookings/{date['id']}\n" in text_of(question)) is is_shown
    (said,) = [mail for mail in mails if mail["Subject"].startswith("We have your request")]
    assert "keep these 2 times" in text_of(said)
    assert "Deposits due in all: KES20.00" in text_of(said)


def test_a_walk_in_is_told(api: Api, mailbox: Mailbox, clerk: User, service: Service, staff: Staff) -> None:
    """Whoever has an email can look after the booking, account or not; whoever has none, is told nothing."""
    for email in ("wanda@example.test", None):
        client = make_user(has_login=False, email=email)
        made(
            api,
            clerk,
            late(service) | {"client_id": client.id, "starts_at": at("10:00" if email else "11:00", THURSDAY)},
        )
    (mail,) = mailbox.deliver()
    assert mail["To"] == "wanda@example.test"
    assert api.get(link_in(mail)).status_code == 200


@pytest.mark.parametrize("frontend", [True, False])
def test_links_lead_to_the_frontend(
    api: Api,
    mailbox: Mailbox,
    ada: User,
    service: Service,
    staff: Staff,
    with_frontend: Callable[[], None],
    frontend: bool,
) -> None:
    """Where there is one."""
    if frontend:
        with_frontend()
    made(api, ada, late(service))
    (mail,) = mailbox.deliver()
    begin = "https://app.example/bookings/manage/" if frontend else "http://127.0.0.1:5000/api/bookings/manage/"
    assert begin in text_of(mail)


def test_staff_without_accounts_are_nobody(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Of whom nobody can be asked, only the client hears."""
    service = asking_first()
    make_working_staff(service)
    make_staff()
    made(api, ada, late(service))
    assert told(mailbox.deliver()) == {(ada.email, "We have your request")}
