"""Files of pictures, good ones and hostile ones, made when they are asked for."""

import struct
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageCms, PngImagePlugin

SECRET = "51.5074N 0.1278W, taken by Xanthippe"
"""What stands in the notes of a photograph, and nowhere in what is shown."""

PNG_START = b"\x89PNG\r\n\x1a\n"


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return the file of a picture."""
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def decoded(content: bytes) -> Image.Image:
    """Return what a file shows."""
    picture = Image.open(BytesIO(content))
    picture.load()
    return picture


def scene(width: int = 1200, height: int = 900, mode: str = "RGB") -> Image.Image:
    """Return a picture whose upper left quarter is red, on blue; so that one sees which side is up."""
    picture = Image.new("RGB", (width, height), (20, 40, 200))
    picture.paste((220, 30, 30), (0, 0, width // 2, height // 2))
    return picture.convert(mode)


def is_upright(picture: Image.Image) -> bool:
    """Say whether the red quarter of a `scene` is the upper left one, and alone is."""
    shown = picture.convert("RGB")
    corners = [(0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9)]
    pixels = [shown.getpixel((int(x * shown.width), int(y * shown.height))) for x, y in corners]
    red, *others = [isinstance(pixel, tuple) and pixel[0] > pixel[2] for pixel in pixels]
    return red and not any(others)


def photograph(orientation: int = 1) -> bytes:
    """Return a JPEG with the notes of a camera: place, owner, XMP, profile, comment; it was held as `orientation`."""
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    picture = scene() if turned is None else scene().transpose(turned)
    exif = Image.Exif()
    exif[0x0112], exif[0x013B], exif[0x8298] = orientation, SECRET, SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{SECRET}</x:xmpmeta>".encode()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return encoded(picture, exif=exif, xmp=xmp, comment=SECRET.encode(), icc_profile=profile, quality=90)


def chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes = b"", *, depth: int = 8, colours: int = 2, before: bytes = b"") -> bytes:
    """Return a PNG that says it has this size, with these compressed pixels, and chunks `before` them."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))
    return PNG_START + head + before + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def blank_png(width: int, height: int) -> bytes:
    """Return a whole PNG of one bit a pixel, all black: of any size, and small."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    return png(width, height, data, depth=1, colours=0)


def animation(kind: str) -> bytes:
    """Return a picture that moves."""
    frames = [Image.new("RGB", (60, 40), (40 * n, 0, 0)) for n in range(3)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100)


def two_pictures() -> bytes:
    """Return what some phones write: a JPEG, and another one behind it."""
    return encoded(scene(), "MPO", save_all=True, append_images=[scene(300, 200)])


def drawn_over(passes: int, width: int = 2000, height: int = 1500) -> bytes:
    """Return a progressive JPEG whose shortest pass is repeated: 60 bytes make a decoder go over all pixels again."""
    start, *scans = encoded(Image.new("L", (width, height), 128), progressive=True).split(b"\xff\xda")
    shortest = min(scans, key=len)
    return b"\xff\xda".join([start, *scans[:-1], *[shortest] * passes, scans[-1]])


def big_webp(width: int, height: int) -> bytes:
    """Return a WebP of one colour: forty bytes."""
    return encoded(Image.new("L", (width, height)).convert("RGB"), "WEBP", lossless=True, method=0)


def noted_png(notes: int, size: int) -> bytes:
    """Return a small PNG with so many compressed notes of a size."""
    info = PngImagePlugin.PngInfo()
    for number in range(notes):
        info.add_text(f"Note {number}", "x" * size, zip=True)
    return encoded(scene(60, 40), "PNG", pnginfo=info)


def flipped(content: bytes, places: Iterator[int]) -> bytes:
    """Return the content with the bytes at some places turned round."""
    broken = bytearray(content)
    for place in places:
        broken[place % len(broken)] ^= 0xFF
    return bytes(broken)


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><html><body><script>alert(document.cookie)</script></body></html>"

NO_PICTURES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "SVG": lambda: SVG,
    "HTML": lambda: HTML,
    "text": lambda: b"hello",
    "PDF": lambda: encoded(scene(60, 40), "PDF"),
    "GIF": lambda: encoded(scene(60, 40), "GIF"),
    "BMP": lambda: encoded(scene(60, 40), "BMP"),
    "TIFF": lambda: encoded(scene(60, 40), "TIFF"),
    "ICO": lambda: encoded(scene(64, 64), "ICO"),
    "PPM": lambda: encoded(scene(60, 40), "PPM"),
    "JPEG 2000": lambda: encoded(scene(60, 40), "JPEG2000"),
    "AVIF": lambda: b"\0\0\0\x20ftypavif\0\0\0\0avifmif1miaf" + bytes(200),
    "HEIC": lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
    "ZIP": lambda: b"PK\x03\x04" + bytes(100),
    "ELF": lambda: b"\x7fELF" + bytes(100),
    "only the start of a JPEG": lambda: b"\xff\xd8\xff\xe0",
    "only the start of a PNG": lambda: PNG_START,
    "only the start of a WebP": lambda: b"RIFF\x24\0\0\0WEBPVP8 ",
    "half a photograph": lambda: photograph()[: len(photograph()) // 2],
    "PNG without pixels": lambda: png(100, 100),
    "PNG of no width": lambda: png(0, 100),
    "PNG with broken pixels": lambda: png(100, 100, b"not zlib"),
    "moving PNG": lambda: animation("PNG"),
    "moving WebP": lambda: animation("WEBP"),
}
"""What is no picture, or not one that is shown."""

BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG, 19,000 × 19,000": lambda: blank_png(19_000, 19_000),
    "PNG, 20,000 × 20,000": lambda: blank_png(20_000, 20_000),
    "PNG, 13,000 × 13,000": lambda: blank_png(13_000, 13_000),
    "PNG, 2 × 30,000,000": lambda: png(2, 30_000_000, zlib.compress(b"")),
    "PNG, 2^31 wide": lambda: png(2**31 - 1, 2**31 - 1),
    "JPEG, 65,500 × 65,500": lambda: photograph().replace(struct.pack(">HH", 900, 1200), b"\xff\xdc\xff\xdc"),
    "WebP, 7,000 × 5,700": lambda: big_webp(7_000, 5_700),
    "WebP, 16,383 × 16,383": lambda: (
        b"RIFF\x2a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xfe\x3f\0\xfe\x3f\0VP8 \x10\0\0\0" + bytes(16)
    ),
    "JPEG, drawn 3,000 times": lambda: drawn_over(3_000),
    "PNG with 200 notes of a megabyte": lambda: noted_png(200, 1_000_000),
}
"""Small files that would take much of whoever reads them."""
