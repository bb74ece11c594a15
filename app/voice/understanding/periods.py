"""Rules for weeks, weekends and months: next week, this weekend, in May, the third week of January, end of May."""

from datetime import date, timedelta

from app.voice.understanding import almanac
from app.voice.understanding.almanac import SATURDAY, SUNDAY
from app.voice.understanding.meaning import Days, Meaning, Step
from app.voice.understanding.rules import Found, Maker, rule

WORKDAYS = 5


def week(monday: date) -> Meaning:
    """Return the seven days from `monday` on."""
    return Meaning(days=Days(monday, monday + timedelta(days=6)))


def month(first: date, step: Step = Step.NEVER) -> Meaning:
    """Return the month that begins on `first`."""
    return Meaning(days=Days(first, almanac.last_of_month(first), step))


def weekend(saturday: date, step: Step = Step.NEVER) -> Meaning:
    """Return Saturday and Sunday."""
    return Meaning(days=Days(saturday, saturday + timedelta(days=1), step))


def _week(weeks: int) -> Maker:
    return lambda found: week(almanac.monday_of(found.here.today) + timedelta(weeks=weeks))


def _this_week(found: Found) -> Meaning | None:
    today = found.here.today
    return Meaning(days=Days(today, almanac.monday_of(today) + timedelta(days=SUNDAY)))


def _workweek(weeks: int) -> Maker:
    def make(found: Found) -> Meaning | None:
        monday = almanac.monday_of(found.here.today) + timedelta(weeks=weeks)
        return Meaning(days=Days(monday, monday + timedelta(days=WORKDAYS - 1)))

    return make


def _weekend(weeks: int) -> Maker:
    return lambda found: weekend(almanac.monday_of(found.here.today) + timedelta(weeks=weeks, days=SATURDAY))


def _bare_weekend(found: Found) -> Meaning | None:
    """Read "weekends", of which there is one each week."""
    return weekend(almanac.monday_of(found.here.today) + timedelta(days=SATURDAY), Step.WEEK)


def _month(months: int) -> Maker:
    return lambda found: month(almanac.add_months(found.here.today.replace(day=1), months))


def _rest_of_month(found: Found) -> Meaning | None:
    return Meaning(days=Days(found.here.today, almanac.last_of_month(found.here.today)))


def _named_month(found: Found) -> Meaning | None:
    if found.has("year"):
        return month(date(found.number("year"), found.number("month"), 1))
    return month(_next_first(found), Step.YEAR)


def _next_first(found: Found) -> date:
    """Return the first day of the month named, of the year named or else the next such month."""
    first = almanac.next_month(found.here.today, found.number("month"))
    return first.replace(year=found.number("year")) if found.has("year") else first


def _year(years: int) -> Maker:
    def make(found: Found) -> Meaning | None:
        year = found.here.today.year + years
        return Meaning(days=Days(date(year, 1, 1), date(year, 12, 31)))

    return make


def _nth_week(found: Found) -> Meaning | None:
    """Read "the third week of May": weeks begin on Mondays, and the first is the first with a Thursday of the month."""
    first = _next_first(found)
    thursday = almanac.nth_weekday(first, 3, -1 if found.has("final") else found.number("nth"))
    return week(almanac.monday_of(thursday)) if thursday else None


def _last_week_of_year(found: Found) -> Meaning | None:
    return week(almanac.monday_of(date(found.number("year"), 12, 31) - timedelta(days=3)))


def _nth_weekend(found: Found) -> Meaning | None:
    saturday = almanac.nth_weekday(_next_first(found), SATURDAY, -1 if found.has("final") else found.number("nth"))
    return weekend(saturday) if saturday else None


def _week_of(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    return week(almanac.monday_of(days.anchor)) if days else None


def _weekend_of(found: Found) -> Meaning | None:
    days = found.meaning("date").days
    return weekend(almanac.monday_of(days.anchor) + timedelta(days=SATURDAY)) if days else None


def _beginning(found: Found) -> Meaning | None:
    """Read "the beginning of next week": its first three days; of anything longer the first third."""
    ends = _ends(found)
    return Meaning(days=Days(ends[0], ends[0] + _third(*ends))) if ends else None


def _middle(found: Found) -> Meaning | None:
    """Read "the middle of next week": from Wednesday to Friday; of anything longer the second third."""
    ends = _ends(found)
    return Meaning(days=Days(ends[0] + _third(*ends), ends[0] + 2 * _third(*ends))) if ends else None


def _end(found: Found) -> Meaning | None:
    """Read "the end of the week": its last four days; of anything longer the last third."""
    ends = _ends(found)
    return Meaning(days=Days(max(ends[0], ends[1] - _third(*ends) - timedelta(days=1)), ends[1])) if ends else None


def _last_day(found: Found) -> Meaning | None:
    ends = _ends(found)
    return Meaning(days=Days.one(ends[1])) if ends else None


def _ends(found: Found) -> tuple[date, date] | None:
    days = found.meaning("period").days
    return days.ends if days else None


def _third(first: date, last: date) -> timedelta:
    return timedelta(days=max(2, (last - first).days // 3))


NEXT = "NEXT|COMING|FOLLOWING"
NTH = "THE? (nth:ORDINAL | final:LAST)"

RULES = (
    rule("PERIOD", "THIS WEEK", _this_week),
    rule("PERIOD", "(?<=OF|UNTIL) THE WEEK", _this_week),
    rule("PERIOD", "(?<=OF|UNTIL) THE MONTHS", _rest_of_month),
    rule("PERIOD", f"THE? {NEXT} WEEK", _week(1)),
    rule("PERIOD", f"THIS OR {NEXT} WEEK", _week(1)),
    rule("PERIOD", "THE? LAST WEEK", _week(-1)),
    rule("PERIOD", "THE? WEEK AFTER NEXT", _week(2)),
    rule("PERIOD", "THIS WEEKWORK", _workweek(0)),
    rule("PERIOD", f"{NEXT} WEEKWORK", _workweek(1)),
    rule("PERIOD", "(?<!A) (THIS|THE)? COMING? WEEKEND", _weekend(0)),
    rule("PERIOD", "(?<!A|THIS|COMING) THE? WEEKEND", _bare_weekend, bonus=0.1),
    rule("PERIOD", "(?<=NOT ON|AT|IN|FOR A) WEEKEND", _bare_weekend),
    rule("PERIOD", "THE? NEXT|FOLLOWING WEEKEND", _weekend(1)),
    rule("PERIOD", "LAST WEEKEND", _weekend(-1)),
    rule("PERIOD", "THIS MONTHS", _rest_of_month),
    rule("PERIOD", f"THE? {NEXT} MONTHS", _month(1)),
    rule("PERIOD", "THE? LAST MONTHS", _month(-1)),
    rule("PERIOD", "THIS YEARS", _year(0)),
    rule("PERIOD", f"THE? {NEXT} YEARS", _year(1)),
    rule("PERIOD", "(?<=IN|OF|THIS|NEXT|COMING|BEFORE|AFTER|SINCE|UNTIL|EARLY|LATE|MIDDLE) month:MONTH", _named_month),
    rule("PERIOD", "month:MONTH DOT? ,? OF? year:YEAR", _named_month),
    rule("PERIOD", f"{NTH} WEEK (OF|IN) month:MONTH (OF? year:YEAR)?", _nth_week),
    rule("PERIOD", "THE? LAST WEEK (OF|IN) year:YEAR", _last_week_of_year),
    rule("PERIOD", f"{NTH} WEEKEND (OF|IN) month:MONTH (OF? year:YEAR)?", _nth_weekend),
)
WIDER = (
    rule("PERIOD", "WEEKOF date:DATE", _week_of),
    rule("PERIOD", "THE? WEEK OF|COMMENCING|STARTING|BEGINNING ON? date:DATE", _week_of),
    rule("PERIOD", "THE? WEEKEND OF THE? date:DATE", _weekend_of),
    rule("DATE", "THE? LAST DAYS (OF|IN) period:PERIOD", _last_day),
    rule("PERIOD", "THE? BEGINNING|EARLY OF? period:PERIOD", _beginning),
    rule("PERIOD", "THE? MIDDLE OF? period:PERIOD", _middle),
    rule("PERIOD", "THE? END|LATE OF? period:PERIOD", _end),
)
