"""Why a thing is recommended, as a sentence."""

from collections.abc import Mapping
from datetime import timedelta

from app.recommendations.choosing import Candidate
from app.recommendations.reasons import Reason
from app.recommendations.things import Thing

WORDS = {
    Reason.SIMILAR_CLIENTS: "Clients who had {things} also have this.",
    Reason.BOUGHT_TOGETHER: "Often bought together with {things}.",
    Reason.GOES_WITH_SERVICE: "Goes with {things}.",
}


def sentence(one: Candidate, names: Mapping[Thing, str]) -> str:
    """Return why, in words; `names` has the names of what it is based on."""
    if one.reason is Reason.DUE:
        return _due(one)
    if one.reason is Reason.POPULAR:
        return "Popular just now."
    words = "We recommend it with {things}." if one.curated else WORDS[one.reason]
    return words.format(things=_listed([names[thing] for thing in one.because]))


def _due(one: Candidate) -> str:
    assert one.due_on is not None  # noqa: S101  # what is due says when
    assert one.usual_interval_days is not None  # noqa: S101  # and how often
    last, days = one.due_on - timedelta(one.usual_interval_days), one.usual_interval_days
    return f"Last had on {last.isoformat()}, usually again after {days} {'day' if days == 1 else 'days'}."


def _listed(names: list[str]) -> str:
    """Return the names as one says them: A, B and C."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
