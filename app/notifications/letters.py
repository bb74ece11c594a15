"""From words and facts to a mail or a text. A kind has its words once; both forms of a mail are laid out from them.

In HTML everything is escaped; a subject is one line whatever is in it. So is every fact: a name or an address of
several lines makes no line of ours.
"""

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.kit import written
from app.kit.lines import breaks_lines, one_line
from app.notifications import language
from app.notifications.notice import Facts

HERE = Path(__file__).parent
FOLDERS = (HERE / "words", HERE / "layouts")
LONGEST_SUBJECT = 200
SEPARATOR = " | "
"""Between the label and the value of a line of details."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject and its two forms."""

    subject: str
    text: str
    html: str


def write_letter(kind: str, facts: Facts, *, locale: str, house: str, unsubscribe: str = "") -> Letter:
    """Return the mail of a kind, in the language of `locale`; the facts of `house` are its name."""
    say = partial(_say, kind, facts.words | {"house": house}, locale)
    laid_out = {
        "said": [one_line(paragraph) for paragraph in say("said").splitlines() if paragraph.strip()],
        "details": [_row(line) for line in say("details").splitlines() if line.strip()],
        "action": one_line(say("action")) if facts.links else "",
        "links": list(zip(_labels(say("links"), len(facts.links)), facts.links, strict=True)),
        "note": one_line(say("note")),
        "house": house,
        "unsubscribe": unsubscribe,
        "language": locale,
    }
    text, html = (environment(locale).get_template(name).render(laid_out) for name in ("letter.txt", "letter.html"))
    return Letter(f"{one_line(say('subject'))[:LONGEST_SUBJECT]} – {one_line(house)}", text, html)


def write_text(kind: str, facts: Facts, *, locale: str, house: str) -> str:
    """Return the text message of a kind: one line."""
    return one_line(_say(kind, facts.words | {"house": house}, locale, "sms"))


@lru_cache(maxsize=64)
def environment(locale: str) -> Environment:
    """Return what makes words and layouts into text, for one locale."""
    made = Environment(
        loader=FileSystemLoader(FOLDERS),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_flat,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.install_gettext_translations(language.translations(locale), newstyle=True)  # type: ignore[attr-defined]  # the extension's
    made.filters |= {
        "day": partial(written.day, locale=locale),
        "clock": partial(written.clock, locale=locale),
        "money": partial(written.money, locale=locale),
    }
    return made


def _flat(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) and breaks_lines(value) else value


def _say(kind: str, words: dict[str, Any], locale: str, part: str) -> str:
    return environment(locale).get_template(f"{kind}.txt").render(words, part=part).strip()


def _labels(said: str, count: int) -> list[str]:
    """Return what stands before each of several links; before a single one, nothing."""
    return [one_line(line) for line in said.splitlines() if line.strip()] if count > 1 else [""] * count


def _row(line: str) -> tuple[str, str]:
    label, _, value = line.partition(SEPARATOR)
    return one_line(label), one_line(value)
