"""What the demo business's owners let."""

from dataclasses import dataclass, field

Hours = tuple[int, int]
"""Opens and closes, in whole hours of the wall clock."""

OWNERS = {
    "owner@parlour.example": "Otieno Were",
    "owner2@parlour.example": "Zuhura Salim",
    "owner3@parlour.example": "Kip Chelimo",
    "owner4@parlour.example": "Njoki Gitau",
}


@dataclass(frozen=True, slots=True)
class Let:
    """A space; `price` of an hour in minor units; `colour` is that of its walls in the pictures."""

    owner: str
    name: str
    description: str
    address: str
    city: str
    place: tuple[float, float]
    capacity: int
    price: int
    amenities: tuple[str, ...]
    colour: tuple[int, int, int]
    hours: dict[range, Hours] = field(default_factory=lambda: {range(7): (8, 22)})
    approval: bool = False
    deposit_percent: int = 0
    least_minutes: int = 60


FIRST, SECOND, THIRD, FOURTH = OWNERS
WORKDAYS, WEEKEND = range(5), range(5, 7)

LETS = (
    Let(
        FIRST,
        "Garden room",
        "A bright room that opens on the garden.",
        "12 Riverside Drive",
        "Nairobi",
        (-1.2699, 36.7958),
        20,
        250_000,
        ("wifi", "projector", "garden"),
        (205, 214, 186),
    ),
    Let(
        FIRST,
        "Photo studio",
        "White cove, backdrops and daylight lamps.",
        "3 Ngong Road",
        "Nairobi",
        (-1.3001, 36.7853),
        8,
        180_000,
        ("wifi", "lights"),
        (232, 230, 226),
    ),
    Let(
        FIRST,
        "Riverside terrace",
        "Under fig trees, for feasts of up to sixty.",
        "12 Riverside Drive",
        "Nairobi",
        (-1.2697, 36.7961),
        60,
        600_000,
        ("garden", "sound", "parking"),
        (182, 205, 196),
        approval=True,
        deposit_percent=30,
        least_minutes=180,
    ),
    Let(
        SECOND,
        "Harbour hall",
        "A coral-stone hall by the old harbour, for weddings and concerts.",
        "Ndia Kuu Road",
        "Mombasa",
        (-4.0617, 39.6795),
        180,
        1_200_000,
        ("sound", "stage", "kitchen", "parking"),
        (219, 199, 168),
        hours={range(7): (10, 2)},
        approval=True,
        deposit_percent=25,
        least_minutes=240,
    ),
    Let(
        SECOND,
        "Baobab meeting room",
        "A cool, quiet room for twelve around one table.",
        "Nyali Road",
        "Mombasa",
        (-4.0389, 39.7044),
        12,
        160_000,
        ("wifi", "projector", "coffee"),
        (226, 210, 190),
        hours={WORKDAYS: (8, 18)},
    ),
    Let(
        SECOND,
        "Dhow deck",
        "An open deck above the creek: yoga at dawn, parties at dusk.",
        "Tudor Creek",
        "Mombasa",
        (-4.0421, 39.6712),
        40,
        350_000,
        ("sound", "garden"),
        (190, 212, 222),
        hours={range(7): (6, 23)},
    ),
    Let(
        THIRD,
        "Track-side gym",
        "A training hall at altitude, with a view of the track.",
        "Kaptagat Road",
        "Eldoret",
        (0.5143, 35.2698),
        30,
        140_000,
        ("showers", "lockers", "parking"),
        (208, 196, 212),
        hours={range(7): (5, 21)},
    ),
    Let(
        THIRD,
        "Highland boardroom",
        "Fourteen chairs, one large screen, and mountain tea.",
        "Uganda Road",
        "Eldoret",
        (0.5204, 35.2730),
        14,
        150_000,
        ("wifi", "projector", "coffee"),
        (200, 206, 214),
        hours={WORKDAYS: (7, 19)},
    ),
    Let(
        THIRD,
        "Tea warehouse",
        "Brick, beams and a loading door: a blank hall for whatever you bring.",
        "Kenyatta Avenue",
        "Nakuru",
        (-0.2833, 36.0667),
        120,
        500_000,
        ("parking", "kitchen", "stage"),
        (213, 183, 166),
        approval=True,
        least_minutes=120,
    ),
    Let(
        FOURTH,
        "Podcast booth",
        "Two microphones, no echo.",
        "Kimathi Street",
        "Nairobi",
        (-1.2841, 36.8233),
        3,
        90_000,
        ("wifi", "sound", "lights"),
        (196, 188, 204),
        hours={range(7): (0, 24)},
        least_minutes=30,
    ),
    Let(
        FOURTH,
        "Rooftop studio",
        "Dance floor, mirrors, and the city at your feet.",
        "Moi Avenue",
        "Nairobi",
        (-1.2855, 36.8251),
        25,
        220_000,
        ("mirrors", "sound", "showers"),
        (224, 200, 196),
        hours={WORKDAYS: (6, 22), WEEKEND: (8, 20)},
    ),
    Let(
        FOURTH,
        "Kitchen lab",
        "Six stoves and a long table, for cooking classes.",
        "Thika Road",
        "Thika",
        (-1.0396, 37.0900),
        16,
        280_000,
        ("kitchen", "wifi", "parking"),
        (222, 216, 178),
        hours={range(7): (9, 21)},
        deposit_percent=20,
    ),
)
