"""`/api/audit`: who did what, and when."""

from typing import Any

from app.audit import service
from app.audit.queries import Filters
from app.audit.schemas import AuditOut, AuditQuery
from app.models import AuditEntry, Role
from app.security.guards import roles
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("audit", __name__, url_prefix="/api/audit")

SORTS = {"created_at": AuditEntry.created_at}


@blueprint.get("")
@roles(Role.ADMIN)
@blueprint.arguments(AuditQuery, location="query")
@blueprint.response(200, list_of(AuditOut))
def list_all(query: dict[str, Any]) -> Any:
    """List what was done. Nothing of it is ever changed or removed."""
    filters = Filters(**{name: query[name] for name in Filters.__slots__})
    return paginate(service.list_entries(filters), SORTS, query)
