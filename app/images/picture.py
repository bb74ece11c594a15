"""Files that people send, made into pictures that can be shown: judged by their content, and written anew.

Nothing of the file is kept but what can be seen. Every figure here is a bound on what a hostile file costs; measured
by `python -m bench.hostile_images`.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from PIL import ExifTags, Image, ImageCms

from app.images.errors import NotAPicture
from app.models.image import LARGEST_SIDE, MediaType

Transpose = Image.Transpose

LARGEST_PIXELS: Final = {
    "JPEG": (MediaType.JPEG, 40_000_000),
    "MPO": (MediaType.JPEG, 40_000_000),
    "PNG": (MediaType.PNG, 40_000_000),
    "WEBP": (MediaType.WEBP, 20_000_000),
}
"""What is read, what it becomes, and how many pixels it may have: by these one picture takes at most 350 MB for the
half second that it is being read. WebP's decoder holds each pixel three times.

MPO is how many phones write a JPEG that has another picture behind it, for depth or brightness; the first is shown.
"""

MOST_SCANS: Final = 64
"""A progressive JPEG is drawn over and over: usually ten times. Each costs a pass over all pixels and needs but 60
bytes, so that a small file could take minutes."""

SCAN: Final = b"\xff\xda"
"""JPEG's marker of a scan; among the data of one, the encoding keeps it from turning up."""

UPRIGHT: Final = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""What turns a picture upright, by the orientation that its EXIF tells; 1 is upright."""

WRITTEN: Final[dict[MediaType, dict[str, Any]]] = {
    MediaType.JPEG: {"format": "JPEG", "quality": 85, "progressive": True, "optimize": True},
    MediaType.PNG: {"format": "PNG", "optimize": True},
    MediaType.WEBP: {"format": "WEBP", "quality": 85, "method": 4},
}

SHADES: Final = 256
"""Of a channel of eight bits; some files have sixteen."""

_SRGB: Final = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))

# Past twice of this, decoders stop before they reserve anything.
Image.MAX_IMAGE_PIXELS = max(pixels for _, pixels in LARGEST_PIXELS.values())

# Pictures in one piece each. What is over 32 MB, the C library gives back to the system as soon as it is free; smaller
# pieces, of which Pillow makes pictures by itself, it would keep: some hundred megabytes for each thread.
Image.core.set_block_size(256 * 1024 * 1024)  # type: ignore[attr-defined]  # in Pillow's manual, not in its stubs


@dataclass(frozen=True, slots=True)
class Picture:
    """A file that is safe to show, at most 800 × 800, and what it is."""

    content: bytes = field(repr=False)
    media_type: MediaType
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """Return the picture that the content of a file shows. Raises `NotAPicture` for what is none, or costs too much."""
    if not content:
        raise NotAPicture.because("The file is empty.")
    opened = _surely(lambda: Image.open(BytesIO(content), formats=["JPEG", "PNG", "WEBP"]))
    media_type, most = LARGEST_PIXELS[opened.format or ""]
    _refuse_costly(opened, content, most)
    shown = _upright(_in_srgb(_surely(lambda: _made_small(opened))), _orientation(opened))
    if media_type is MediaType.JPEG and shown.mode not in {"L", "RGB"}:
        shown = shown.convert("RGB")
    return _written(shown, media_type)


def _surely(read: Callable[[], Image.Image]) -> Image.Image:
    """Return what `read` returns. Decoders stumble over broken files in more ways than they say: the file is at fault,
    whatever they raise."""
    try:
        return read()
    except MemoryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(Image.MAX_IMAGE_PIXELS or 0) from None
    except Exception as error:
        raise NotAPicture.because("Must be a JPEG, PNG or WebP file, whole and unbroken.") from error


def _refuse_costly(opened: Image.Image, content: bytes, most: int) -> None:
    """Judge a file by what it says of itself, before anything is decoded."""
    if opened.width * opened.height > most:
        raise _too_large(most)
    if opened.format != "MPO" and getattr(opened, "n_frames", 1) != 1:
        raise NotAPicture.because("Must not be animated.")
    if opened.format in {"JPEG", "MPO"} and content.count(SCAN) > MOST_SCANS:
        raise NotAPicture.because("Must not be drawn in so many passes.")


def _too_large(most: int) -> NotAPicture:
    return NotAPicture.because(f"Must not have more than {most // 1_000_000} million pixels.")


def _made_small(opened: Image.Image) -> Image.Image:
    """Decode, and make it fit. A JPEG is decoded no larger than it has to be; small pictures stay as they are."""
    opened.draft(None, (LARGEST_SIDE * 2, LARGEST_SIDE * 2))
    opened.load()  # a thumbnail of what is small already would not
    small = _with_channels(opened)
    small.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return small


def _with_channels(opened: Image.Image) -> Image.Image:
    """Return the picture in a mode that can be resized well: eight bits a channel, and no palette."""
    if "transparency" in opened.info:
        return opened.convert("RGBA")
    if opened.mode == "I;16":
        return opened.point(lambda shade: shade / SHADES).convert("L")
    plain = {"P": "RGB", "1": "L"}.get(opened.mode)
    return opened.convert(plain) if plain else opened


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Return the picture in the colours that all screens know, as far as its own profile can be read."""
    profile = picture.info.get("icc_profile")
    mode = "RGBA" if picture.mode in {"LA", "RGBA"} else "RGB"
    if profile:
        with suppress(ImageCms.PyCMSError, OSError, TypeError, ValueError):
            return ImageCms.profileToProfile(picture, BytesIO(profile), _SRGB, outputMode=mode) or picture
    return picture.convert(mode) if picture.mode == "CMYK" else picture


def _orientation(opened: Image.Image) -> int:
    """Return how the camera was held; a photograph whose notes are unreadable is shown as it lies."""
    with suppress(Exception):
        return int(opened.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    return picture.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else picture


def _written(picture: Image.Image, media_type: MediaType) -> Picture:
    picture.info.clear()  # comments, positions, profiles, copyright: encoders would take some of it along
    file = BytesIO()
    picture.save(file, **WRITTEN[media_type])
    return Picture(file.getvalue(), media_type, picture.width, picture.height)
