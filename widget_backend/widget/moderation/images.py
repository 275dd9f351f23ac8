"""Rules of the logos: which there must be, of which size (amocrm.md §7.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Final

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding
from widget_backend.widget.moderation.package import Package

#: logo -> width and height in pixels
LOGOS: Final[Mapping[str, tuple[int, int]]] = {
    "images/logo.png": (130, 100),
    "images/logo_main.png": (400, 272),
    "images/logo_small.png": (108, 108),
    "images/logo_medium.png": (240, 84),
    "images/logo_min.png": (84, 84),
}
#: wanted where an action on a stage is offered
PIPELINE: Final = ("images/logo_dp.png", (174, 109))
HEAVIEST: Final = 300 * 1024

MISSING = Text("Нет логотипа {width}×{height}.", "The logo {width}×{height} is missing.")
SIZE = Text(
    "Размер {is_width}×{is_height}, нужен {width}×{height}.", "It is {is_width}×{is_height}, not {width}×{height}."
)
HEAVY = Text("Картинка больше 300 КБ.", "The image is larger than 300 KB.")
FORMAT = Text("Это не PNG, JPEG или GIF.", "This is no PNG, JPEG or GIF.")
MOVING = Text("Картинка не должна двигаться.", "The image may not move.")


def look(package: Package) -> Iterator[Finding]:
    """Each logo, then each image."""
    wanted = dict([*LOGOS.items(), PIPELINE]) if "digital_pipeline" in package.locations else dict(LOGOS)
    for name, (width, height) in wanted.items():
        content = package.files.get(name)
        if content is None:
            yield Finding(name, 0, "image-missing", MISSING.format(width=width, height=height))
        elif (size := size_of(content)) and size != (width, height):
            told = SIZE.format(is_width=size[0], is_height=size[1], width=width, height=height)
            yield Finding(name, 0, "image-size", told)
    for name, content in package.files.items():
        if name.startswith("images/"):
            yield from _image(name, content)


def size_of(content: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG; nothing for what is none."""
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return width, height
    if content.startswith((b"GIF87a", b"GIF89a")) and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return width, height
    return _size_of_jpeg(content) if content.startswith(b"\xff\xd8") else None


def _size_of_jpeg(content: bytes) -> tuple[int, int] | None:
    """Walks the segments up to the one that starts a frame."""
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        kind, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None


def _image(name: str, content: bytes) -> Iterator[Finding]:
    if len(content) > HEAVIEST:
        yield Finding(name, 0, "image-heavy", HEAVY)
    if name.endswith(".svg"):
        return
    if size_of(content) is None:
        yield Finding(name, 0, "image-format", FORMAT)
    if b"acTL" in content[:200] or (content[:3] == b"GIF" and content.count(b"\x21\xf9\x04") > 1):
        yield Finding(name, 0, "image-moving", MOVING)
