"""`python -m bench.voice_hostile`: what the worst texts of 500 characters cost to understand, in milliseconds.

Texts that many rules want a piece of: every word of the vocabulary repeated, words in pairs, words of all classes at
random, words of names, long runs of one sign, and whatever else backtracks in patterns written without care. Each is
read with a catalogue of 200 names, several times; the fastest reading counts, in time of this process, so that a busy
machine does not count.
"""

import argparse
import random
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from app.voice.understanding import LONGEST, Catalogue, Entity, Kind, understand
from app.voice.understanding.lexicon import LEXICON

ROUNDS, SEED = 3, 20
NOW, ZONE = datetime(2026, 3, 3, 9, tzinfo=UTC), ZoneInfo("Africa/Nairobi")
FIGURES = (
    *(
        "1",
        "10",
        "31",
        "99",
        "1030",
        "2026",
        "10:30",
        "1:1",
        "3.5",
        "5/7",
        "1/2/26",
        "2026-05-05",
        "1st",
        "22nd",
        "3pm",
    ),
    *("15h", "7p", "$5", "5%", "-", ",", ".", "!", "(", "'", '"', "@", "&", "/", ":"),
)
NAMES = ("Hair", "Cut", "Color", "Salon", "Care", "Dental", "Massage", "Studio", "Anna", "Maria", "John", "Wanjiku")
LONG = "the first monday of next month at half past ten in the evening for me and my wife and two kids instead of "


def main() -> None:
    """Print the slowest texts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--random", type=int, default=2000, help="How many texts of random words to try.")
    catalogue = names()
    dice = random.Random(SEED)  # noqa: S311 - the same texts at every run
    texts = list(hostile(dice, parser.parse_args().random))
    took = sorted(((cost(text, catalogue), text) for text in texts), reverse=True)
    times = [milliseconds for milliseconds, _ in took]
    print(f"{len(texts)} texts of {LONGEST} characters: p50 {statistics.median(times):.1f} ms  max {times[0]:.1f} ms")
    for milliseconds, text in took[:5]:
        print(f"  {milliseconds:6.1f} ms  {text[:70]!r}…")


def hostile(dice: random.Random, count: int) -> Iterator[str]:
    """Yield the texts."""
    words = [*sorted(LEXICON), *FIGURES, *NAMES, "x", "cancel", "book", "reservation"]
    for word in words:
        yield filled([word])
        yield filled([word], "")
    for _ in range(count):
        yield filled(dice.sample(words, dice.randint(2, 4)))
        yield filled([dice.choice(words) for _ in range(LONGEST)])
    yield from (filled([sign], "") for sign in "ax1.,:/-' \u0130\u4e00\u0661\U0001f600")
    yield filled([LONG], "")
    yield filled(["what", "x" * 20, "i", "y" * 20])
    yield filled(["how to", "x" * 39])


def filled(words: list[str], between: str = " ") -> str:
    """Return the words over and over, as long as a text may be."""
    once = between.join(words) + between
    return (once * (LONGEST // len(once) + 1))[:LONGEST]


def names() -> Catalogue:
    """Return 200 names made of few words, so that each word of a text is in many."""
    dice = random.Random(SEED)  # noqa: S311 - the same names at every run
    made = (Entity(number, Kind.SERVICE, " ".join(dice.sample(NAMES, 3))) for number in range(200))
    return Catalogue(tuple(made))


def cost(text: str, catalogue: Catalogue) -> float:
    """Return the milliseconds of the fastest of a few readings."""
    return min(_timed(text, catalogue) for _ in range(ROUNDS))


def _timed(text: str, catalogue: Catalogue) -> float:
    started = time.process_time()
    understand(text, now=NOW, zone=ZONE, catalogue=catalogue)
    return (time.process_time() - started) * 1000


if __name__ == "__main__":
    main()
