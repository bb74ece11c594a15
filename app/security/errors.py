"""Why a token, or a link with one, is not accepted."""

from app.kit.errors import NotFound, Unauthorized


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
    title = "The token is not valid."


class TokenExpired(_BadToken):
    """The token's time is over."""

    code = "token_expired"
    title = "The token has expired."


class TokenRevoked(_BadToken):
    """The account has been deactivated, its role changed, or its session ended."""

    code = "token_revoked"
    title = "The token has been revoked."


class TokenReused(_BadToken):
    """A refresh token was used again after its grace: one of two who have it is a thief."""

    code = "token_reused"
    title = "This refresh token was used before. The session has ended; sign in again."

    def __init__(self, session_id: int) -> None:
        """Keep whose family it was."""
        super().__init__()
        self.session_id = session_id


BAD_TOKEN = (TokenInvalid, TokenExpired, TokenRevoked)
"""What a token that came along may be refused with, also where none is needed."""


class LinkUnknown(NotFound):
    """A mailed link opens nothing, or nothing any more; which of these it is, is nobody's business."""

    title = "This link does not work, or works no more."
