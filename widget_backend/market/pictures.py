"""Pictures of the kit: the icons, and the screens that the browser tests leave in a folder (bitrix24.md §7, row 17)."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from widget_backend import widget
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

ICON: Final = Path(__file__).parents[2] / "static" / "market" / "icon.png"
#: width and height of a screen
SIZE: Final = (1280, 720)
#: the icon of Bitrix24's market, square: least and most
SIDES: Final = (250, 650)
#: vendor -> what is seen on a screen, in the order of the card; each is ``<language>/<vendor>-<name>.png`` in the folder
SCREENS: Final[Mapping[str, tuple[str, ...]]] = {
    "bitrix24": ("panel", "copy", "plan", "rules", "journal", "settings", "health"),
    "amocrm": ("panel", "result"),
}
#: what a picture of the browser tests is called there -> what it is here
TAKEN: Final[Mapping[str, str]] = {
    "9-panel": "bitrix24-panel",
    "9-copy": "bitrix24-copy",
    "3-plan": "bitrix24-plan",
    "12-rules": "bitrix24-rules",
    "10-journal": "bitrix24-journal",
    "13-settings": "bitrix24-settings",
    "11-health": "bitrix24-health",
    "5-result-amocrm": "amocrm-result",
    "widget /leads/detail/{lead}": "amocrm-panel",
}
MISSING = Text(
    "Нет снимков: {listed}. Комплект не собран: запустите тесты в браузере (`make test`) и укажите их папку.",
    "Pictures are missing: {listed}. No kit was made: run the browser tests (`make test`) and name their folder.",
)
WRONG = Text(
    "{file}: нужен PNG {width}×{height}. Комплект не собран: сделайте снимок снова.",
    "{file}: a PNG of {width}×{height} is needed. No kit was made: take the picture again.",
)


def icons() -> dict[str, bytes]:
    """Name in the kit -> the icon: Bitrix24's own, and the widget's logos as amoCRM wants them."""
    logos = {name: content for name, content in widget.sources().items() if name.endswith(".png")}
    return {"bitrix24/icon.png": ICON.read_bytes()} | {f"amocrm/{name}": logos[name] for name in sorted(logos)}


def screens(folder: Path) -> dict[str, bytes]:
    """Name in the kit -> a screen, of those that are to be there in both languages. Raises :class:`InvalidInput`."""
    wanted = {
        f"{vendor}/{language}/screenshots/{number}-{name}.png": folder / language / f"{vendor}-{name}.png"
        for vendor, names in SCREENS.items()
        for number, name in enumerate(names, start=1)
        for language in ("ru", "en")
    }
    missing = [str(file.relative_to(folder)) for file in wanted.values() if not file.is_file()]
    if missing:
        raise InvalidInput(MISSING.format(listed=", ".join(sorted(missing))))
    return {name: _screen(file) for name, file in wanted.items()}


def size_of(png: bytes) -> tuple[int, int] | None:
    """Width and height; nothing for what is no PNG."""
    if not png.startswith(b"\x89PNG\r\n\x1a\n") or len(png) < 26:
        return None
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def _screen(file: Path) -> bytes:
    content = file.read_bytes()
    if size_of(content) != SIZE:
        raise InvalidInput(WRONG.format(file=file.name, width=SIZE[0], height=SIZE[1]))
    return content
