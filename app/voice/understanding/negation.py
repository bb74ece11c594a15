"""Names that are said only to leave them out: "anyone but Jane", "not with Brian", "I don't want a facial"."""

import re
from collections.abc import Sequence
from itertools import pairwise

from app.voice.understanding.answer import Read
from app.voice.understanding.catalogue import Entity

WANT = r"(?:want|need|like|fancy|have|see|book|take|get|be)"
LINK = r"(?: (?:for|with|by|to|have|see|get|book|a|an|the|my|any|another)){0,4}"
LEAVING_OUT = re.compile(
    rf"\b(?:(?:do|does|would)n'?t(?: really)? {WANT}"
    rf"|(?<!why )(?<!if )(?:not|never)(?: really)?(?: {WANT})?"
    r"|(?:any|every|some) ?(?:one|body|thing)(?: else)? but(?: not)?|(?:any|all|every) but"
    r"|(?:who|that) isn'?t|except|excluding|without|avoid|neither|instead of|(?:rather|other) than|apart from)"
    rf"{LINK}$"
)
"""What stands right before a name that is left out."""
REACH = 60
"""How many characters before a name that may be."""
LAST = re.compile(r"^ *,? *(?:or|nor|and)(?: not)?(?: (?:with|by|the|a|an))* *$")
"""What joins the last name of a list to one that is left out."""
NEXT = re.compile(r"^ *, *(?:(?:with|by|the|a|an) )*$")
"""What joins another one: it is of the list where the list ends with an "or"."""


def names_left_out(lower: str, named: Sequence[Read[Entity]]) -> set[Entity]:
    """Return those of the names in a plain text that it leaves out; "not Jane, Brian" wants Brian."""
    places = sorted({(one.start, one.end) for one in named})
    out: set[tuple[int, int]] = set()
    for at, place in enumerate(places):
        if LEAVING_OUT.search(lower[max(0, place[0] - REACH) : place[0]].rstrip()):
            out |= {place, *_listed(lower, places[at:])}
    return {one.value for one in named if (one.start, one.end) in out}


def _listed(lower: str, places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the names of the list that begins with the first."""
    found, last = [], 0
    for (_, end), (start, further) in pairwise(places):
        between = lower[end:start]
        found.append((start, further))
        if LAST.match(between):
            last = len(found)
        elif not NEXT.match(between):
            break
    return found[:last]
