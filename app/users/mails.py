"""The mails about accounts: links that prove an email or replace a password, and warnings.

Each is a task of the outbox, written with what it tells of. What is in it is made when it is sent, by the room of
notifications; where it is not wanted any more by then, nothing is.
"""

from typing import Any, Final

from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.users.one_time_tokens import new_nonce

RESET: Final = "users.reset_password"
VERIFY: Final = "users.verify_email"
CONFIRM: Final = "users.confirm_email"
EMAIL_CHANGING: Final = "users.email_changing"
PASSWORD_CHANGED: Final = "users.password_changed"  # noqa: S105  # the name of a task

RESET_PAGE: Final = "/reset-password"
VERIFY_PAGE: Final = "/verify-email"


def mail_soon(topic: str, user_id: int | None, **more: Any) -> None:
    """Leave a mail to an account to the worker. Without an account the task is written all the same, and nothing sent:
    whoever asked cannot tell by the time it took."""
    enqueue(topic, {"user_id": user_id, "nonce": new_nonce(), **more}, due_at=utcnow())
