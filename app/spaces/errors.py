"""Why a change of spaces is refused."""

from app.kit.errors import Conflict


class LettingsAhead(Conflict):
    """A space with bookings ahead cannot be retired; `bookings` lists them."""

    code = "future_bookings"
    title = "There are bookings ahead. Decline or cancel them first."
