"""Which services, staff and spaces a text names, typing errors forgiven."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.voice.understanding.answer import Read
from app.voice.understanding.catalogue import CLOSED, Catalogue, Entity, Kind, Phrase, Word, words_of

STRONG = 0.6
"""A candidate less sure than this is too weak to be taken without asking."""
WEAK = 0.3
"""A candidate less sure than this is none."""
MARGIN = 0.1
"""Two candidates nearer than this are a tie."""
WHOLE = 0.85
"""A name found to this share hides shorter names inside it."""
MOST = 5
MOST_HITS = 16
"""Nobody says the words of a name more often in one sentence."""
GAP = 2
"""How many other words may stand within a name."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Word `at` of the text (and the one behind it, where `words` is 2) is word `place` of a phrase."""

    at: int
    words: int
    place: int
    likeness: float


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: the words of the text it was found in, and the share of it that was."""

    phrase: Phrase
    covered: frozenset[int]
    share: float


def find(text: str, catalogue: Catalogue) -> list[Read[Entity]]:
    """Return the entities that `text` names, the surest first; several for the same words where they are like."""
    words = words_of(text)
    matches = [
        best
        for number, hits in _hits(words, catalogue).items()
        if (best := _best(catalogue.phrases[number], hits)) and best.share >= WEAK and not _is_ordinary(best, words)
    ]
    shown = [match for match in matches if not any(_hides(other, match) for other in matches)]
    reads: dict[Entity, Read[Entity]] = {}
    for match in sorted(shown, key=lambda match: (-match.share, match.phrase.entity.id)):
        reads.setdefault(match.phrase.entity, _read(text, words, match))
    return list(reads.values())


def _is_ordinary(match: Match, words: Sequence[Word]) -> bool:
    """Say whether only words of the language were taken for a misspelt name: "either" is no Esther."""
    said = {words[at].text for at in match.covered}
    return said <= CLOSED and not said & set(match.phrase.words)


def settled(candidates: Sequence[Read[Entity]]) -> Read[Entity] | None:
    """Return the one that is meant; None where the best is weak, or another is as good.

    That is one for the same words, or one of its kind that is surely named elsewhere: "a haircut and a manicure".
    """
    if not candidates or candidates[0].confidence < STRONG:
        return None
    best, others = candidates[0], candidates[1:]
    return None if any(_rivals(best, one) for one in others) else best


def _rivals(best: Read[Entity], other: Read[Entity]) -> bool:
    if other.start < best.end and best.start < other.end:
        return best.confidence - other.confidence < MARGIN
    return other.value.kind is best.value.kind and other.confidence >= WHOLE


def _hits(words: Sequence[Word], catalogue: Catalogue) -> dict[int, list[Hit]]:
    """Return for each phrase, by its number, which of its words are in the text."""
    hits: defaultdict[int, list[Hit]] = defaultdict(list)
    for at, word in enumerate(words):
        spellings = [(word.text, 1)]
        if at + 1 < len(words):
            spellings.append((word.text + words[at + 1].text, 2))
        for spelling, count in spellings:
            for known, likeness in catalogue.like(spelling):
                for number, place in catalogue.places[known]:
                    if len(hits[number]) < MOST_HITS:
                        hits[number].append(Hit(at, count, place, likeness))
    return hits


def _best(phrase: Phrase, hits: Sequence[Hit]) -> Match | None:
    """Return the stretch of text that has most of the phrase."""
    windows = [_window(phrase, hits[at:]) for at in range(len(hits))]
    return max(windows, key=lambda match: (match.share, -len(match.covered)), default=None)


def _window(phrase: Phrase, hits: Sequence[Hit]) -> Match:
    """Return what the hits from the first on cover, up to where the words lie too far apart."""
    start, length = hits[0].at, len(phrase.words) + GAP
    got: dict[int, Hit] = {}
    for hit in hits:
        if hit.at + hit.words > start + length:
            break
        if hit.place not in got or hit.likeness > got[hit.place].likeness:
            got[hit.place] = hit
    covered = frozenset(at for hit in got.values() for at in range(hit.at, hit.at + hit.words))
    total = sum(phrase.weights)
    share = sum(phrase.weights[place] * hit.likeness for place, hit in got.items()) / total
    return Match(phrase, covered, share)


def _hides(longer: Match, shorter: Match) -> bool:
    return longer.share >= WHOLE and shorter.covered < longer.covered


def _read(text: str, words: Sequence[Word], match: Match) -> Read[Entity]:
    start, end = words[min(match.covered)].start, words[max(match.covered)].end
    return Read(match.phrase.entity, text[start:end], start, end, round(match.share, 3))


def of_kind(candidates: Iterable[Read[Entity]], kind: Kind) -> tuple[Read[Entity], ...]:
    """Return the candidates of one kind, at most so many as anybody can choose from."""
    return tuple(one for one in candidates if one.value.kind is kind)[:MOST]
