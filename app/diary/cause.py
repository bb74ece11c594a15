"""Whose some taken time is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """A booking, or a hold; nobody where neither is named."""

    booking_id: int | None = None
    hold_id: int | None = None


NOBODY = Cause()
