"""The search: words, places, filters, orders, pages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.models import Role, User
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_space, make_user
from tests.spaces.desk import SPACES, names, wrong

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
NAIROBI = {"latitude": -1.2921, "longitude": 36.8219}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def house(app: Flask) -> User:
    """An owner with four spaces."""
    owner = make_user(Role.OWNER)
    make_space(
        owner,
        name="Sunny Studio",
        city="Nairobi",
        description="Daylight, and a garden.",
        capacity=4,
        price_per_hour_amount=100,
        amenities=["wifi", "lights"],
        **NAIROBI,
    )
    make_space(
        owner,
        name="Garden room",
        city="Mombasa",
        capacity=40,
        price_per_hour_amount=300,
        amenities=["wifi", "projector"],
        latitude=-4.0435,
        longitude=39.6682,
    )
    make_space(
        owner,
        name="Éclat",
        city="Zürich",
        country="CH",
        capacity=12,
        price_per_hour_amount=900,
        description="100% plain_",
    )
    make_space(make_user(Role.OWNER), name="Thika hall", city="THIKA", latitude=-1.0333, longitude=37.0693)
    return owner


FOUND: dict[str, tuple[dict[str, Any], list[str]]] = {
    "everything": ({}, ["Garden room", "Sunny Studio", "Thika hall", "Éclat"]),
    "a word of the name": ({"q": "studio"}, ["Sunny Studio"]),
    "a part of a word": ({"q": "STUD"}, ["Sunny Studio"]),
    "names before descriptions": ({"q": "garden"}, ["Garden room", "Sunny Studio"]),
    "two words, of name and city": ({"q": "room  mombasa"}, ["Garden room"]),
    "all words must match": ({"q": "studio mombasa"}, []),
    "accents do not count": ({"q": "eclat ZURICH"}, ["Éclat"]),
    "written with them": ({"q": "ÉCLAT"}, ["Éclat"]),
    "per cent": ({"q": "100%"}, ["Éclat"]),
    "no wildcards": ({"q": "p%n"}, []),
    "nor these": ({"q": "plain_"}, ["Éclat"]),
    "nothing but spaces": ({"q": "  "}, ["Garden room", "Sunny Studio", "Thika hall", "Éclat"]),
    "a city": ({"city": "thika"}, ["Thika hall"]),
    "a city with an accent": ({"city": "Zurich"}, ["Éclat"]),
    "a country": ({"country": "CH"}, ["Éclat"]),
    "a country without any": ({"country": "FR"}, []),
    "people": ({"capacity_min": 12}, ["Garden room", "Éclat"]),
    "a price at least": ({"price_min": 300, "price_max": 900}, ["Garden room", "Éclat"]),
    "at most": ({"price_max": 100}, ["Sunny Studio"]),
    "nothing costs so": ({"price_min": 901, "price_max": 900}, []),
    "an amenity": ({"amenity": "WIFI"}, ["Garden room", "Sunny Studio"]),
    "two amenities": ({"amenity": ["wifi", "lights"]}, ["Sunny Studio"]),
    "an amenity in quotes": ({"amenity": '"wifi"'}, []),
    "near": ({"near": "-1.2921,36.8219", "radius_km": "50"}, ["Sunny Studio", "Thika hall"]),
    "nearer": ({"near": "-1.2921,36.8219"}, ["Sunny Studio"]),
    "nearest first": ({"near": "-1.03,37.06", "radius_km": "500"}, ["Thika hall", "Sunny Studio", "Garden room"]),
    "cheapest first": ({"sort": "price", "country": "KE"}, ["Sunny Studio", "Garden room", "Thika hall"]),
    "dearest first": ({"sort": "-price", "price_max": 900}, ["Éclat", "Garden room", "Sunny Studio"]),
    "farthest first": (
        {"sort": "-distance", "near": "-1.03,37.06", "radius_km": "500"},
        ["Garden room", "Sunny Studio", "Thika hall"],
    ),
    "everything at once": (
        {
            "q": "garden",
            "city": "Nairobi",
            "country": "KE",
            "status": "available",
            "capacity_min": 4,
            "price_min": 1,
            "price_max": 1000,
            "amenity": ["lights"],
            "near": "-1.3,36.8",
            "radius_km": 10,
        },
        ["Sunny Studio"],
    ),
}


@each_case("what", FOUND)
def test_what_is_found(api: Api, house: User, what: str) -> None:
    """The same on both databases, in this order; without a sort, what fits best first."""
    query, expected = FOUND[what]
    assert names(api, **query) == expected
    total = api.get(SPACES, query=query | {"include_total": "true"}).json["total"]
    assert total == len(expected)


def test_whose_they_are(api: Api, house: User) -> None:
    """An owner's."""
    assert names(api, owner_id=house.id) == ["Garden room", "Sunny Studio", "Éclat"]
    assert names(api, owner_id=2**40) == []


@pytest.mark.databases("postgresql")  # SQLite takes words literally
@pytest.mark.parametrize(
    ("q", "found"), [("studoi", ["Sunny Studio"]), ("nairobbi", ["Sunny Studio"]), ("gardn mombassa", ["Garden room"])]
)
def test_mistyped_words(api: Api, house: User, q: str, found: list[str]) -> None:
    """A letter too few, too many or wrong is forgiven, where the server has trigrams."""
    if not db.session.scalar(text("SELECT count(*) FROM pg_extension WHERE extname = 'pg_trgm'")):
        pytest.skip("this server has no trigrams")
    assert names(api, q=q) == found


@pytest.mark.parametrize("q", ["bar", "hall", "bar hall"])
def test_short_words_are_taken_literally(api: Api, app: Flask, q: str) -> None:
    """Else those that begin alike would be found too."""
    make_space(name="Banquet", description="In the basement; a halo of light.")
    make_space(name="Barn", city="Hallein")
    assert names(api, q=q) == ["Barn"]


@pytest.mark.databases("postgresql")
def test_what_stands_there_letter_by_letter_comes_first(api: Api, app: Flask) -> None:
    """However far behind, before what is only like it."""
    make_space(name="Gardan room")
    make_space(name="Loft", description=f"{'far ' * 1000} garden")
    assert names(api, q="garden") == ["Loft", "Gardan room"]
    assert names(api, q="garden", sort="-relevance") == ["Gardan room", "Loft"]


@pytest.mark.databases("postgresql")
def test_a_server_without_trigrams(api: Api, house: User) -> None:
    """Words are taken literally there, by the function that the migration puts in the place of the other one."""
    kept = db.session.scalar(text("SELECT pg_get_functiondef('space_has_word'::regproc)")) or ""
    plain = kept.replace("OR word <% words", "")
    try:
        with transaction():
            db.session.execute(text(plain))
        assert names(api, q="studio") == ["Sunny Studio"]
        assert names(api, q="studoi") == []
    finally:
        with transaction():
            db.session.execute(text(kept))


@pytest.mark.parametrize(
    ("place", "near"),
    [
        ((0.0, 179.9), "0,-179.9"),
        ((0.0, -179.9), "0,179.9"),
        ((89.95, 10.0), "89.95,-170"),
        ((-89.95, 10.0), "-89.9,-170"),
        ((90.0, 0.0), "89.9,120"),
        ((51.5, 0.05), "51.5,-0.05"),
    ],
)
def test_the_earth_is_round(api: Api, app: Flask, place: tuple[float, float], near: str) -> None:
    """Over the date line, the poles and the first meridian."""
    make_space(name="There", latitude=place[0], longitude=place[1])
    assert names(api, near=near) == ["There"]
    assert names(api, near=near, radius_km="500") == ["There"]
    assert names(api, near="0,90", radius_km="500") == []


@pytest.mark.parametrize(("radius", "found"), [("157.249", []), ("157.25", ["There"])])
def test_a_radius_is_meant_to_the_metre(api: Api, app: Flask, radius: str, found: list[str]) -> None:
    """One degree of both at the equator is 157.2494 km on the mean sphere."""
    make_space(name="There", latitude=1.0, longitude=1.0)
    assert names(api, near="0,0", radius_km=radius) == found


REFUSED: dict[str, tuple[dict[str, Any], list[str]]] = {
    "q over 200": ({"q": "x" * 201}, ["q"]),
    "eleven words": ({"q": "a b c d e f g h i j k"}, ["q"]),
    "NUL": ({"q": "a\0"}, ["q"]),
    "a country by name": ({"country": "Kenya"}, ["country"]),
    "a status": ({"status": "retired"}, ["status"]),
    "capacity": ({"capacity_min": "many"}, ["capacity_min"]),
    "price": ({"price_min": "-1"}, ["price_min"]),
    "owner": ({"owner_id": "0"}, ["owner_id"]),
    "one coordinate": ({"near": "1"}, ["near"]),
    "three": ({"near": "1,2,3"}, ["near"]),
    "words": ({"near": "here,there"}, ["near"]),
    "infinity": ({"near": "1e400,0"}, ["near"]),
    "beyond the pole": ({"near": "91,0"}, ["near"]),
    "a radius without near": ({"radius_km": "5"}, ["radius_km"]),
    "no radius": ({"near": "1,1", "radius_km": "0"}, ["radius_km"]),
    "half the Earth": ({"near": "1,1", "radius_km": "501"}, ["radius_km"]),
    "half of a time": ({"available_from": "2030-01-08T10:00:00Z"}, ["available_to"]),
    "the other half": ({"available_to": "2030-01-08T10:00:00Z"}, ["available_from"]),
    "backwards": (
        {"available_from": "2030-01-08T10:00:00Z", "available_to": "2030-01-08T10:00:00Z"},
        ["available_to"],
    ),
    "without an offset": (
        {"available_from": "2030-01-08T10:00:00", "available_to": "2030-01-08T11:00:00Z"},
        ["available_from"],
    ),
    "a total of what is free": (
        {
            "available_from": "2030-01-08T10:00:00Z",
            "available_to": "2030-01-08T11:00:00Z",
            "include_total": "true",
        },
        ["include_total"],
    ),
    "relevance of nothing": ({"sort": "relevance"}, ["sort"]),
    "relevance of spaces": ({"sort": "-relevance", "q": " "}, ["sort"]),
    "distance from nowhere": ({"sort": "distance"}, ["sort"]),
    "another sort": ({"sort": "capacity"}, ["sort"]),
    "a cursor of ours": ({"cursor": "abc"}, ["cursor"]),
    "pages": ({"page": "2"}, ["cursor", "page"]),
    "a limit": ({"limit": "101"}, ["limit"]),
}


@refused_by_shape
@each_case("what", REFUSED)
def test_what_is_refused_names_the_field(api: Api, house: User, what: str) -> None:
    """PG-01 and api.md §1: 422, never a guess."""
    query, named = REFUSED[what]
    assert wrong(api.get(SPACES, query=query)) == named


SORTS = ["name", "-name", "price", "-price", "created_at", "-created_at", "rating", "-rating"]
SORTS += ["relevance", "-relevance", "distance", "-distance"]


@pytest.mark.parametrize("sort", SORTS)
def test_pages_show_everything_once(api: Api, app: Flask, sort: str) -> None:
    """PG-01, PG-02: whatever the order, however alike they are, and while others come and go."""
    owner = make_user(Role.OWNER)
    for n in range(11):
        where = {"latitude": -1.3 + n % 3 / 100, "longitude": 36.8}
        make_space(owner, name=f"Loft {n % 4}", price_per_hour_amount=n % 3, **where)
    seen: list[int] = []
    query = {"q": "loft", "near": "-1.3,36.8", "sort": sort, "limit": 3}
    while True:
        page = api.get(SPACES, query=query).json
        seen += [space["id"] for space in page["items"]]
        if page["next_cursor"] is None:
            break
        make_space(owner, name="Loft", latitude=-1.3, longitude=36.8, active=False)
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 11


def test_a_cursor_belongs_to_its_order(api: Api, house: User) -> None:
    """Another sort refuses it."""
    cursor = api.get(SPACES, query={"sort": "price", "limit": 1}).json["next_cursor"]
    assert wrong(api.get(SPACES, query={"sort": "name", "cursor": cursor})) == ["cursor"]


def test_what_is_searched_follows_what_is_written(api: Api, app: Flask) -> None:
    """A new name and a new city are found at once, the old ones no more."""
    space = make_space(name="Attic", city="Nyeri")
    with transaction():
        found = db.session.get_one(type(space), space.id)
        found.name, found.city = "Cellar", "Embu"
    assert names(api, q="cellar", city="embu") == ["Cellar"]
    assert names(api, q="attic") == names(api, city="nyeri") == []


def test_a_city_that_folding_makes_longer(api: Api, app: Flask) -> None:
    """What is asked for is cut as the column is."""
    city = "ﷺ" * 20  # of eighteen letters each
    make_space(name="Attic", city=city)
    assert names(api, city=city) == ["Attic"]
