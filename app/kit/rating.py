"""What reviews amount to."""

from dataclasses import dataclass

STARS = (1, 2, 3, 4, 5)
"""What one may give."""


@dataclass(frozen=True, slots=True)
class Rating:
    """How many reviews give one star, how many two, and so on up to five."""

    given: tuple[int, ...] = (0,) * len(STARS)

    @property
    def count(self) -> int:
        """How many reviews there are."""
        return sum(self.given)

    @property
    def average(self) -> float | None:
        """The average of their stars, to two decimals; None without any."""
        total = sum(stars * count for stars, count in zip(STARS, self.given, strict=True))
        return round(total / self.count, 2) if self.count else None

    @property
    def histogram(self) -> dict[str, int]:
        """How many reviews give each number of stars, by that number as JSON's keys are written."""
        return {str(stars): count for stars, count in zip(STARS, self.given, strict=True)}
