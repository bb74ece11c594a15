"""The mails about accounts: links that prove an email or replace a password, and warnings.

Each is a task of the outbox, written with what it tells of. Its text is made when it is sent; where it is not
wanted any more by then, nothing is.
"""

from functools import partial
from typing import Any

from flask import current_app

from app.extensions import business, db
from app.integrations.mail import Message, send
from app.jobs.outbox import Task, delivers, enqueue
from app.kit.clock import utcnow
from app.models import OneTimeToken, TokenPurpose, User
from app.users.events import INVITE
from app.users.one_time_tokens import issue, new_nonce, token_of

RESET = "users.reset_password"
VERIFY = "users.verify_email"
CONFIRM = "users.confirm_email"
EMAIL_CHANGING = "users.email_changing"
PASSWORD_CHANGED = "users.password_changed"  # noqa: S105  # the name of a task

RESET_PAGE, VERIFY_PAGE = "/reset-password", "/verify-email"

LINKS = {
    RESET: (
        TokenPurpose.PASSWORD_RESET,
        RESET_PAGE,
        "Choose a new password",
        "somebody, probably you, asked for a new password. Choose it here within one hour:",
    ),
    INVITE: (
        TokenPurpose.INVITATION,
        RESET_PAGE,
        "Your account is ready",
        "an account was made for you. Choose your password here within seven days:",
    ),
    VERIFY: (
        TokenPurpose.EMAIL_VERIFICATION,
        VERIFY_PAGE,
        "Is this your email address?",
        "please confirm that this address is yours, here within three days:",
    ),
}
"""Mails to an account's own email, with a link: what the link is for, its page, the subject, the reason."""

WARNINGS = {
    EMAIL_CHANGING: (
        "Your email address is being changed",
        "you asked for another email address. It counts once it is confirmed. If it was not you, change your password.",
    ),
    PASSWORD_CHANGED: (
        "Your password was changed",
        "the password of your account was changed. If it was not you, ask for a new one at once.",
    ),
}
"""Mails to an account's own email without a link: the subject and the text."""

NOT_YOU = "If you did not expect this mail, do nothing: nothing happens without the link."


def connect() -> None:
    """Send these mails when their tasks are due; called once by `create_app`."""
    for topic in LINKS:
        delivers(topic, partial(_linking, topic), send)
    for topic in WARNINGS:
        delivers(topic, partial(_warning, topic), send)
    delivers(CONFIRM, _confirming, send)


def mail_soon(topic: str, user_id: int | None, **more: Any) -> None:
    """Leave a mail to an account to the worker. Without an account the task is written all the same, and nothing sent:
    whoever asked cannot tell by the time it took."""
    enqueue(topic, {"user_id": user_id, "nonce": new_nonce(), **more}, due_at=utcnow())


def _linking(topic: str, task: Task) -> Message | None:
    user = _recipient(task)
    if user is None or user.email is None or _is_late(topic, user):
        return None
    purpose, page, subject, reason = LINKS[topic]
    link = _link(page, issue(user, purpose, user.email, task.payload["nonce"]), task)
    if link is None:
        return None
    return _message(task, user.email, subject, f"{reason}\n\n{link}\n\n{NOT_YOU}")


def _is_late(topic: str, user: User) -> bool:
    """Say whether what the link is for has been done meanwhile."""
    return (topic == VERIFY and user.email_verified) or (topic == INVITE and user.password_hash is not None)


def _warning(topic: str, task: Task) -> Message | None:
    user = _recipient(task)
    subject, text = WARNINGS[topic]
    return None if user is None or user.email is None else _message(task, user.email, subject, text)


def _confirming(task: Task) -> Message | None:
    """Compose the mail to a new email; which it is stands with the token, and goes with it."""
    if _recipient(task) is None:
        return None
    asked = db.session.get(OneTimeToken, task.payload["token_id"])
    link = _link(VERIFY_PAGE, asked, task)
    if asked is None or link is None:
        return None
    text = f"please confirm that this is the new address of your account, here within one day:\n\n{link}\n\n{NOT_YOU}"
    return _message(task, asked.email, "Is this your new email address?", text)


def _recipient(task: Task) -> User | None:
    """Lock and return the account a task is for, while it is in use: either it is erased first, or its mail goes."""
    user_id = task.payload["user_id"]
    lock = {"key_share": True}
    user = None if user_id is None else db.session.get(User, user_id, populate_existing=True, with_for_update=lock)
    return user if user is not None and user.is_active and user.has_login else None


def _message(task: Task, to: str, subject: str, text: str) -> Message:
    body = f"Hello,\n\n{text}\n\n{business.name}\n"
    return Message(to=to, subject=f"{subject} – {business.name}", text=body, message_id=task.reference)


def _link(page: str, issued: OneTimeToken | None, task: Task) -> str | None:
    """Return a URL of the frontend's or ours, as configured; never of the host that a request names.

    None where the token works no more, or cannot be made again because its key is gone.
    """
    token = None if issued is None or issued.used_at else token_of(issued, task.payload["nonce"])
    if token is None:
        return None
    settings = current_app.extensions["settings"]
    return f"{settings.frontend_url or settings.public_base_url}{page}?token={token}"
