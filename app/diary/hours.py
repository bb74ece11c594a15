"""Opening hours as they are kept: weekly rules, and the dates that replace them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete

from app.diary import queries
from app.diary.allocations import lock_resources
from app.extensions import db
from app.kit.errors import Invalid
from app.models import DayHours, OpeningRule
from app.models.diary import DAY_MINUTES

WEEK_MINUTES = 7 * DAY_MINUTES
CLOSED = None, None
"""How a date without hours is kept."""


@dataclass(frozen=True, slots=True)
class DatedHours:
    """The hours of one date; `replaces` says whether they are its own rather than its weekday's."""

    hours: Sequence[OpeningRule | DayHours]
    replaces: bool


def weekly_rules(resource_id: int) -> list[OpeningRule]:
    """Return the weekly hours, in order."""
    return list(db.session.scalars(queries.rules_of(resource_id)))


def replace_weekly_rules(resource_id: int, rules: Sequence[OpeningRule]) -> list[OpeningRule]:
    """Put `rules` in the place of all there were. Raises `Invalid` where two overlap."""
    _refuse_overlaps([(rule.weekday * DAY_MINUTES, rule.opens, rule.closes) for rule in rules])
    lock_resources([resource_id])  # of two replacements at once the second must see what the first has written
    db.session.execute(delete(OpeningRule).where(OpeningRule.resource_id == resource_id))
    for rule in rules:
        rule.resource_id = resource_id
        db.session.add(rule)
    db.session.flush()
    return weekly_rules(resource_id)


def hours_on(resource_id: int, day: date) -> DatedHours:
    """Return the hours that apply on a date."""
    own = list(db.session.scalars(queries.own_hours_of(resource_id, day)))
    if own:
        return DatedHours([hours for hours in own if hours.opens is not None], replaces=True)
    return DatedHours([rule for rule in weekly_rules(resource_id) if rule.weekday == day.weekday()], replaces=False)


def replace_hours_on(resource_id: int, day: date, hours: Sequence[tuple[int, int]]) -> DatedHours:
    """Give a date hours of its own, none at all to close it. Raises `Invalid` where two overlap."""
    wanted: list[tuple[int | None, int | None]] = list(hours)
    _refuse_overlaps([(0, opens, closes) for opens, closes in hours])
    lock_resources([resource_id])
    restore_weekday(resource_id, day)
    for opens, closes in wanted or [CLOSED]:
        db.session.add(DayHours(resource_id=resource_id, date=day, opens=opens, closes=closes))
    db.session.flush()
    return hours_on(resource_id, day)


def restore_weekday(resource_id: int, day: date) -> None:
    """Let a date follow its weekday again."""
    db.session.execute(delete(DayHours).where(DayHours.resource_id == resource_id, DayHours.date == day))


def _refuse_overlaps(rules: Sequence[tuple[int, int, int]]) -> None:
    """Refuse two that share time in the week, which is a circle: Sunday night reaches into Monday."""
    starts = [(base + opens, closes - opens + (DAY_MINUTES if closes <= opens else 0)) for base, opens, closes in rules]
    for index, (start, length) in enumerate(starts):
        for other, (other_start, _) in enumerate(starts):
            if other != index and (other_start - start) % WEEK_MINUTES < length:
                raise Invalid.field(f"hours.{max(index, other)}", "Overlaps another entry.")
