"""What can be booked, by name: services, staff and spaces with their other names, ready to be found in a text."""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from app.voice.understanding.distance import distance, tolerated, without


def words(text: str) -> frozenset[str]:
    """Return the words of a list."""
    return frozenset(text.split())


WORDS = re.compile(r"[^\W_]+(?:'s\b)?")
TITLES = words("dr doctor mr mrs ms miss md do dds facs inc llc ltd the and of for at a an in s by with")
"""Words of names that people leave out or add."""
COMMON = words(
    "able about after again also another anything around available away because been before being book booking both "
    "call called came change check come could date does done down each else even every find fine first free from "
    "give going good great have help here hers into just keep know last later less like line list long look made "
    "make many maybe mean meet mine more most move much must name need next nice none noon once only open other "
    "over part pick place please right same said sale save seat seem send show since some soon sorry such sure take "
    "talk than thank thanks that their them then there these they thing think this those time today told took true "
    "turn until upon used very visit wait want week well went were what when where which while will wish with work "
    "would yeah year your dear easy evening morning night tonight works phone address number salon doctor dentist"
)
"""Everyday words: never taken for a name with a typing error."""
CLOSED = words(
    "i me my mine myself you your yours he him his she her hers we us our ours they them their it its this that these "
    "those who whom whose what which whoever anyone anybody anything someone somebody something everyone everybody "
    "everything nobody noone none nothing one ones each every either neither any all both some other others another "
    "many much few more most no not nor or and but so if than then else too also only just even still yet ever never "
    "again already once twice maybe perhaps rather instead except excluding without with within during before after "
    "since until till from into onto over under above below between among about around near off out up down by for of "
    "on in at to as per via because although though unless while whether when where why how here there am is are was "
    "were be been being do does did done doing have has had having can cant cannot could couldnt will wont would "
    "wouldnt shall should shouldnt may might must dont doesnt didnt isnt arent wasnt werent havent hasnt im ill id ive "
    "hes shes hers were theyre yes yeah yep nope okay please"
)
"""The words of the language that are no nouns, names or verbs of action: alone they are no misspelt name either."""
LONGEST_WORD = 30
RARE_INITIAL, RARE_TITLE = 0.3, 0.1


class Kind(StrEnum):
    """What an entity is."""

    SERVICE = "service"
    STAFF = "staff"
    SPACE = "space"


@dataclass(frozen=True, slots=True)
class Entity:
    """Something that can be asked for by its name or one of its aliases."""

    id: int
    kind: Kind
    name: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: folded to plain small letters, and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phrase:
    """A name or an alias of `entity`, as words, and how much each says: those say most that few names have."""

    entity: Entity
    words: tuple[str, ...]
    weights: tuple[float, ...]


def words_of(text: str) -> list[Word]:
    """Return the words of `text`: small letters without accents, "Ken's" as kens."""
    return [Word(_folded(match[0]), match.start(), match.end()) for match in WORDS.finditer(text)]


def _folded(word: str) -> str:
    parts = unicodedata.normalize("NFKD", word.replace("'", "").replace("\u2019", "").casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))[:LONGEST_WORD]


@dataclass(frozen=True)
class Catalogue:
    """The entities of a business. Making one costs a few milliseconds per hundred names; keep it while they last."""

    entities: tuple[Entity, ...]

    @cached_property
    def phrases(self) -> tuple[Phrase, ...]:
        """Every name and alias."""
        named = [(entity, _phrase_words(name)) for entity in self.entities for name in (entity.name, *entity.aliases)]
        spread: Mapping[str, int] = self._spread
        return tuple(Phrase(entity, words, _weights(words, spread, len(named))) for entity, words in named if words)

    @cached_property
    def _spread(self) -> dict[str, int]:
        """How many entities have a word in their names."""
        entities: defaultdict[str, set[int]] = defaultdict(set)
        for at, entity in enumerate(self.entities):
            for name in (entity.name, *entity.aliases):
                for word in _phrase_words(name):
                    entities[word].add(at)
        return {word: len(numbers) for word, numbers in entities.items()}

    @cached_property
    def places(self) -> dict[str, list[tuple[int, int]]]:
        """Where each word stands: the numbers of its phrases, and its place in each."""
        places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for number, phrase in enumerate(self.phrases):
            for at, word in enumerate(phrase.words):
                places[word].append((number, at))
        return dict(places)

    @cached_property
    def _near(self) -> dict[str, set[str]]:
        near: defaultdict[str, set[str]] = defaultdict(set)
        for word in self.places:
            for rest in without(word, tolerated(word)):
                near[rest].add(word)
        return dict(near)

    def like(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the words of names that `word` can be, with a likeness of up to 1."""
        if word in self.places:
            yield word, 1.0
        if word in COMMON:
            return
        errors = 1 if len(word) == 3 else tolerated(word)  # noqa: PLR2004 - a word of four that lost a letter
        found = {known for rest in without(word, errors) for known in self._near.get(rest, ())}
        for known in sorted(found - {word}):
            apart = distance(word, known)
            if apart <= tolerated(known):
                yield known, 1 - apart / (len(known) + 1)


def _phrase_words(name: str) -> tuple[str, ...]:
    return tuple(word.text for word in words_of(name))


def _weights(words: Iterable[str], spread: Mapping[str, int], names: int) -> tuple[float, ...]:
    return tuple(math.log(1 + names / spread[word]) * _weight(word) for word in words)


def _weight(word: str) -> float:
    return RARE_TITLE if word in TITLES else RARE_INITIAL if len(word) == 1 else 1.0
