"""The text as the rules read it: lower case and plain signs, every character where it stood."""

LONGEST = 500
"""More characters than this are refused: a wish for a booking is short, and reading must stay fast."""

PLAIN_SIGNS = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'",
        "\u201c": '"', "\u201d": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u00a0": " ", "\u2007": " ", "\u202f": " ", "\t": " ", "\n": " ", "\r": " ",
    }
)  # fmt: skip


class TextTooLong(ValueError):
    """The text has more characters than are read."""


def plain(text: str) -> str:
    """Return `text` in lower case with plain quotes, hyphens and spaces; as long as `text`, so that spans hold in both.

    Raises `TextTooLong`.
    """
    if len(text) > LONGEST:
        raise TextTooLong(f"More than {LONGEST} characters.")
    lower = text.lower()
    if len(lower) != len(text):  # a few letters, such as the Turkish dotted I, are two in lower case
        lower = "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return lower.translate(PLAIN_SIGNS).replace('o"clock', "o'clock")
