"""Why a change of accounts is refused."""

from app.kit.errors import BadRequest, Conflict, Forbidden


class EmailTaken(Conflict):
    """There is an account, or a client without a login, with this address."""

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


class WrongPassword(Forbidden):
    """What was to be confirmed by the password is not done."""

    code = "wrong_password"
    title = "The password is wrong."


class LinkInvalid(BadRequest):
    """The token of a mailed link is unknown, was used, is over, or was followed by another one."""

    code = "token_invalid"
    title = "This link does not work any more. Ask for a new one."
