"""Which names are meant, typing errors forgiven."""

import pytest

from app.voice.understanding import Catalogue, Entity, Kind, settled, understand
from app.voice.understanding.catalogue import words_of
from app.voice.understanding.distance import distance, without
from app.voice.understanding.entities import find
from tests.cases import each_case
from tests.voice.understanding.said import NAIROBI, WEDNESDAY

CUT = Entity(1, Kind.SERVICE, "Men's Cut", ("haircut for men", "gents trim"))
COLOUR = Entity(2, Kind.SERVICE, "Full Colour")
MASSAGE = Entity(3, Kind.SERVICE, "Deep Tissue Massage")
JANE, JOHN = Entity(4, Kind.STAFF, "Jane Wanjiku"), Entity(5, Kind.STAFF, "John Otieno")
OTHER_JOHN = Entity(6, Kind.STAFF, "John Kamau")
LOFT = Entity(7, Kind.SPACE, "August Loft")
CATALOGUE = Catalogue((CUT, COLOUR, MASSAGE, JANE, JOHN, OTHER_JOHN, LOFT))


def meant(text: str) -> Entity | None:
    """Return the one entity that `text` settles on."""
    found = settled(find(text, CATALOGUE))
    return found.value if found else None


@each_case(
    ("text", "entity"),
    [
        ("a men's cut please", CUT),
        ("Gents trim", CUT),
        ("mens cut", CUT),
        ("I want the full color", COLOUR),
        ("deep tisue massage", MASSAGE),
        ("a deep tissue mssage tomorrow", MASSAGE),
        ("with Jane Wanjku", JANE),
        ("the john kamau please", OTHER_JOHN),
        ("the august loft", LOFT),
    ],
)
def test_a_name_is_found(text: str, entity: Entity) -> None:
    assert meant(text) == entity


def test_a_name_that_two_have_is_a_tie() -> None:
    found = find("with John", CATALOGUE)
    assert {one.value for one in found} == {JOHN, OTHER_JOHN}
    assert settled(found) is None


@pytest.mark.parametrize("text", ["a men's cut and full colour", "full colour, or a men's cut"])
def test_of_several_names_in_one_sentence_none_is_settled(text: str) -> None:
    found = find(text, CATALOGUE)
    assert {one.value for one in found} >= {CUT, COLOUR}
    assert settled(found) is None


def test_names_of_several_kinds_are_each_settled() -> None:
    said = understand("a men's cut with Jane Wanjiku in august loft", now=WEDNESDAY, zone=NAIROBI, catalogue=CATALOGUE)
    found = [settled(candidates) for candidates in (said.services, said.staff, said.spaces)]
    assert [one and one.value for one in found] == [CUT, JANE, LOFT]


@each_case(
    "text",
    [
        "a men's cut with anyone but Jane",
        "a men's cut, anyone except Jane",
        "a men's cut, not with Jane",
        "no, not Jane, a men's cut",
        "a men's cut and I don't want to see Jane",
        "a men's cut with somebody other than Jane",
        "a men's cut with someone who isn't Jane",
        "a men's cut with anybody else but jane wanjiku",
    ],
)
def test_a_name_that_is_left_out_is_no_candidate(text: str) -> None:
    said = understand(text, now=WEDNESDAY, zone=NAIROBI, catalogue=CATALOGUE)
    assert [one.value for one in said.services] == [CUT]
    assert said.staff == ()
    assert [one.value for one in said.excluded] == [JANE]


def test_all_names_that_are_joined_are_left_out() -> None:
    said = understand("not Jane or John Kamau", now=WEDNESDAY, zone=NAIROBI, catalogue=CATALOGUE)
    assert {JANE, OTHER_JOHN} <= {one.value for one in said.excluded}
    assert said.staff == ()


AMINA, BRIAN, CHEBET, ESTHER = (
    Entity(number, Kind.STAFF, name) for number, name in enumerate(("Amina", "Brian", "Chebet", "Esther Njeri"), 1)
)
TEAM = Catalogue((AMINA, BRIAN, CHEBET, ESTHER))


@each_case(
    ("text", "out"),
    {
        "anyone but Amina, Brian or Chebet": [AMINA, BRIAN, CHEBET],
        "anyone except Amina and Brian": [AMINA, BRIAN],
        "neither Amina nor Brian nor Chebet": [AMINA, BRIAN, CHEBET],
        "not with Amina, with Brian, or with Chebet": [AMINA, BRIAN, CHEBET],
        "not Amina, Brian": [AMINA],
        "not with Amina or Brian, Chebet please": [AMINA, BRIAN],
        "with Amina, not Brian": [BRIAN],
    }.items(),
)
def test_a_list_of_names_is_left_out(text: str, out: list[Entity]) -> None:
    said = understand(text, now=WEDNESDAY, zone=NAIROBI, catalogue=TEAM)
    assert {one.value for one in said.excluded} == set(out)
    assert not {one.value for one in said.staff} & set(out)


@pytest.mark.parametrize(
    "text",
    [
        "either thursday or friday at 2 pm",
        "not Wednesday either",
        "neither the one nor the other",
        "after that, with whoever is there",
    ],
)
def test_a_word_of_the_language_is_no_misspelt_name(text: str) -> None:
    assert find(text, TEAM) == []
    assert meant("a men's cut, either day") == CUT


def test_a_word_of_the_language_can_be_a_name() -> None:
    may = Entity(1, Kind.STAFF, "May")
    assert [one.value for one in find("with May", Catalogue((may,)))] == [may]


@each_case(
    "text",
    [
        "why not Jane?",
        "nobody but Jane",
        "not John Otieno but Jane",
        "no, Jane",
        "not on Monday, with Jane",
        "isn't Jane free?",
    ],
)
def test_a_name_near_a_no_is_wanted_all_the_same(text: str) -> None:
    said = understand(text, now=WEDNESDAY, zone=NAIROBI, catalogue=CATALOGUE)
    assert [one.value for one in said.staff] == [JANE]


def test_everyday_words_are_no_names() -> None:
    assert find("can you please book something for me tomorrow", CATALOGUE) == []


def test_entities_come_by_kind_with_the_words_they_were_read_from() -> None:
    said = understand("a men's cut with Jane Wanjiku on friday", now=WEDNESDAY, zone=NAIROBI, catalogue=CATALOGUE)
    assert [(one.value, one.text) for one in said.services] == [(CUT, "men's cut")]
    assert [(one.value, one.text) for one in said.staff] == [(JANE, "Jane Wanjiku")]
    assert said.spaces == ()


def test_a_name_says_nothing_of_time() -> None:
    number = Entity(8, Kind.SPACE, "Studio 9 pm")
    said = understand("book studio 9 pm", now=WEDNESDAY, zone=NAIROBI, catalogue=Catalogue((number,)))
    assert said.time is None


def test_distance_counts_typing_errors() -> None:
    pairs = {
        ("cut", "cut"): 0,
        ("massage", "masage"): 1,
        ("massage", "massaeg"): 1,
        ("cut", "colour"): 4,
        ("", "ab"): 2,
    }
    assert {pair: distance(*pair) for pair in pairs} == pairs


def test_near_words_share_a_rest() -> None:
    assert set(without("abcd", 1)) & set(without("abdc", 1))
    assert len(list(without("abc", 2))) == 1 + 3 + 3


def test_words_are_folded() -> None:
    assert [word.text for word in words_of("Café Ken's O\u2019Neil")] == ["cafe", "kens", "o", "neil"]


def test_another_number_is_no_misspelt_one() -> None:
    """Nobody who names a year means the room that is called nearly so."""
    rooms = Catalogue((Entity(1, Kind.SPACE, "Room 2036"), Entity(2, Kind.SPACE, "Room 2206")))
    assert find("on January 11, 2026", rooms) == []
    assert [one.value.name for one in find("room 2036 on January 11, 2026", rooms)] == ["Room 2036"]
