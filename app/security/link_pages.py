"""Where the one button of a mailed link's page posts to: outside the API, and of no use to programs."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect

from app.security.guards import public
from app.security.limits import limited_links
from app.transactions import transactional
from app.web.json_gate import ignoring_body
from app.web.pages import answering_people


def button_of(room: str, press: Callable[[str], object], import_name: str) -> Blueprint:
    """Return `/<room>/manage/<token>`: a POST presses the button, a GET changes nothing; both lead to the page."""
    pages = Blueprint(f"{room}_pages", import_name, template_folder="templates")

    @pages.get(f"/{room}/manage/<token:token>")
    @public
    def show(token: str) -> Response:
        return redirect(f"/api/{room}/manage/{token}", 303)  # type: ignore[return-value]  # a response of ours

    @pages.post(f"/{room}/manage/<token:token>")
    @public
    @limited_links
    @ignoring_body
    @answering_people
    @transactional
    def pressed(token: str) -> Response:
        press(token)
        return show(token)

    return pages
