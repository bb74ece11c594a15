"""What reviews amount to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rating:
    """How many reviews there are, and the average of their 1 to 5 stars; None without any."""

    count: int = 0
    average: float | None = None
