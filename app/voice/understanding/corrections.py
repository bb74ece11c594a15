"""Rules for what is not meant: "I can't do Thursday", "not at 5", "instead of Friday", "3 pm is too late"."""

from app.voice.understanding.clocks import bare_hour
from app.voice.understanding.meaning import Meaning
from app.voice.understanding.rules import Found, rule


def _rejected(found: Found) -> Meaning | None:
    named = tuple(found.meaning(name) for name in ("one", "two") if found.has(name))
    return Meaning(left_out=named or tuple(filter(None, [bare_hour(found)])))


TIME = "DATE|DATES|PERIOD|CLOCK|CLOCKS|DAYPART|MOMENT"
LINK = "(ON|AT|FOR|IN|BY|TO)? THE?"
NAMED = f"{LINK} one:{TIME} (,? OR|NOR {LINK} two:{TIME})?"

RULES = (
    rule("REJECTED", f"NOT|NO|EXCEPT {NAMED}", _rejected),
    rule("REJECTED", f"EXCEPT|INSTEAD (FOR|OF) {NAMED}", _rejected),
    rule("REJECTED", f"(ALL | WORD DAYS|NAMED) BUT NOT? {NAMED}", _rejected),
    rule("REJECTED", f"(?<=DAYS|NAMED PERIOD) BUT {NAMED}", _rejected),
    rule("REJECTED", f"RATHER|OTHER THAN {NAMED}", _rejected),
    rule("REJECTED", f"(?<!WHY) CANNOT (WORD|WORK|CHANGE)? (WORD|TO)? {NAMED}", _rejected),
    rule("REJECTED", f"NOT WORD|WORK {NAMED}", _rejected),
    rule("REJECTED", f"one:{TIME} WORD? WONT|NOT|CANNOT (WORD|IS)? WORK", _rejected),
    rule(
        "REJECTED",
        f"(one:{TIME} | hour:HOUR) (IS|WORD)? (WORD|A)? WORD? TOO EARLY|LATE|EARLIER|WORD",
        _rejected,
    ),
    rule("REJECTED", f"one:{TIME} IS NO GOOD", _rejected),
)
