"""In which language people are written to.

Translators fill `locale/<language>/LC_MESSAGES/messages.po`; it is read as it is, and needs no compiling.
"""

from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).parents[2] / "locale"
SOURCE = "en"
"""What the words are written in: it needs no catalogue."""


def language_for(wished: str | None, usual: str) -> str:
    """Return the locale to write in: the one wished for, if there is a catalogue of its language, else the usual one.

    So words and dates are never of two languages.
    """
    return wished if wished is not None and _catalogue(wished) is not None else usual


@lru_cache(maxsize=64)
def translations(locale: str) -> NullTranslations:
    """Return the translations into a locale's language; without a catalogue, the source as it is."""
    path = _catalogue(locale)
    if path is None or path == Path():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=_language(locale)))
    compiled.seek(0)
    return Translations(compiled)


def _catalogue(locale: str) -> Path | None:
    """Return where the words of a locale stand; an empty path for those of the source, None where there are none."""
    if _language(locale) == SOURCE:
        return Path()
    path = CATALOGUES / _language(locale) / "LC_MESSAGES" / "messages.po"
    return path if path.is_file() else None


def _language(locale: str) -> str:
    return Locale.parse(locale, sep="-").language
