"""What reviews rate: services, staff members and spaces carry their own counts."""

from sqlalchemy import CheckConstraint, Computed, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.rating import STARS, Rating

COUNTED = " + ".join(f"rating_{stars}" for stars in STARS)
ADDED_UP = " + ".join(f"{stars} * rating_{stars}" for stars in STARS)
SCORE = f"1000 * (15 + {ADDED_UP}) / (5 + {COUNTED})"
"""The average in thousandths, as if five strangers had given three stars each before anybody else came.

A single review moves such an average little, a hundred nearly as far as their own.
"""

ZERO = text("0")


class Rated:
    """What reviews rate. `rating_1` to `rating_5` count the published reviews of so many stars.

    They are changed by SQL alone, in the transaction that changes the reviews (`app.reviews.counters`). All that is
    said about them follows from them, so that it cannot disagree: `rating`, and the `rating_score` that lists sort by,
    which the database itself works out (`SCORE`).
    """

    rating_1: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    rating_2: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    rating_3: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    rating_4: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    rating_5: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    rating_score: Mapped[int] = mapped_column(Computed(SCORE), nullable=True, deferred=True)

    @property
    def rating(self) -> Rating:
        """What the published reviews amount to."""
        return Rating((self.rating_1, self.rating_2, self.rating_3, self.rating_4, self.rating_5))


def lawful_counts() -> tuple[CheckConstraint, ...]:
    """Return the CHECKs of a table that is `Rated`."""
    return tuple(CheckConstraint(f"rating_{stars} >= 0", name=f"rating_{stars}") for stars in STARS)
