"""A mail server that fails a third of the time, in each of the ways in which one can without taking the mail."""

import random
import time
from asyncio import WriteTransport
from collections import Counter
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.integrations.mail.servers import Inbox, read

BUSY = "421 4.3.2 Too busy"
LATER = "451 4.3.0 Try again later"


@dataclass
class Unreliable(Inbox):
    """Takes two thirds of the mails; keeps each one's Message-ID, the number in its subject, and when it came.

    A mail that was refused `patience` times is taken: nobody waits for pauses of half an hour. Where it may be `busy`,
    it also refuses before it knows which mail comes.
    """

    failing: float = 1 / 3
    patience: int = 2
    busy: bool = False
    refused: Counter[int] = field(default_factory=Counter)
    arrivals: list[tuple[str, int, float]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311  # no secret

    async def handle_MAIL(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Begin, or not."""
        if self.busy and self.chance.random() < self.failing / 3:
            return BUSY
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  # the same
        """Take the mail, or refuse it when all of it is there, or hang up without a word."""
        mail = read(envelope)
        number, draw = int(mail["Subject"].split()[-1]), self.chance.random()
        if draw < self.failing and self.refused[number] < self.patience:
            self.refused[number] += 1
            if draw < self.failing / 2:
                assert isinstance(server.transport, WriteTransport)
                server.transport.abort()
            return LATER
        self.arrivals.append((str(mail["Message-ID"]), number, time.perf_counter()))
        return "250 OK"
