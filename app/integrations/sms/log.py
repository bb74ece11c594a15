"""No provider: the log says that a text would have gone, and not what was in it."""

from __future__ import annotations

import structlog

from app.integrations.sms.text import TextMessage, last_digits

log = structlog.get_logger(__name__)


class Log:
    """Notes texts and sends none."""

    def send(self, message: TextMessage) -> None:
        """Note a text: its name, its length, and the last digits of the number."""
        log.info("sms_not_sent", reference=message.reference, to=last_digits(message.to), characters=len(message.text))
