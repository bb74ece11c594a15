"""`/api/inventory/forecast`: under the path of the stock, which knows nothing of bookings."""

from typing import Any

from app.models import Role
from app.reports.forecast import forecast
from app.reports.forecast_schemas import ForecastOut, ForecastQuery
from app.security.guards import roles
from app.web.blueprint import Blueprint

blueprint = Blueprint("forecast", __name__, url_prefix="/api/inventory")


@blueprint.get("/forecast")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(ForecastQuery, location="query")
@blueprint.response(200, ForecastOut)
def read(query: dict[str, Any]) -> Any:
    """Compare what the diary will use of the stock with what is available.

    Counted are pending and confirmed bookings that are not over, and what their services use (`consumables`), in so
    many days from now. Products that none of them uses, or of which no stock is kept, are left out.
    """
    return forecast(query["days"])
