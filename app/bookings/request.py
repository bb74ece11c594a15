"""What somebody asks to be booked."""

from dataclasses import dataclass
from datetime import datetime

from app.models import BookingKind


@dataclass(frozen=True, slots=True)
class Asked:
    """One service of a visit; without `staff_id`, by anybody who performs it and is not among those of `not_by`.

    `path` is where it stands in what was sent: an error names its fields with that before them.
    """

    service_id: int
    staff_id: int | None = None
    path: str = ""
    not_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Request:
    """A visit of one or more services from an instant on, or a space between two; for whom, and with what remarks."""

    starts_at: datetime
    parts: tuple[Asked, ...] = ()
    space_id: int | None = None
    ends_at: datetime | None = None
    hold_id: int | None = None
    client_id: int | None = None
    for_self: bool = False
    party_size: int = 1
    notes: str = ""

    @property
    def kind(self) -> BookingKind:
        """Whether staff are to work or a space is to be let."""
        return BookingKind.SERVICE if self.space_id is None else BookingKind.SPACE
