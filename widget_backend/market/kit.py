"""The kit: every file that both markets' cards are filled from, the same bytes from the same sources and publisher."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from widget_backend.market import checklist, functions, permissions, pictures
from widget_backend.market.card import card
from widget_backend.market.document import table
from widget_backend.market.licence import licence
from widget_backend.market.privacy import privacy
from widget_backend.market.publisher import Publisher
from widget_backend.texts import Text

LANGUAGES: Final = ("ru", "en")
VENDORS: Final = ("bitrix24", "amocrm")
#: sha256 of every other file
SUMS: Final = "SHA256SUMS"
TITLES: Final[Mapping[str, Text]] = {
    "permissions": Text("Права", "Permissions"),
    "functions": Text("Функции на тарифах", "Functions per plan"),
    "checklist": Text("Проверка перед модерацией", "Checklist before moderation"),
}


def kit(publisher: Publisher, screenshots: Path | None = None) -> dict[str, bytes]:
    """Name in the kit -> content; without screens where no folder is named. Raises :class:`InvalidInput`."""
    publisher.check()
    files = pictures.icons() | (pictures.screens(screenshots) if screenshots else {})
    for language in LANGUAGES:
        files |= _encoded(_documents(publisher, language))
        for vendor in VENDORS:
            files |= _encoded(
                {f"{vendor}/{language}/{n}": text for n, text in _of(vendor, publisher, language).items()}
            )
    listed = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return {name: files[name] for name in sorted(files)} | {SUMS: listed.encode()}


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Put them below a folder. Raises :class:`OSError`."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _documents(publisher: Publisher, language: str) -> dict[str, str]:
    return {
        f"documents/privacy.{language}.md": privacy(publisher).written(language),
        f"documents/licence.{language}.md": licence(publisher).written(language),
    }


def _of(vendor: str, publisher: Publisher, language: str) -> dict[str, str]:
    """The texts of one vendor's card in one language."""
    fields = {f"{field}.txt": f"{text.into(language)}\n" for field, text in card(vendor, publisher).items()}
    tables = {
        "permissions": (
            permissions.RIGHTS.into(language),
            table(permissions.HEAD, permissions.rows(vendor), language),
            f"## {permissions.PLACES.into(language)}",
            table(permissions.PLACES_HEAD, permissions.places(vendor), language),
        ),
        "functions": (
            functions.NOTE.into(language),
            table(functions.head(vendor), functions.TABLE[vendor], language),
        ),
        "checklist": (
            checklist.LEAD.into(language),
            table(checklist.HEAD, [point.row() for point in checklist.POINTS[vendor]], language),
        ),
    }
    pages = {
        f"{name}.md": f"# {TITLES[name].into(language)}\n\n" + "\n\n".join(parts) for name, parts in tables.items()
    }
    return fields | pages


def _encoded(texts: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode() for name, text in texts.items()}
