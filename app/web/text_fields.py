"""Fields of text, and what every house field is made with."""

from enum import StrEnum
from typing import Any, NoReturn

from marshmallow import ValidationError, fields

from app.kit.places import ZONE_NAMES
from app.web import text as characters
from app.web.legacy_fields import WORDS


def refuse(message: str) -> NoReturn:
    """Refuse the field at hand with `message`."""
    raise ValidationError(message)


def documented(options: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Return the field `options` with `facts` (OpenAPI schema members, `None` left out) in their metadata."""
    known = {name: fact for name, fact in facts.items() if fact is not None}
    return {**options, "metadata": {**known, **(options.get("metadata") or {})}}


class Text(fields.String):
    """One line of text, trimmed; `min` and `max` count code points (default at most 255)."""

    breaks_allowed = False

    def __init__(self, *, min: int = 0, max: int = 255, **options: Any) -> None:  # noqa: A002  # reads as a bound
        """Bound the length after trimming; `min` of 1 also refuses what only looks empty."""
        self.min, self.max = min, max
        super().__init__(**documented(options, minLength=min or None, maxLength=max))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            refuse("Must be text.")
        return self.checked(value)

    def checked(self, value: str) -> str:
        """Return the trimmed text. Raises `ValidationError` for what text may not contain, or its length."""
        if self.breaks_allowed:
            value = value.replace("\r\n", "\n").replace("\r", "\n")
        if characters.has_control(value, breaks_allowed=self.breaks_allowed):
            refuse("Must not contain control characters.")
        value = value.strip()
        if self.min and characters.is_blank(value):
            refuse("Must not be empty.")
        if not self.min <= len(value) <= self.max:
            refuse(f"Must have {self.min} to {self.max} characters.")
        if characters.piles_marks(value):
            refuse(f"Must not pile up more than {characters.LONGEST_MARKS} combining marks.")
        return value


class LongText(Text):
    """Text in paragraphs, with line breaks and tabs; at most 2,000 code points unless `max` says more."""

    breaks_allowed = True

    def __init__(self, *, min: int = 0, max: int = 2000, **options: Any) -> None:  # noqa: A002  # the same
        """Bound the length after trimming."""
        super().__init__(min=min, max=max, **options)


class Search(Text):
    """What is looked for, `?q=`: at most 200 characters."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(max=200, **options)


class ZoneName(fields.String):
    """An IANA time zone name, exactly as the database writes it."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**documented(options, example="Africa/Nairobi"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str) or value not in ZONE_NAMES:
            refuse("Must be an IANA time zone, such as Africa/Nairobi.")
        return value


class Choice(fields.String):
    """One word of a `StrEnum`; loads as its member."""

    def __init__(self, words: type[StrEnum], **options: Any) -> None:
        """Allow the words of `words` and no others."""
        self.words = {word.value: word for word in words}
        super().__init__(**documented(options, enum=list(self.words)))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> StrEnum:
        word = self.words.get(value) if isinstance(value, str) else None
        return word or refuse(f"Must be one of: {', '.join(self.words)}{self._renamed(value)}.")

    def _renamed(self, value: Any) -> str:
        new = WORDS.get(value) if isinstance(value, str) else None
        return f"; it is called {new} here" if new in self.words else ""
