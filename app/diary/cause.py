"""Whose some taken time is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """A booking, a hold, or time off; nobody where none is named. The fields are called as the table calls them."""

    booking_id: int | None = None
    hold_id: int | None = None
    closure_id: int | None = None


NOBODY = Cause()
