"""What is wrong with the day that was named."""

import re
from collections.abc import Sequence

from app.voice.understanding import almanac
from app.voice.understanding.answer import Read
from app.voice.understanding.combine import Spoken, chosen, is_over, read
from app.voice.understanding.meaning import Context, Days, Problem

MOST_YEARS = 10
"""Nobody books further ahead."""

TOLD = re.compile(r"\b(?:booked|made|reserved|scheduled|called|had|got|was|were|did|have been)\b")
"""Words of somebody who tells when something was done: "I made a reservation yesterday" names no day to book."""


def problem_of(
    text: str, found: Sequence[Spoken], dating: tuple[Spoken, Days] | None, here: Context
) -> Read[Problem] | None:
    """Return what is wrong with the day that counts; where there is none, why one that was named is no day."""
    if dating:
        problem = Problem.PAST if is_over(dating[1], here) else Problem.FAR if is_far(dating[1], here) else None
        return read(text, dating[0], problem, 1.0) if problem else None
    one = chosen(found, lambda meaning: meaning.problem or meaning.days)
    return read(text, one, one.meaning.problem or Problem.PAST, 1.0) if one and not TOLD.search(text.lower()) else None


def is_far(days: Days, here: Context) -> bool:
    """Say whether the days are more years ahead than anybody books."""
    last = almanac.add_months(here.today, MOST_YEARS * almanac.MONTHS_A_YEAR)
    return days.first is not None and days.first > last
