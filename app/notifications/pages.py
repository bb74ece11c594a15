"""`/unsubscribe/{token}`: switching off what a mail is about, by the link in it.

A POST does it at once, whatever is in it: mail programs send one for their users (RFC 8058). A GET only shows a button:
other programs follow links to look at them.
"""

from flask import Blueprint, Flask, Response

from app.notifications import service
from app.notifications.unsubscribing import PAGE, unwanted_by
from app.security.guards import public
from app.transactions import transactional
from app.web.json_gate import ignoring_body
from app.web.pages import page

pages = Blueprint("unsubscribe", __name__)


def install(app: Flask) -> None:
    """Serve them; mails lead here also where there is a frontend: programs call it, not people."""
    app.register_blueprint(pages)


@pages.get(f"{PAGE}/<token:token>")
@public
def show(token: str) -> Response:
    """Show the button."""
    unwanted_by(token)
    return page("unsubscribe.html", scripted=True, path=f"{PAGE}/{token}")


@pages.post(f"{PAGE}/<token:token>")
@public
@ignoring_body
@transactional
def switch_off(token: str) -> Response:
    """Switch it off; where it is off already, nothing happens."""
    unwanted = unwanted_by(token)
    service.unsubscribe(unwanted.user_id, unwanted.kind)
    return Response(status=204)
