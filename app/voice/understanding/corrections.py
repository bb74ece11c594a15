"""Rules for what is not meant: "I can't do Thursday", "not at 5", "instead of Friday", "3 pm is too late"."""

from app.voice.understanding.meaning import Meaning
from app.voice.understanding.rules import Found, rule


def _rejected(_found: Found) -> Meaning | None:
    return Meaning()


TIME = "DATE|DATES|PERIOD|CLOCK|CLOCKS|DAYPART|MOMENT"
LINK = "(ON|AT|FOR|IN|BY)? THE?"

RULES = (
    rule("REJECTED", f"NOT|EXCEPT {LINK} {TIME}", _rejected),
    rule("REJECTED", f"EXCEPT|INSTEAD (FOR|OF) {LINK} {TIME}", _rejected),
    rule("REJECTED", f"ALL BUT {LINK} {TIME}", _rejected),
    rule("REJECTED", f"RATHER|OTHER THAN {LINK} {TIME}", _rejected),
    rule("REJECTED", f"(?<!WHY) CANNOT (WORD|WORK|CHANGE)? (WORD|TO)? {LINK} {TIME}", _rejected),
    rule("REJECTED", f"NOT WORD|WORK {LINK} {TIME}", _rejected),
    rule("REJECTED", f"{TIME} WORD? WONT|NOT|CANNOT (WORD|IS)? WORK", _rejected),
    rule("REJECTED", f"{TIME}|HOUR (IS|WORD)? (WORD|A)? WORD? TOO EARLY|LATE|EARLIER|WORD", _rejected),
    rule("REJECTED", f"{TIME} IS NO GOOD", _rejected),
)
