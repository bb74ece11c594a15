"""The shapes of spaces."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.images.schemas import ImageOut
from app.kit.money import LARGEST_AMOUNT
from app.models import SpaceStatus
from app.models.resource import LONGEST_CITY
from app.services.schemas import LONGEST_MINUTES, MOST_DAYS, DepositIn, DepositOut
from app.spaces.fields import Amenity, Degrees, Kilometres, Point
from app.spaces.matching import words_of
from app.users.fields import Country
from app.web.fields import (
    Choice,
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    MoneyIn,
    MoneyOut,
    Nested,
    QueryId,
    QueryWhole,
    Repeated,
    Search,
    Text,
    Whole,
    ZoneName,
)
from app.web.pagination import PageArgs, sort_by
from app.web.rating import RatingOut
from app.web.schemas import Schema

MOST_AMENITIES = 30
MOST_WORDS = 10
USUAL_KM, MOST_KM = 25, 500
MOST_PEOPLE = 100_000

ADDRESS = {"example": "12 Riverside Drive"}
PRICE = {"example": {"amount": 250_000}}


class SpaceChangesIn(Schema):
    """The fields of a space to change; what is left out stays."""

    name = Text(min=1, max=200)
    description = LongText(max=5000, metadata={"example": "A bright room that opens on the garden."})
    address = Text(min=1, max=500)
    city = Text(min=1, max=LONGEST_CITY)
    country = Country()
    latitude = Degrees("latitude", allow_none=True, metadata={"example": -1.2921})
    longitude = Degrees("longitude", allow_none=True, metadata={"example": 36.8219})
    timezone = ZoneName(metadata={"description": "Left out at first: that of the coordinates, else of the country."})
    capacity = Whole(min=1, max=MOST_PEOPLE)
    amenities = ListOf(Amenity(metadata={"example": "wifi"}), max=MOST_AMENITIES)
    price_per_hour = MoneyIn(metadata=PRICE)
    min_minutes = Whole(min=1, max=LONGEST_MINUTES, metadata={"example": 60})
    max_minutes = Whole(min=1, max=LONGEST_MINUTES, metadata={"example": 480})
    instant_booking = Flag(metadata={"description": "False: each booking waits for your approval."})
    deposit = Nested(DepositIn)
    min_notice_minutes = Whole(max=LONGEST_MINUTES, metadata={"example": 120})
    max_advance_days = Whole(min=1, max=MOST_DAYS, metadata={"example": 365})
    cancellation_window_minutes = Whole(max=LONGEST_MINUTES, metadata={"example": 1440})
    status = Choice(SpaceStatus)
    owner_id = Id(metadata={"description": "Whose it is: for admins to say; what owners add is their own."})

    @post_load
    def name_each_amenity_once(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Keep their order."""
        return data | {"amenities": list(dict.fromkeys(data["amenities"]))} if "amenities" in data else data


class SpaceIn(SpaceChangesIn):
    """A new space; it is let once it has hours."""

    name = Text(required=True, min=1, max=200, metadata={"example": "Garden room"})
    address = Text(required=True, min=1, max=500, metadata=ADDRESS)
    city = Text(required=True, min=1, max=LONGEST_CITY, metadata={"example": "Nairobi"})
    country = Country(required=True)
    capacity = Whole(required=True, min=1, max=MOST_PEOPLE, metadata={"example": 20})
    price_per_hour = MoneyIn(required=True, metadata=PRICE)
    min_minutes = Whole(min=1, max=LONGEST_MINUTES, load_default=60)
    max_minutes = Whole(min=1, max=LONGEST_MINUTES, load_default=1440)


class SpaceOut(Schema):
    """A space as everybody sees it."""

    id = Id(required=True)
    owner_id = Id(required=True)
    name = Text(required=True, metadata={"example": "Garden room"})
    description = Text(required=True, metadata={"example": "A bright room that opens on the garden."})
    address = Text(required=True, metadata=ADDRESS)
    city = Text(required=True, metadata={"example": "Nairobi"})
    country = Text(required=True, metadata={"example": "KE"})
    latitude = Degrees("latitude", required=True, allow_none=True, metadata={"example": -1.2921})
    longitude = Degrees("longitude", required=True, allow_none=True, metadata={"example": 36.8219})
    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    capacity = Whole(required=True, metadata={"example": 20})
    amenities = ListOf(Text(metadata={"example": "wifi"}), required=True)
    price_per_hour = MoneyOut(required=True, metadata={"example": {"amount": 250_000, "currency": "KES"}})
    min_minutes = Whole(required=True, metadata={"example": 60})
    max_minutes = Whole(required=True, metadata={"example": 480})
    instant_booking = Flag(required=True)
    deposit = Nested(DepositOut, required=True)
    min_notice_minutes = Whole(required=True, metadata={"example": 120})
    max_advance_days = Whole(required=True, metadata={"example": 365})
    cancellation_window_minutes = Whole(required=True, metadata={"example": 1440})
    status = Choice(SpaceStatus, required=True)
    images = ListOf(Nested(ImageOut), required=True)
    rating = Nested(RatingOut, required=True)
    version = Whole(required=True)
    created_at = Instant(required=True)


class SpacesQuery(PageArgs):
    """Which spaces, and in which order: by relevance where words are looked for, else by distance, else by name.

    The first of `relevance` fits best, the first of `distance` is nearest; the other sorts begin with the least.
    """

    sort = sort_by("name", "price", "rating", "created_at", "relevance", "distance", default=None)
    q = Search(load_default=None, metadata={"description": "Words in name, city or description; all must match."})
    city = Text(min=1, max=LONGEST_CITY, load_default=None)
    country = Country(load_default=None)
    status = Choice(SpaceStatus, load_default=None)
    capacity_min = QueryWhole(max=MOST_PEOPLE, load_default=None)
    price_min = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    price_max = QueryWhole(max=LARGEST_AMOUNT, load_default=None)
    amenities = Repeated(Amenity(), data_key="amenity", max=MOST_AMENITIES, load_default=())
    owner_id = QueryId(load_default=None)
    near = Point(load_default=None, metadata={"description": "Latitude and longitude.", "example": "-1.2921,36.8219"})
    radius_km = Kilometres(max=MOST_KM, load_default=None, metadata={"description": "Around `near`; 25 if left out."})
    available_from = Instant(load_default=None, metadata={"description": "Free, and let, from here …"})
    available_to = Instant(load_default=None, metadata={"description": "… to here, as a booking would ask for it."})

    @validates_schema(skip_on_field_errors=True)
    def belongs_together(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse halves, and orders by what nobody asks for."""
        begin, end = data["available_from"], data["available_to"]
        order = (data["sort"] or "").removeprefix("-")
        wrong = {
            "q": ("At most 10 words.", len(words_of(data["q"] or "")) > MOST_WORDS),
            "radius_km": ("Needs near.", data["radius_km"] is not None and data["near"] is None),
            "available_from": ("Goes with available_to.", end is not None and begin is None),
            "available_to": ("Goes with available_from.", begin is not None and end is None),
            "include_total": ("Not with available_from.", data["include_total"] and begin is not None),
            "sort": (f"{order.capitalize()} needs {'q' if order == 'relevance' else 'near'}.", _lacks(data, order)),
        }
        if begin is not None and end is not None and end <= begin:
            wrong["available_to"] = ("Must be after available_from.", True)
        found = {name: [said] for name, (said, is_wrong) in wrong.items() if is_wrong}
        if found:
            raise ValidationError(found)


def _lacks(data: dict[str, Any], order: str) -> bool:
    """Say whether an order is asked for that has nothing to go by."""
    return (order == "relevance" and not words_of(data["q"] or "")) or (order == "distance" and data["near"] is None)
