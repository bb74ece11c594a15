"""Mail: by SMTP where MAIL_SERVER is set, else as files in a folder that a developer can open."""

from flask import current_app

from app.integrations.mail import files, smtp
from app.integrations.mail.message import Attachment, Message
from app.integrations.mail.smtp import AddressRefused

__all__ = ["AddressRefused", "Attachment", "Message", "send"]


def send(message: Message) -> None:
    """Send a mail as the running application is set to; wait until a server or the disk has it.

    Sending the same message again is harmless: its id tells a mail program, and the folder, that it is the same.
    Raises `AddressRefused` where a server will never take it, `MailRefused` where it does not now, and `OSError` or
    `smtplib.SMTPException` where none is reached.
    """
    settings = current_app.extensions["settings"].mail
    if settings.server is None:
        files.write(message, settings)
    else:
        smtp.send(message, settings)
