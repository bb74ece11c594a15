"""The mails about accounts, whose tasks the room of users writes: links that work once, and warnings."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import current_app

from app.extensions import db
from app.jobs.outbox import Task, delivers
from app.models import OneTimeToken, TokenPurpose, User
from app.notifications.delivery import MAIL_POLICY, Outgoing, hand_over, lock_recipient, mail_to
from app.notifications.notice import Facts
from app.notifications.record import begin_attempt, follow, suppress
from app.users.events import INVITE
from app.users.mails import CONFIRM, EMAIL_CHANGING, PASSWORD_CHANGED, RESET, RESET_PAGE, VERIFY, VERIFY_PAGE
from app.users.one_time_tokens import issue, token_of


@dataclass(frozen=True, slots=True)
class Letter:
    """To which address a mail goes, and its facts."""

    to: str
    facts: Facts


Make = Callable[[Task, User], Letter | None]


def connect() -> None:
    """Send these mails when their tasks are due; called once by `create_app`."""
    for topic, (kind, make) in MAILS.items():
        delivers(topic, partial(_compose, kind, make), hand_over, MAIL_POLICY, follow)


def _compose(kind: str, make: Make, task: Task) -> Outgoing | None:
    """Return the mail of a task; None where there is nobody to have it, or what it tells of is over."""
    user_id = task.payload["user_id"]
    user = None if user_id is None else lock_recipient(user_id)
    if user is None or not user.has_login or user.email is None:
        return None
    notification = begin_attempt(task, kind, user)
    letter = make(task, user)
    if letter is None:
        suppress(notification, "over")
        return None
    return mail_to(notification, user, letter.facts, task, to=letter.to)


def _linking(
    purpose: TokenPurpose, page: str, is_late: Callable[[User], bool], task: Task, user: User
) -> Letter | None:
    """Return a mail to the account's own email with a link, unless what the link is for has been done meanwhile."""
    if user.email is None or is_late(user):
        return None
    return _with_link(page, issue(user, purpose, user.email, task.payload["nonce"]), task)


def _confirming(task: Task, _user: User) -> Letter | None:
    """Return the mail to a new email; which it is stands with the token, and goes with it."""
    return _with_link(VERIFY_PAGE, db.session.get(OneTimeToken, task.payload["token_id"]), task)


def _warning(_task: Task, user: User) -> Letter | None:
    return None if user.email is None else Letter(user.email, Facts({}))


def _with_link(page: str, issued: OneTimeToken | None, task: Task) -> Letter | None:
    """Return a mail with a URL of the frontend's or ours, as configured; never of the host that a request names.

    None where the token works no more, or cannot be made again because its key is gone.
    """
    token = None if issued is None or issued.used_at else token_of(issued, task.payload["nonce"])
    if issued is None or token is None:
        return None
    settings = current_app.extensions["settings"]
    link = f"{settings.frontend_url or settings.public_base_url}{page}?token={token}"
    return Letter(issued.email, Facts({}, (link,)))


def _never(_user: User) -> bool:
    return False


def _is_verified(user: User) -> bool:
    return user.email_verified


def _has_password(user: User) -> bool:
    return user.password_hash is not None


MAILS: dict[str, tuple[str, Make]] = {
    RESET: ("reset_password", partial(_linking, TokenPurpose.PASSWORD_RESET, RESET_PAGE, _never)),
    INVITE: ("invitation", partial(_linking, TokenPurpose.INVITATION, RESET_PAGE, _has_password)),
    VERIFY: ("verify_email", partial(_linking, TokenPurpose.EMAIL_VERIFICATION, VERIFY_PAGE, _is_verified)),
    CONFIRM: ("confirm_email", _confirming),
    EMAIL_CHANGING: ("email_changing", _warning),
    PASSWORD_CHANGED: ("password_changed", _warning),
}
"""By the topic of their tasks: the kind of the mail, and what makes its facts."""
