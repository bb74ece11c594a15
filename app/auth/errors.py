"""Why nobody comes in."""

from app.kit.errors import Forbidden, Unauthorized


class InvalidCredentials(Unauthorized):
    """The email is unknown or the password wrong; which of them is not told."""

    code = "invalid_credentials"
    title = "Email or password is wrong."


class AccountDisabled(Forbidden):
    """The password is right, the account is deactivated."""

    code = "account_disabled"
    title = "This account is deactivated."


class OwnerSignupClosed(Forbidden):
    """Accounts of owners are made by an admin only."""

    code = "owner_signup_closed"
    title = "Owners cannot register here by themselves."
