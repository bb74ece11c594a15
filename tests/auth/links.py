"""The tokens in mailed links."""

import re
from email.message import EmailMessage

from tests.mailbox import text_of

LINK = re.compile(r"^(https?://\S+)\?token=([\w-]+)$", re.MULTILINE)


def link_in(mail: EmailMessage) -> tuple[str, str]:
    """Return the page and the token of the one link in a mail."""
    (found,) = LINK.findall(text_of(mail))
    page, token = found
    return page, token


def token_in(mail: EmailMessage) -> str:
    """Return the token of the one link in a mail."""
    return link_in(mail)[1]
