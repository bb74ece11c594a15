"""The one form of what people write in many: email addresses, phone numbers, countries."""

import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

LONGEST_EMAIL = 254
"""RFC 5321 §4.5.3.1.3, as RFC 3696 erratum 1690 counts it."""


def email_as_written(text: str) -> str:
    """Return a deliverable-looking email address as its owner writes it. Raises `ValueError` for anything else."""
    try:
        written = validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    if len(email_key(written)) > LONGEST_EMAIL:
        raise ValueError("too long in its normal form")
    return written


def email_key(email: str) -> str:
    """Return the form by which an email, as `email_as_written` has it, is found.

    Its name is in NFKC and caseless, applied until nothing changes. Its domain stays: it is in lower case, one spelling
    for each A-label of IDNA, and straße.example belongs to somebody else than strasse.example.
    """
    name, at, domain = email.rpartition("@")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()) + at + domain


def is_same_mailbox(one: str, other: str) -> bool:
    """Say whether two emails of one key lead to one mailbox: names that differ in more than case may be two people's.

    "ß" and "ss" have one key, so that nobody registers as somebody's double.
    """
    return _folded(one) == _folded(other)


def email_key_of_anything(text: str) -> str:
    """Return the key of the account that `text` may mean, such as its domain in punycode; no email has no account."""
    try:
        return email_key(email_as_written(text))
    except ValueError:
        return email_key(text)


def phone_in_e164(text: str, country: str) -> str:
    """Return a phone number as `+254…` (E.164), read as in `country`. Raises `ValueError` for anything else."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException as error:
        raise ValueError(str(error)) from None
    if not phonenumbers.is_valid_number(number):
        raise ValueError("not a number that can exist")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _folded(email: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", email).lower())
