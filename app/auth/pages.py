"""`/reset-password` and `/verify-email`: the pages that mailed links lead to where there is no frontend.

A page is one answer without anything from elsewhere. It posts the token only when its reader presses the button:
programs that look at mail follow links.
"""

import secrets

from flask import Blueprint, Flask, Response, make_response, render_template

from app.extensions import business
from app.security.guards import public
from app.users.mails import RESET_PAGE, VERIFY_PAGE

POLICY = (
    "default-src 'none'; script-src 'nonce-{0}'; style-src 'nonce-{0}'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)

pages = Blueprint("pages", __name__)


def install(app: Flask) -> None:
    """Serve the pages, unless links lead to a frontend."""
    if app.extensions["settings"].frontend_url is None:
        app.register_blueprint(pages)


@pages.get(RESET_PAGE)
@public
def reset_password() -> Response:
    """Show the form for a new password."""
    return page("reset_password.html")


@pages.get(VERIFY_PAGE)
@public
def verify_email() -> Response:
    """Show the button that proves an email."""
    return page("verify_email.html")


def page(template: str, **more: str) -> Response:
    """Return a page that posts what its reader decides; `more` is what its template wants to know."""
    nonce = secrets.token_urlsafe(16)
    made = make_response(render_template(template, business=business.name, nonce=nonce, **more))
    made.headers["Content-Security-Policy"] = POLICY.format(nonce)
    return made
