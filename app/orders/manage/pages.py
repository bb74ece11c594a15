"""What a browser shows of an order by its mailed link, and the button by which its client cancels it there."""

from flask import Blueprint, Response, redirect, request

from app.kit.clock import utcnow
from app.kit.money import Money
from app.orders.manage import service
from app.orders.manage.service import Managed
from app.security.guards import public
from app.security.limits import limited_links
from app.transactions import transactional
from app.web.json_gate import ignoring_body
from app.web.pages import answering_people, page

PATH = "/orders/manage"
"""Where the button posts to: no part of the API, and of no use to programs."""

SHOWN = f"/api{PATH}"

pages = Blueprint("order_pages", __name__, template_folder="templates")


def show(managed: Managed, token: str) -> Response:
    """Return the page of an order."""
    order = managed.order
    lines = [
        {"quantity": one.quantity, "name": one.name, "total": Money(one.total_amount, one.currency)}
        for one in order.lines
    ]
    return page(
        "order_by_link.html",
        order=order,
        lines=lines,
        state=order.status_at(utcnow()).value.replace("_", " ").capitalize(),
        may_cancel=managed.may_cancel,
        path=f"{PATH}/{token}",
    )


@pages.post(f"{PATH}/<token:token>")
@public
@limited_links
@ignoring_body
@answering_people
@transactional
def cancel(token: str) -> Response:
    """Cancel it as it was shown, and show it again."""
    service.cancel_managed(token, "", seen={request.args.get("version", "")})
    return redirect(f"{SHOWN}/{token}", 303)  # type: ignore[return-value]  # a response of ours
