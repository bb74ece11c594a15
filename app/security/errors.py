"""Why a token is not accepted."""

from app.kit.errors import Unauthorized


class TokenMissing(Unauthorized):
    """No bearer token came with the request."""

    code = "token_missing"
    title = "Send an access token: Authorization: Bearer …"


class _BadToken(Unauthorized):
    def __init__(self, detail: str = "") -> None:
        """Name the error as RFC 6750 §3.1 demands where a token was given."""
        super().__init__(detail)
        self.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'


class TokenInvalid(_BadToken):
    """The token is not one of ours, or not for this."""

    code = "token_invalid"
    title = "The access token is not valid."


class TokenExpired(_BadToken):
    """The token's time is over."""

    code = "token_expired"
    title = "The access token has expired."


class TokenRevoked(_BadToken):
    """The account has been deactivated, or its tokens have been ended."""

    code = "token_revoked"
    title = "The access token has been revoked."


BAD_TOKEN = (TokenInvalid, TokenExpired, TokenRevoked)
"""What a token that came along may be refused with, also where none is needed."""
