"""Why a change of staff is refused."""

from app.kit.errors import Conflict


class UserAlreadyStaff(Conflict):
    """The account belongs to another staff member."""

    code = "user_already_staff"
    title = "This account already belongs to a staff member."
