"""What the demo business sells, and what its services use up."""

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Good:
    """A product: price and cost in minor units, how many there are at first, and when it is reordered."""

    sku: str
    category: str
    name: str
    price: int
    cost: int
    on_hand: int
    reorder_level: int
    colour: Colour
    description: str = ""


AMBER, SAND, SAGE, ROSE, PLUM, SLATE = (
    (196, 142, 72),
    (219, 203, 171),
    (158, 178, 148),
    (226, 170, 178),
    (132, 92, 128),
    (104, 116, 128),
)
HAIR, STYLING, NAILS, BODY, SALON = "Hair care", "Styling", "Nails", "Body and bath", "Salon supplies"

# fmt: off
GOODS = (
    Good("SHAMPOO-ARGAN-250", HAIR, "Argan shampoo, 250 ml", 120_000, 68_000, 40, 8, AMBER, "For coloured hair."),
    Good("CONDITIONER-ARGAN-250", HAIR, "Argan conditioner, 250 ml", 130_000, 72_000, 36, 8, AMBER),
    Good("SHAMPOO-DAILY-500", HAIR, "Daily shampoo, 500 ml", 95_000, 48_000, 50, 10, SAGE, "Mild, without sulphates."),
    Good("MASK-SHEA-200", HAIR, "Shea hair mask, 200 ml", 165_000, 90_000, 24, 6, SAND, "Ten minutes, once a week."),
    Good("OIL-ARGAN-50", HAIR, "Argan oil, 50 ml", 210_000, 120_000, 18, 5, AMBER),
    Good("SCALP-SERUM-30", HAIR, "Scalp serum, 30 ml", 240_000, 138_000, 12, 4, SAGE),
    Good("CURL-CREAM-250", STYLING, "Curl cream, 250 ml", 140_000, 76_000, 30, 8, PLUM, "Holds, and stays soft."),
    Good("EDGE-CONTROL-100", STYLING, "Edge control, 100 g", 85_000, 41_000, 44, 10, SLATE),
    Good("POMADE-100", STYLING, "Matt pomade, 100 g", 98_000, 50_000, 26, 6, SLATE),
    Good("HEAT-SPRAY-200", STYLING, "Heat protection spray, 200 ml", 125_000, 66_000, 22, 6, ROSE),
    Good("BRUSH-PADDLE", STYLING, "Paddle brush", 150_000, 70_000, 15, 4, SLATE),
    Good("COMB-WIDE", STYLING, "Wide-tooth comb", 35_000, 12_000, 60, 12, SAND),
    Good("BONNET-SATIN", STYLING, "Satin bonnet", 60_000, 24_000, 32, 8, PLUM),
    Good("POLISH-ROSE-15", NAILS, "Nail polish, rose, 15 ml", 45_000, 18_000, 40, 10, ROSE),
    Good("POLISH-PLUM-15", NAILS, "Nail polish, plum, 15 ml", 45_000, 18_000, 9, 10, PLUM),
    Good("CUTICLE-OIL-15", NAILS, "Cuticle oil, 15 ml", 55_000, 22_000, 28, 8, AMBER),
    Good("FILE-SET", NAILS, "Nail files, set of five", 30_000, 9_000, 70, 15, SAND),
    Good("BODY-BUTTER-200", BODY, "Shea body butter, 200 ml", 135_000, 70_000, 33, 8, SAND),
    Good("SCRUB-COFFEE-250", BODY, "Coffee scrub, 250 g", 110_000, 52_000, 25, 6, AMBER, "Coffee and cane sugar."),
    Good("MASSAGE-OIL-500", BODY, "Massage oil, 500 ml", 190_000, 96_000, 20, 5, SAGE),
    Good("CANDLE-LAVENDER", BODY, "Lavender candle", 115_000, 50_000, 3, 5, PLUM),
    Good("SHAMPOO-SALON-5L", SALON, "Salon shampoo, portion of 20 ml", 2_500, 900, 400, 60, SAGE),
    Good("COLOUR-TUBE-60", SALON, "Colour cream, tube of 60 ml", 65_000, 38_000, 48, 12, PLUM),
    Good("TOWEL-ONCE", SALON, "Towel, used once", 6_000, 2_200, 500, 80, SLATE),
    Good("GEL-BASE-ML", SALON, "Gel base, millilitre", 4_000, 1_500, 250, 40, ROSE),
)
# fmt: on

USES = {
    "Haircut": (("SHAMPOO-SALON-5L", 1), ("TOWEL-ONCE", 1)),
    "Colour": (("SHAMPOO-SALON-5L", 2), ("COLOUR-TUBE-60", 2), ("TOWEL-ONCE", 2)),
    "Pedicure": (("TOWEL-ONCE", 2),),
    "Gel set": (("GEL-BASE-ML", 8), ("TOWEL-ONCE", 1)),
    "Swedish massage": (("MASSAGE-OIL-500", 1), ("TOWEL-ONCE", 2)),
}
"""What a service uses each time, by its name: SKUs and units."""

PACKAGE = ("PACK-HAIRCUT-5", "Five haircuts", "Haircut", 5, 365, 675_000)
"""SKU, name, service, visits, days, price: five for the price of four and a half."""

CARDS = (("GIFT-2000", "Gift card 2,000", 200_000), ("GIFT-5000", "Gift card 5,000", 500_000))
"""SKU, name, and what each costs and is worth."""

CARD_DAYS = 730
