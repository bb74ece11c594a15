"""`/api/notifications`: what people were told, and what they wish to be told."""

from typing import Any

from app.models import Notification, Role
from app.notifications import service
from app.notifications.queries import Filters
from app.notifications.schemas import NotificationOut, NotificationsQuery, WishesIn, WishesOut
from app.security.guards import current_actor, roles, signed_in
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("notifications", __name__, url_prefix="/api/notifications")
wishes = Blueprint("notification_preferences", __name__, url_prefix="/api/users")

SORTS = {"created_at": Notification.created_at}


@blueprint.get("")
@roles(Role.ADMIN)
@blueprint.arguments(NotificationsQuery, location="query")
@blueprint.response(200, list_of(NotificationOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the mails and texts: to whom, about what, how often tried, and what became of them; never their words."""
    filters = Filters(**{name: query[name] for name in Filters.__slots__})
    return paginate(service.list_notifications(filters), SORTS, query)


@wishes.get("/me/notification-preferences")
@signed_in
@wishes.response(200, WishesOut)
def read_wishes() -> Any:
    """Read what you are told by mail and by text."""
    return service.read_wishes(current_actor().id) | {"required": service.required()}


@wishes.patch("/me/notification-preferences")
@signed_in
@wishes.arguments(WishesIn)
@transactional
@wishes.response(200, WishesOut)
def change_wishes(fields: dict[str, Any]) -> Any:
    """Switch notices on and off. What tells of an agreement, or of your account, cannot be off by mail."""
    return service.change_wishes(current_actor().id, fields) | {"required": service.required()}
