"""Sending a notice: made from what things are like at that moment, handed over outside any transaction, and noted.

What is not true any more is not sent: nobody hears that a booking is confirmed which has been cancelled meanwhile.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import business, db
from app.integrations import mail, sms
from app.integrations.mail import AddressRefused, Attachment, Message
from app.integrations.sms import NumberRefused, TextMessage
from app.jobs.outbox import GivenUp, Task, delivers, enqueue
from app.jobs.policy import USUAL
from app.kit.clock import utcnow
from app.models import NoticeChannel, NoticeStatus, Notification, User
from app.notifications.catalogue import NOTICES
from app.notifications.language import language_for
from app.notifications.letters import write_letter, write_text
from app.notifications.notice import Facts
from app.notifications.quiet import is_quiet, moment_of
from app.notifications.record import TOPICS, count_attempt, follow, is_muted, is_overtaken, note_sent, suppress
from app.notifications.unsubscribing import link_to_unsubscribe
from app.transactions import transaction
from app.users.contact import phone_in_e164

MAIL_POLICY = replace(USUAL, at_once=2, lane="mail")
TEXT_POLICY = replace(USUAL, at_once=1, lane="text")
"""So many mails and texts at once: while a server hangs, other work goes on."""

POLICIES = {NoticeChannel.EMAIL: MAIL_POLICY, NoticeChannel.SMS: TEXT_POLICY}

NOTING_TRIES = 3
NOTING_PAUSE_SECONDS = 0.5

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that is about to be handed over, whose row is `notification_id`."""

    notification_id: int
    send: Callable[[], None]


def connect() -> None:
    """Send notices when their tasks are due; called once by `create_app`."""
    for channel, topic in TOPICS.items():
        delivers(topic, partial(_compose, MAKERS[channel]), hand_over, POLICIES[channel], follow)


def hand_over(outgoing: Outgoing) -> None:
    """Send a message and note that it was; raise what sending raises."""
    try:
        outgoing.send()
    except (AddressRefused, NumberRefused) as error:
        raise GivenUp(str(error)) from None
    _note_sent(outgoing)


def lock_recipient(user_id: int) -> User | None:
    """Lock and return an account or walk-in that is in use: either it is erased first, or its mail goes."""
    user = db.session.get(User, user_id, populate_existing=True, with_for_update={"key_share": True})
    return user if user is not None and user.is_active else None


def mail_to(notification: Notification, user: User, facts: Facts, task: Task, *, to: str) -> Outgoing:
    """Return the mail of some facts to an address, in the language of whoever has it."""
    notice = NOTICES.get(notification.kind)
    unsubscribe = link_to_unsubscribe(user, notification.kind) if notice is not None and notice.optional else ""
    letter = write_letter(
        notification.kind,
        facts,
        locale=language_for(user.locale, business.locale),
        house=business.name,
        unsubscribe=unsubscribe,
    )
    message = Message(
        to=to,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=task.reference,
        attachments=facts.attachments,
        unsubscribe=unsubscribe,
    )
    notification.address = to
    return _outgoing(notification, partial(_send, message, facts.papers))


def _send(message: Message, papers: Sequence[Callable[[], Attachment]]) -> None:
    files = tuple(make() for make in papers)
    mail.send(replace(message, attachments=message.attachments + files))


Maker = Callable[[Notification, User, Facts, Task], Outgoing | None]


def _compose(make: Maker, task: Task) -> Outgoing | None:
    notification = db.session.get(Notification, task.payload["notification_id"], populate_existing=True)
    if notification is None or notification.status in {NoticeStatus.SENT, NoticeStatus.SUPPRESSED}:
        return None
    count_attempt(notification, task)
    user = lock_recipient(notification.user_id)
    notice = NOTICES[notification.kind]
    facts = None if user is None else notice.facts(notification, user)
    if user is None or facts is None:
        suppress(notification, "gone" if user is None else "over")
        return None
    reason = _reason_against(notification, user)
    if reason:
        suppress(notification, reason)
        return None
    if notice.waits_for_day and is_quiet(utcnow(), user.timezone or facts.zone_name):
        _put_off(notification, task, user.timezone or facts.zone_name)
        return None
    return make(notification, user, facts, task)


def _put_off(notification: Notification, task: Task, zone_name: str) -> None:
    """Leave it for the morning, where that comes before what it is about."""
    now = utcnow()
    morning = moment_of(now, notification.concerns_at or now, zone_name, may_be_early=False)
    if morning is None:
        suppress(notification, "quiet_hours")
    else:
        enqueue(TOPICS[notification.channel], task.payload, due_at=morning)


def _reason_against(notification: Notification, user: User) -> str:
    """Return why somebody is not to be told what is true; empty where nothing stands against it."""
    if is_muted(user.id, notification.kind, notification.channel):
        return "switched_off"
    return "overtaken" if is_overtaken(notification) else ""


def _by_mail(notification: Notification, user: User, facts: Facts, task: Task) -> Outgoing | None:
    if user.email is None:
        suppress(notification, "no_address")
        return None
    return mail_to(notification, user, facts, task, to=user.email)


def _by_text(notification: Notification, user: User, facts: Facts, task: Task) -> Outgoing | None:
    number = number_of(user)
    if number is None:
        suppress(notification, "no_address")
        return None
    locale = language_for(user.locale, business.locale)
    text = write_text(notification.kind, facts, locale=locale, house=business.name)
    notification.address = number
    return _outgoing(notification, partial(sms.send, TextMessage(number, text, task.reference)))


def number_of(user: User) -> str | None:
    """Return somebody's phone number in the international form, if what they wrote is one."""
    try:
        return phone_in_e164(user.phone or "", user.country or business.country)
    except ValueError:
        return None


MAKERS: dict[NoticeChannel, Maker] = {NoticeChannel.EMAIL: _by_mail, NoticeChannel.SMS: _by_text}


def _outgoing(notification: Notification, send: Callable[[], None]) -> Outgoing:
    db.session.flush()
    return Outgoing(notification.id, send)


def _note_sent(outgoing: Outgoing) -> None:
    """Note that it was sent. Where the database does not take the note, the mail must not go out again for that."""
    for _ in range(NOTING_TRIES):
        try:
            with transaction():
                return note_sent(outgoing.notification_id)
        except SQLAlchemyError as error:
            log.warning("sent_not_noted", notification_id=outgoing.notification_id, error=type(error).__name__)
            time.sleep(NOTING_PAUSE_SECONDS)
    return None
