"""`/api/orders/manage/{token}`: looking after an order by its mailed link, without signing in.

A GET never changes anything: programs that look at mail follow links.
"""

from typing import Any

from app.orders.errors import InvalidTransition
from app.orders.manage import pages, service
from app.orders.manage.schemas import ManagedOrderOut
from app.orders.schemas import CancelIn
from app.prepaid.errors import PrepaidUsed
from app.security.errors import LinkUnknown
from app.security.guards import public
from app.security.limits import limited_links
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.pages import also_as_page
from app.web.preconditions import seen_version, versioned

blueprint = Blueprint("order_links", __name__, url_prefix="/api/orders")


@blueprint.get("/manage/<token:token>")
@public
@limited_links
@blueprint.response(200, ManagedOrderOut)
@blueprint.refuses(LinkUnknown)
@also_as_page(pages.show)
def read(token: str) -> Any:
    """Read the order that a mailed link is for, and whether it can be cancelled.

    The link works until 30 days after the order has ended, for as long as its client has the same email address. A
    browser is shown a page.
    """
    return service.read_managed(token)


@blueprint.post("/manage/<token:token>/cancel")
@public
@limited_links
@versioned
@blueprint.arguments(CancelIn)
@transactional
@blueprint.response(200, ManagedOrderOut)
@blueprint.refuses(LinkUnknown, InvalidTransition, PrepaidUsed)
def cancel(fields: dict[str, Any], token: str) -> Any:
    """Cancel the order before it is handed over; what was paid goes back by itself.

    Cancelling what is cancelled succeeds and changes nothing.
    """
    return service.cancel_managed(token, fields["reason"], seen=seen_version())
