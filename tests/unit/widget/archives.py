"""Archives of the tests: our own, built for an invented publisher, and what is done to one."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

from widget_backend.widget import Imprint, build, unpack

IMPRINT = Imprint("https://app.dental.example", "help@dental.example", "https://dental.example/privacy")

OTHER = Path(__file__).parents[2] / "fixtures" / "amocrm" / "other_widget"
LOGOS = {
    "logo": (130, 100),
    "logo_main": (400, 272),
    "logo_small": (108, 108),
    "logo_medium": (240, 84),
    "logo_min": (84, 84),
}
JPEG = b"\xff\xd8\xff\xc0" + struct.pack(">HBHH", 17, 8, 616, 1188) + b"\0" * 10

Files = dict[str, bytes]
Change = Callable[[Files], None]


def ours() -> Files:
    return unpack(build(IMPRINT))


def theirs() -> Files:
    """A good widget of another publisher, which has been written by another hand."""
    files = {path.relative_to(OTHER).as_posix(): path.read_bytes() for path in OTHER.rglob("*.*")}
    images = {f"images/{name}.png": png(*size) for name, size in LOGOS.items()}
    return {**files, **images, "images/tour_1.jpg": JPEG}


def says(name: str, old: str, new: str) -> Change:
    """Words of a file are others."""

    def change(files: Files) -> None:
        assert old in files[name].decode()
        files[name] = files[name].decode().replace(old, new, 1).encode()

    return change


def has(name: str, content: bytes) -> Change:
    """A file is there, with this content."""

    def change(files: Files) -> None:
        files[name] = content

    return change


def lacks(name: str) -> Change:
    """A file is gone."""

    def change(files: Files) -> None:
        del files[name]

    return change


def tells(name: str, path: str, value: Any) -> Change:
    """A value of a JSON file is another; ``None`` takes it out."""

    def change(files: Files) -> None:
        tree = json.loads(files[name])
        *way, last = path.split(".")
        place = tree
        for step in way:
            place = place.setdefault(step, {})
        place.pop(last, None) if value is None else place.update({last: value})
        files[name] = json.dumps(tree, ensure_ascii=False).encode()

    return change


def does(statement: str) -> Change:
    """The script carries out one statement more when it is drawn."""
    return says("script.js", "render: function () {", "render: function () {\n" + statement)


def png(width: int, height: int, rest: bytes = b"") -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + rest
