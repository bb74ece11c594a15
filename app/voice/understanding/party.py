"""Rules for how many come: a table for four, the two of us, me and three friends, my wife, two kids and I."""

from app.voice.understanding.meaning import Meaning
from app.voice.understanding.rules import Found, rule

MOST = 200
"""A number above it counts something else."""


def counted(found: Found) -> Meaning | None:
    """Return so many people; one where no number is said."""
    count = found.number("count", 1)
    return Meaning(people=count) if 0 < count <= MOST else None


def _two(_found: Found) -> Meaning | None:
    return Meaning(people=2)


def _one(_found: Found) -> Meaning | None:
    return Meaning(people=1)


def _same(found: Found) -> Meaning | None:
    return found.meaning("people")


def _sum(found: Found) -> Meaning | None:
    return Meaning(people=sum(found.meaning(name).people for name in ("one", "two", "three", "four", "five")))


JOINS = "(,? AND|PLUS|WITH | ,)"
ANY = "PERSONS|SOMEBODY"
MORE = "".join(f"({JOINS} {name}:{ANY})?" for name in ("three", "four", "five"))

COUNTS = (
    rule("PERSONS", "(count:NUMBER | A) MORE? OF? MY? YOUNG? PERSON|RELATIVE", counted),
    rule("PERSONS", "COMPANY OF AROUND? count:NUMBER (OF? PERSON)?", counted, bonus=0.5),
    rule("PERSONS", "MY|THE PARENTS", _two),
    rule("PERSONS", "A COUPLE OF? PERSON?", _two),
    rule("SOMEBODY", "MY|THE RELATIVE", _one),
    rule("SOMEBODY", "(?<=AND) RELATIVE", _one),
    rule("SOMEBODY", "ME", _one),
    rule("GUESTS", "WE IS AROUND? count:NUMBER", counted),
    rule("PERSONS", "FOR MYSELF (?!AND|PLUS)", _one),
    rule("GUESTS", "(FOR | JUST|ONLY FOR?) AROUND? THE? count:NUMBER (?!DASH|SLASH)", counted),
)
TOGETHER = (
    rule("PERSONS", f"one:{ANY} {JOINS} two:{ANY} {MORE}", _sum),
    rule("PERSONS", "JUST|ONLY FOR? people:SOMEBODY", _same),
    rule("GUESTS", "FOR A COUPLE", _two),
)
