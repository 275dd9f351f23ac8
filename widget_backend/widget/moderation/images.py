"""Rules of the logos and of the pictures of a tour: which there must be, of which size (amocrm.md §7.1, §7.2)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding
from widget_backend.widget.moderation.package import MANIFEST, Package

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
#: pictures that are leafed through before a widget is installed, where it has any
TOUR: Final = (1188, 616)
HEAVIEST: Final = 300 * 1024

MISSING = Text("Нет логотипа {width}×{height}.", "The logo {width}×{height} is missing.")
SIZE = Text(
    "Размер {is_width}×{is_height}, нужен {width}×{height}.", "It is {is_width}×{is_height}, not {width}×{height}."
)
HEAVY = Text("Картинка больше 300 КБ.", "The image is larger than 300 KB.")
FORMAT = Text("Это не PNG, JPEG или GIF.", "This is no PNG, JPEG or GIF.")
NO_TOUR = Text(
    "tour.is_tour должен быть true. Уберите блок tour, если тура нет.",
    "tour.is_tour must be true. Remove the block tour where there is no tour.",
)
NO_PICTURE = Text(
    "Для языка {locale} нет картинки тура {what}. Добавьте её в архив.",
    "The language {locale} has no picture {what} of the tour. Add it to the archive.",
)
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
    yield from _tour(package)
    for name, content in package.files.items():
        if name.startswith("images/"):
            yield from _image(name, content)


def _tour(package: Package) -> Iterator[Finding]:
    tour, pictures = package.section("tour"), _pictures(package.section("tour"))
    if not tour:
        return
    if tour.get("is_tour") is not True:
        yield Finding(MANIFEST, 0, "tour", NO_TOUR)
    for locale in package.locales:
        missing = [name for name in pictures.get(locale, []) if name not in package.files]
        if missing or not pictures.get(locale):
            yield Finding(MANIFEST, 0, "tour", NO_PICTURE.format(locale=locale, what=", ".join(missing) or "images/…"))
    for name in dict.fromkeys(name for names in pictures.values() for name in names):
        size = size_of(package.files.get(name, b""))
        if size and size != TOUR:
            told = SIZE.format(is_width=size[0], is_height=size[1], width=TOUR[0], height=TOUR[1])
            yield Finding(name, 0, "image-size", told)


def _pictures(tour: Mapping[str, Any]) -> dict[str, list[str]]:
    """Language -> files, as the archive names them."""
    told = tour.get("tour_images")
    named = told.items() if isinstance(told, dict) else ()
    return {str(locale): [str(one).lstrip("/") for one in files] for locale, files in named if isinstance(files, list)}


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
