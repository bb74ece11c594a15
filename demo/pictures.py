"""Pictures of rooms and goods that do not exist, drawn: walls with windows, bottles, and what stands on a floor."""

from io import BytesIO
from random import Random

from PIL import Image, ImageDraw

SIZE = 1200, 900
PACK_SIZE = 600, 600
HORIZON = 560
"""Where the floor begins."""

SKY, FRAME, WOOD = (176, 214, 240), (250, 250, 248), (166, 124, 86)
QUALITY = 88

Colour = tuple[int, int, int]


def room(colour: Colour, seed: int) -> bytes:
    """Return a JPEG of a room with walls of a colour; the same for the same seed."""
    chance = Random(seed)  # noqa: S311  # nosec B311  # a drawing, and the same each time
    picture = Image.new("RGB", SIZE, colour)
    pen = ImageDraw.Draw(picture)
    _floor(pen, colour)
    for n in range(chance.randint(2, 4)):
        _window(pen, 110 + n * 270, chance.randint(90, 140))
    for _ in range(chance.randint(3, 6)):
        _chair(
            pen, chance.randint(60, 1000), chance.randint(HORIZON - 40, 760), _shade(colour, chance.uniform(0.4, 0.7))
        )
    _table(pen, chance.randint(280, 560))
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def pack(colour: Colour, seed: int) -> bytes:
    """Return a JPEG of a bottle or a tub of a colour on a pale table; the same for the same seed."""
    chance = Random(seed)  # noqa: S311  # nosec B311  # a drawing, and the same each time
    picture = Image.new("RGB", PACK_SIZE, (246, 243, 238))
    pen = ImageDraw.Draw(picture)
    wide, top = chance.randint(120, 230), chance.randint(150, 330)
    left, right = 300 - wide // 2, 300 + wide // 2
    pen.rectangle((0, 500, *PACK_SIZE), fill=(232, 226, 216))
    pen.rounded_rectangle((left, top, right, 540), radius=26, fill=colour)
    pen.rounded_rectangle((300 - wide // 4, top - 70, 300 + wide // 4, top - 4), radius=10, fill=_shade(colour, 0.55))
    pen.rectangle((left + 14, top + 60, right - 14, top + 160), fill=FRAME)
    for line in range(3):
        pen.rectangle((left + 30, top + 80 + 24 * line, right - 30 - 18 * line, top + 88 + 24 * line), fill=colour)
    file = BytesIO()
    picture.save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _floor(pen: ImageDraw.ImageDraw, colour: Colour) -> None:
    pen.rectangle((0, HORIZON, *SIZE), fill=_shade(WOOD, 0.95))
    for x in range(-400, SIZE[0] + 400, 90):
        pen.line((x, SIZE[1], 600 + (x - 600) // 3, HORIZON), fill=_shade(WOOD, 0.8), width=3)
    pen.rectangle((0, HORIZON - 14, SIZE[0], HORIZON), fill=_shade(colour, 0.85))


def _window(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    pen.rectangle((x, y, x + 180, y + 300), fill=FRAME)
    pen.rectangle((x + 12, y + 12, x + 168, y + 288), fill=SKY)
    pen.ellipse((x + 20, y + 200, x + 160, y + 340), fill=(120, 164, 104))
    pen.rectangle((x, y + 286, x + 180, y + 345), fill=FRAME)
    pen.line((x + 90, y, x + 90, y + 290), fill=FRAME, width=8)


def _table(pen: ImageDraw.ImageDraw, x: int) -> None:
    for leg in (x + 30, x + 350):
        pen.rectangle((leg, 660, leg + 22, 830), fill=_shade(WOOD, 0.5))
    pen.rounded_rectangle((x, 630, x + 400, 668), radius=12, fill=_shade(WOOD, 0.7))


def _chair(pen: ImageDraw.ImageDraw, x: int, y: int, colour: Colour) -> None:
    pen.rounded_rectangle((x, y - 110, x + 90, y), radius=14, fill=colour)
    pen.rectangle((x, y, x + 90, y + 22), fill=_shade(colour, 0.8))
    for leg in (x + 6, x + 74):
        pen.rectangle((leg, y + 22, leg + 10, y + 90), fill=_shade(colour, 0.5))


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(255, int(part * factor)) for part in colour)
    return red, green, blue
