"""What is wrong with the day that was named."""

from collections.abc import Sequence

from app.voice.understanding import almanac
from app.voice.understanding.answer import Read
from app.voice.understanding.combine import Spoken, chosen, is_over, read
from app.voice.understanding.meaning import Context, Days, Problem

MOST_YEARS = 10
"""Nobody books further ahead."""


def problem_of(
    text: str, found: Sequence[Spoken], dating: tuple[Spoken, Days] | None, here: Context
) -> Read[Problem] | None:
    """Return what is wrong with the day that counts; where there is none, why one that was named is no day."""
    if dating:
        problem = Problem.PAST if is_over(dating[1], here) else Problem.FAR if is_far(dating[1], here) else None
        return read(text, dating[0], problem, 1.0) if problem else None
    one = chosen(found, lambda meaning: meaning.problem)
    return read(text, one, one.meaning.problem, 1.0) if one and one.meaning.problem else None


def is_far(days: Days, here: Context) -> bool:
    """Say whether the days are more years ahead than anybody books."""
    last = almanac.add_months(here.today, MOST_YEARS * almanac.MONTHS_A_YEAR)
    return days.first is not None and days.first > last
