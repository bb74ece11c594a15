"""Gather the words of mails and texts into `locale/messages.pot`, and bring every language's catalogue up to date.

A new language: `python -m scripts.messages sw`. What is not translated yet is written in English.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from config import ROOT

FOLDER = ROOT / "locale"
WORDS = ROOT / "app" / "notifications"
DATED = datetime(2026, 1, 1, tzinfo=UTC)
"""So that a catalogue changes only where its words do."""

HEADER = "# What Parlour writes to people. Filled in by translators, read as it is.\n"


def gather() -> Catalog:
    """Return all that is to be translated."""
    with (FOLDER / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]  # Babel's
    found = Catalog(project="Parlour", charset="utf-8", header_comment=HEADER, creation_date=DATED)
    for name, line, message, comments, context in extract_from_dir(str(WORDS), methods, options):
        del line  # it moves with every edit above it, and says little
        found.add(message, None, [(name, 0)], auto_comments=comments, context=context)
    return found


def write(path: Path, catalogue: Catalog) -> None:
    """Write a catalogue in the order of its words, without anything that changes by itself."""
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, omit_header=False, sort_output=True, include_lineno=False)


def bring_up_to_date(path: Path, template: Catalog) -> None:
    """Add what is new to a language's catalogue, and take away what is no more said."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parent.parent.name)
    catalogue.revision_date = DATED
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    write(path, catalogue)


def main() -> None:
    """Do all of it, and begin the languages that are named."""
    template = gather()
    write(FOLDER / "messages.pot", template)
    for language in sys.argv[1:]:
        path = FOLDER / language / "LC_MESSAGES" / "messages.po"
        path.parent.mkdir(parents=True)
        write(path, Catalog(locale=language, charset="utf-8", header_comment=HEADER, creation_date=DATED))
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        bring_up_to_date(path, template)
    print(f"{len(template)} messages in {FOLDER}")


if __name__ == "__main__":
    main()
