"""`/reset-password` and `/verify-email`: the pages that mailed links lead to where there is no frontend.

Each posts the token only when its reader presses the button.
"""

from flask import Blueprint, Flask, Response

from app.security.guards import public
from app.users.mails import RESET_PAGE, VERIFY_PAGE
from app.web.pages import page

pages = Blueprint("pages", __name__)


def install(app: Flask) -> None:
    """Serve the pages, unless links lead to a frontend."""
    if app.extensions["settings"].frontend_url is None:
        app.register_blueprint(pages)


@pages.get(RESET_PAGE)
@public
def reset_password() -> Response:
    """Show the form for a new password."""
    return page("reset_password.html", scripted=True)


@pages.get(VERIFY_PAGE)
@public
def verify_email() -> Response:
    """Show the button that proves an email."""
    return page("verify_email.html", scripted=True)
