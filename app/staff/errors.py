"""Why a change of staff is refused."""

from app.kit.errors import Conflict


class UserAlreadyStaff(Conflict):
    """The account belongs to another staff member."""

    code = "user_already_staff"
    title = "This account already belongs to a staff member."


class FutureBookings(Conflict):
    """A staff member with bookings ahead cannot leave; `bookings` lists them."""

    code = "future_bookings"
    title = "There are bookings ahead. Move them with reassign_to, or cancel them."


class StaffNotAssigned(Conflict):
    """The staff member does not perform the service, or nobody does."""

    code = "staff_not_assigned"
    title = "Nobody asked for performs this service."
