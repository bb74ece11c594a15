"""Fields of people."""

from typing import Any

from app.kit.places import COUNTRY_CODES
from app.users.contact import LONGEST_EMAIL, email_as_written
from app.web.fields import Text
from app.web.text_fields import documented, refuse


class Email(Text):
    """An email address, kept as written."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=3, max=LONGEST_EMAIL, **documented(options, format="email"))

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
