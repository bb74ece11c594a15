"""Why a change of accounts is refused."""

from app.kit.errors import BadRequest, Conflict, Forbidden, Refusal


class EmailTaken(Conflict):
    """There is an account, or a walk-in, with this email."""

    code = "email_taken"
    title = "There is an account with this email address."


class LastAdmin(Conflict):
    """Without this account nobody could administer the business."""

    code = "last_admin"
    title = "This is the last active admin."


class AccountErased(Conflict):
    """Nothing is left of the account that could be changed."""

    code = "account_erased"
    title = "This account was erased at its owner's wish."


class BookingsAhead(Conflict):
    """Somebody who is expected cannot be forgotten."""

    code = "future_bookings"
    title = "There are bookings ahead. Cancel them first."


class ClientBlocked(Conflict):
    """The business takes neither bookings nor orders from this client."""

    code = "client_blocked"
    title = "Bookings and orders from this client are not accepted."


class WrongPassword(Forbidden):
    """What was to be confirmed by the password is not done."""

    code = "wrong_password"
    title = "The password is wrong."


class LinkInvalid(BadRequest):
    """The token of a mailed link is unknown, was used, is over, or was followed by another one."""

    code = "link_invalid"
    title = "This link does not work any more. Ask for a new one."


class TooManyMails(Refusal):
    """So many mails were asked for that more would be a nuisance to whoever has that mailbox."""

    status = 429
    code = "too_many_mails"
    title = "Too many mails were asked for. Try again in an hour."

    def __init__(self) -> None:
        """Say when it will have become possible again, at the latest."""
        super().__init__(headers={"Retry-After": "3600"})
