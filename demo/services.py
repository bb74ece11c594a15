"""What the demo business offers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """A service; `price` in minor units, `minutes` of work, `buffer` minutes of cleaning up after it."""

    category: str
    name: str
    description: str
    minutes: int
    price: int
    buffer: int = 0
    approval: bool = False
    deposit_percent: int = 0


SERVICES = (
    Offer("Hair", "Haircut", "Wash, cut and finish.", 45, 150_000, buffer=15),
    Offer("Hair", "Men's cut", "Clipper or scissor cut.", 30, 90_000),
    Offer("Hair", "Colour", "Full colour with consultation.", 120, 480_000, buffer=15, deposit_percent=20),
    Offer("Hair", "Braids", "Knotless braids, hair included.", 240, 650_000, buffer=15, approval=True),
    Offer("Nails", "Manicure", "Shape, cuticles, polish.", 45, 120_000),
    Offer("Nails", "Pedicure", "Soak, scrub, polish.", 60, 160_000, buffer=15),
    Offer("Nails", "Gel set", "Gel extensions that last four weeks.", 90, 280_000),
    Offer("Spa", "Swedish massage", "Relaxing full-body massage.", 60, 350_000, buffer=15),
    Offer("Spa", "Deep tissue massage", "Firm pressure where it hurts.", 90, 480_000, buffer=15),
    Offer("Spa", "Facial", "Cleansing facial with mask.", 60, 300_000),
)
