"""What a browser shows of an order by its mailed link, and the button by which its client cancels it there."""

from flask import Response, request

from app.kit.clock import utcnow
from app.kit.money import Money
from app.orders.manage import service
from app.orders.manage.service import Managed
from app.security.link_pages import button_of
from app.web.pages import page


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
        path=f"/orders/manage/{token}",
    )


def cancel(token: str) -> None:
    """Cancel it as it was shown."""
    service.cancel_as_shown(token, request.args.get("version", ""))


pages = button_of("orders", cancel, __name__)
