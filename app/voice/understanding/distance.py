"""How many typing errors lie between two words."""

from collections.abc import Iterator


def distance(first: str, second: str) -> int:
    """Return how many letters must be put in, left out, replaced, or swapped with their neighbour.

    The optimal string alignment distance (restricted Damerau-Levenshtein).
    """
    before: list[int] = []
    row = list(range(len(second) + 1))
    for at, letter in enumerate(first, start=1):
        before, last, row = row, before, [at]
        for where, other in enumerate(second, start=1):
            cost = min(before[where] + 1, row[-1] + 1, before[where - 1] + (letter != other))
            if at > 1 and where > 1 and letter == second[where - 2] and first[at - 2] == other:
                cost = min(cost, last[where - 2] + 1)
            row.append(cost)
    return row[-1]


def tolerated(word: str) -> int:
    """Return how many typing errors a word may have and still be it: two in long ones, none in short ones or numbers.

    Another number is another thing: "2026" is no room 2036.
    """
    return 0 if len(word) < 4 or word.isdecimal() else 1 if len(word) < 8 else 2  # noqa: PLR2004 - the table is the sentence above


def without(word: str, letters: int) -> Iterator[str]:
    """Yield `word` and what is left of it without up to so many letters.

    Two words at a distance of n share one of these with n letters left out: a dictionary of them finds near words at
    the price of a few look-ups (Garbe's symmetric delete).
    """
    seen = {word}
    level = [word]
    yield word
    for _ in range(letters):
        level = [shorter for longer in level for shorter in _one_less(longer) if shorter not in seen]
        seen.update(level)
        yield from dict.fromkeys(level)


def _one_less(word: str) -> Iterator[str]:
    yield from (word[:at] + word[at + 1 :] for at in range(len(word)))
