"""Names that are said only to leave them out: "anyone but Jane", "not with Brian", "I don't want a facial"."""

import re
from collections.abc import Sequence

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
NOR = re.compile(r"^ *,? *(?:or|nor|and)(?: (?:with|by|the|a|an))? *$")
"""What joins a name to one that is left out."""


def names_left_out(lower: str, named: Sequence[Read[Entity]]) -> set[Entity]:
    """Return those of the names in a plain text that it leaves out."""
    found: dict[Entity, int] = {}
    for one in sorted(named, key=lambda read: read.start):
        joined = any(NOR.match(lower[end : one.start]) for end in found.values())
        if joined or LEAVING_OUT.search(lower[max(0, one.start - REACH) : one.start].rstrip()):
            found[one.value] = one.end
    return set(found)
