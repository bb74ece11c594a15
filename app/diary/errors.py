"""Why time cannot be given or closed."""

from app.kit.errors import Conflict


class ResourceInactive(Conflict):
    """The service, staff member or space is retired."""

    code = "resource_inactive"
    title = "This is no longer offered."


class OutsideOpeningHours(Conflict):
    """The work does not lie in the opening hours."""

    code = "outside_opening_hours"
    title = "The time is outside the opening hours."


class SlotTaken(Conflict):
    """Somebody else has the time."""

    code = "slot_taken"
    title = "The time is already taken."


class BookingsInTheWay(Conflict):
    """Time off would lie over bookings; `clashes` lists them."""

    code = "bookings_in_the_way"
    title = "There are bookings in that time. Send force=true to keep them and close the rest."
