"""Fields of people."""

from typing import Any

from app.kit.places import COUNTRY_CODES, is_locale
from app.users.contact import LONGEST_EMAIL, email_as_written
from app.web.fields import Text
from app.web.text_fields import documented, refuse

LONGEST_PASSWORD = 1024
"""Characters; what is longer is refused before anything is done with it."""


class Email(Text):
    """An email address, kept as written."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=3, max=LONGEST_EMAIL, **documented(options, format="idn-email"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return email_as_written(text)
        except ValueError:
            refuse("Must be an email address.")


class Country(Text):
    """An ISO 3166-1 alpha-2 code, in capitals."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=2, max=2, **documented(options, example="KE"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text not in COUNTRY_CODES:
            refuse("Must be an ISO 3166-1 code of two capitals, such as KE.")
        return text


class LocaleName(Text):
    """A language, perhaps with its script and region, as BCP 47 writes it."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=2, max=16, **documented(options, example="en-GB"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_locale(text):
            refuse("Must be a language such as en, en-GB or pt-BR.")
        return text


class Password(Text):
    """A secret: kept exactly as typed, spaces included."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(max=LONGEST_PASSWORD, load_only=True, **documented(options, format="password"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            refuse("Must be text.")
        if len(value) > self.max or "\0" in value:
            refuse(f"Must have at most {self.max} characters, none of them NUL.")
        return value


class NewPassword(Password):
    """A secret to be set."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(
            **documented(options, example="correct horse battery", description="8 characters to 72 bytes.")
        )
