"""Who works at, and who visits, the demo business."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Member:
    """A staff member: `hours` are (weekday, opens, closes) in whole hours of the wall clock."""

    name: str
    bio: str
    categories: tuple[str, ...]
    hours: tuple[tuple[int, int, int], ...]


def _weekly(days: range, *shifts: tuple[int, int]) -> tuple[tuple[int, int, int], ...]:
    return tuple((day, opens, closes) for day in days for opens, closes in shifts)


STAFF = (
    Member("Amina Hassan", "Colourist with twelve years of practice.", ("Hair",), _weekly(range(5), (9, 17))),
    Member("Brian Mwangi", "Barber; fades and beards.", ("Hair",), _weekly(range(1, 6), (10, 19))),
    Member("Chebet Rono", "Braids and natural hair.", ("Hair",), _weekly(range(7), (8, 13), (14, 18))),
    Member("Diana Achieng", "Nail artist.", ("Nails",), _weekly(range(6), (9, 18))),
    Member("Esther Njeri", "Massage therapist.", ("Spa",), _weekly(range(2, 7), (11, 20))),
    Member("Faith Mutua", "Facials and nails.", ("Spa", "Nails"), _weekly(range(5), (12, 20))),
)

# fmt: off
CLIENTS = (
    "Grace Wambui", "Hassan Ali", "Irene Moraa", "James Kiprop", "Khadija Omar", "Linet Atieno", "Moses Kariuki",
    "Naomi Chepkoech", "Oscar Onyango", "Purity Wairimu", "Quincy Barasa", "Rehema Juma", "Samuel Mutiso",
    "Tabitha Nyambura", "Umar Abdi", "Violet Adhiambo", "Wycliffe Simiyu", "Yvonne Gathoni", "Zachary Kimani",
    "Agnes Muthoni",
)
# fmt: on
