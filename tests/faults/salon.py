"""What there is to be had: diaries that two writers share each, and goods enough for everybody."""

from app.models import Role, Service
from tests.conftest import make_application
from tests.factories import assign, make_product, make_service, make_staff, make_user, set_hours, token_for
from tests.faults.writers import Writer
from tests.faults.writes import Breaches
from tests.tortures.torture import without_connections

LONG_SESSIONS = {"ACCESS_TOKEN_EXPIRE": "1440"}
PLENTY = 1_000_000
SHARED_BY = 2
"""Writers who book in one diary."""


def open_salon(database_url: str, port: int, number: int) -> list[Writer]:
    """Write what so many writers need into an empty database, and return them; they ask at a port."""
    breaches = Breaches()
    with without_connections(make_application(database_url, **LONG_SESSIONS)) as app, app.app_context():
        service = make_service(duration_minutes=30)
        places = [(_diary(service), make_product(PLENTY).sku) for _ in range(0, number, SHARED_BY)]
        return [
            Writer(
                port=port,
                token=token_for(make_user(Role.STAFF)),
                client_id=make_user().id,
                service_id=service.id,
                staff_id=places[one // SHARED_BY][0],
                sku=places[one // SHARED_BY][1],
                is_impatient=one % SHARED_BY == 0,
                breaches=breaches,
            )
            for one in range(number)
        ]


def _diary(service: Service) -> int:
    staff = make_staff()
    set_hours(staff, "00:00", "23:30")
    assign(staff, service)
    return staff.id
