"""What becomes of files: pictures without anything else in them, or a refusal."""

import random
from collections.abc import Callable

import pytest
from PIL import Image, ImageCms

from app.images.errors import NotAPicture
from app.images.picture import read_picture
from app.models import MediaType
from tests.cases import each_case
from tests.images.files import (
    BOMBS,
    NO_PICTURES,
    SECRET,
    animation,
    big_webp,
    blank_png,
    chunk,
    decoded,
    drawn_over,
    encoded,
    flipped,
    is_upright,
    photograph,
    png,
    scene,
    two_pictures,
)

KINDS = {"JPEG": MediaType.JPEG, "PNG": MediaType.PNG, "WEBP": MediaType.WEBP}
MODES = [
    *((mode, "JPEG") for mode in ("L", "RGB", "CMYK", "YCbCr")),
    *((mode, "PNG") for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *((mode, "WEBP") for mode in ("RGB", "RGBA")),
]


@pytest.mark.parametrize(("mode", "kind"), MODES)
def test_every_kind_of_pixel(mode: str, kind: str) -> None:
    """Black and white, grey, palettes, print colours, sixteen bits: the picture is the same to the eye, and 8 bits."""
    picture = Image.new("I;16", (1200, 900), 51_400) if mode == "I;16" else scene().convert(mode)
    made = read_picture(encoded(picture, kind))
    shown = decoded(made.content)
    assert (made.width, made.height, made.media_type) == (800, 600, KINDS[kind])
    assert (shown.size, shown.format, shown.mode in {"L", "LA", "RGB", "RGBA"}) == ((800, 600), kind, True)
    if mode == "I;16":
        assert shown.getpixel((400, 300)) == 200
    elif mode not in {"1", "L", "LA"}:
        assert is_upright(shown)


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1, 1), (1, 1)),
        ((300, 200), (300, 200)),
        ((800, 800), (800, 800)),
        ((801, 800), (800, 799)),
        ((1600, 400), (800, 200)),
        ((400, 1600), (200, 800)),
        ((10_000, 3), (800, 1)),
    ],
)
def test_the_size(size: tuple[int, int], shown: tuple[int, int]) -> None:
    """The ratio stays, nothing is enlarged, and a side has a pixel at least."""
    made = read_picture(encoded(scene(*size), "PNG"))
    assert (made.width, made.height) == decoded(made.content).size == shown


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph(orientation: int) -> None:
    """FU-05: upright whichever way the camera was held, and rid of place, owner, thumbnail, profile and comment."""
    taken = photograph(orientation)
    assert SECRET.encode() in taken
    made = read_picture(taken)
    assert is_upright(decoded(made.content))
    for trace in (SECRET.encode(), b"Exif", b"xmpmeta", b"ICC_PROFILE", b"\xff\xfe"):
        assert trace not in made.content.partition(b"\xff\xda")[0]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_files_lose_their_notes_too(kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x013B] = 6, SECRET
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = scene().transpose(Image.Transpose.ROTATE_90)
    made = read_picture(encoded(turned, kind, exif=exif, icc_profile=profile, xmp=SECRET.encode()))
    assert is_upright(decoded(made.content))
    for trace in (SECRET.encode(), b"eXIf", b"EXIF", b"iCCP", b"ICCP", b"XMP", b"tEXt", b"iTXt"):
        assert trace not in made.content


def test_unreadable_notes_do_no_harm() -> None:
    """The camera's notes are broken, the picture is not."""
    broken = png(1, 1, b"", before=b"")
    picture = encoded(scene(30, 20), "PNG")
    start = len(broken.partition(b"IDAT")[0]) - 4
    for notes in (
        chunk(b"eXIf", b"II*\0\xff\xff\xff\xff"),
        chunk(b"eXIf", b"Exif"),
        chunk(b"iCCP", b"name\0\0rubbish"),
    ):
        made = read_picture(picture[:start] + notes + picture[start:])
        assert (made.width, made.height) == (30, 20)


def test_colours_are_those_of_screens() -> None:
    """What a file's own profile calls red is shown red; a profile that is of no use is not used."""
    srgb, lab = (ImageCms.ImageCmsProfile(ImageCms.createProfile(name)).tobytes() for name in ("sRGB", "LAB"))
    swapped = srgb.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    green, red = Image.new("RGB", (60, 40), (0, 250, 0)), Image.new("RGB", (60, 40), (250, 0, 0))
    shown = decoded(read_picture(encoded(green, "PNG", icc_profile=swapped)).content)
    assert shown.getpixel((5, 5)) == pytest.approx(red.getpixel((5, 5)), abs=3)
    plain = read_picture(encoded(green, "PNG"))
    for useless in (lab, b"rubbish", swapped[:200]):
        assert read_picture(encoded(green, "PNG", icc_profile=useless)).content == plain.content


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_what_is_transparent_stays_so(kind: str) -> None:
    glass = Image.new("RGBA", (1000, 1000), (200, 10, 10, 0))
    assert decoded(read_picture(encoded(glass, kind)).content).getpixel((10, 10))[3] == 0  # type: ignore[index]


def test_a_palette_with_a_transparent_colour() -> None:
    picture = Image.new("P", (1000, 1000), 1)
    picture.putpalette([0, 0, 0, 200, 10, 10])
    shown = decoded(read_picture(encoded(picture, "PNG", transparency=1)).content)
    assert (shown.mode, shown.getpixel((10, 10))[3]) == ("RGBA", 0)  # type: ignore[index]


def test_a_phones_picture_with_another_one_behind() -> None:
    """The first is the photograph."""
    made = read_picture(two_pictures())
    assert (made.media_type, made.width, made.height) == (MediaType.JPEG, 800, 600)
    assert is_upright(decoded(made.content))


@each_case("name", NO_PICTURES)
def test_what_is_no_picture(name: str) -> None:
    """Whatever it is called: its content says what it is."""
    with pytest.raises(NotAPicture) as refused:
        read_picture(NO_PICTURES[name]())
    assert refused.value.errors.keys() == {"image"}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb(name: str) -> None:
    """FU-01, FU-02: refused by what the file says of itself."""
    with pytest.raises(NotAPicture):
        read_picture(BOMBS[name]())


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: blank_png(19_000, 19_000), "40 million"),
        (lambda: blank_png(7_000, 5_715), "40 million"),
        (lambda: big_webp(5_000, 4_001), "20 million"),
        (lambda: drawn_over(70), "passes"),
        (lambda: animation("WEBP"), "animated"),
        (lambda: b"", "empty"),
        (lambda: b"GIF89a", "JPEG, PNG or WebP"),
    ],
)
def test_the_reason_is_told(make: Callable[[], bytes], reason: str) -> None:
    with pytest.raises(NotAPicture) as refused:
        read_picture(make())
    assert reason in refused.value.errors["image"][0]


@pytest.mark.parametrize(
    "make", [lambda: blank_png(7_000, 5_714), lambda: drawn_over(40), lambda: big_webp(5_000, 4_000)]
)
def test_what_is_just_small_enough(make: Callable[[], bytes]) -> None:
    assert max(decoded(read_picture(make()).content).size) == 800


@pytest.mark.parametrize("kind", KINDS)
def test_broken_files(kind: str) -> None:
    """FU-09: cut anywhere, or with any bytes turned round: a picture or a refusal, and nothing else."""
    dice = random.Random(kind)  # noqa: S311  # the same every time
    whole = encoded(scene(300, 200), kind)
    cut = [whole[: dice.randrange(len(whole))] for _ in range(200)]
    turned = [flipped(whole, iter(dice.randrange(2**16) for _ in range(3))) for _ in range(200)]
    read = 0
    for content in cut + turned:
        try:
            made = read_picture(content)
        except NotAPicture:
            continue
        read += 1
        assert max(decoded(made.content).size) <= 800
    assert read < 300
