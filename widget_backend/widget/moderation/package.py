"""Package: an archive taken apart once, for every rule to read. Nothing in it is trusted, whatever is broken reads as empty."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.widget.moderation.javascript import Source, read_source

MANIFEST: Final = "manifest.json"
SCRIPT: Final = "script.js"
STYLE: Final = "style.css"


@dataclass(frozen=True, slots=True)
class Package:
    """``manifest`` and ``words`` (language -> texts) are ``None`` and missing where they are no JSON objects."""

    files: Mapping[str, bytes]
    manifest: Mapping[str, Any] | None
    words: Mapping[str, Mapping[str, Any]]
    script: Source
    style: str

    def section(self, name: str) -> Mapping[str, Any]:
        """A part of the manifest that should be an object."""
        found = (self.manifest or {}).get(name)
        return found if isinstance(found, dict) else {}

    @property
    def locations(self) -> tuple[str, ...]:
        """Where the widget lives, without the digit that says how."""
        told = (self.manifest or {}).get("locations")
        return tuple(str(place).partition("-")[0] for place in told) if isinstance(told, list) else ()

    @property
    def locales(self) -> tuple[str, ...]:
        """The languages it says it speaks."""
        told = self.section("widget").get("locale")
        return tuple(str(locale) for locale in told) if isinstance(told, list) else ()

    def templates(self) -> dict[str, str]:
        """Twig templates by name."""
        return {name: text(content) for name, content in self.files.items() if name.endswith(".twig")}


def read_package(files: Mapping[str, bytes]) -> Package:
    """Never raises."""
    names = {name: name.removeprefix("i18n/").removesuffix(".json") for name in files if name.startswith("i18n/")}
    words = {locale: found for name, locale in names.items() if (found := as_object(files[name])) is not None}
    return Package(
        files,
        as_object(files.get(MANIFEST, b"")),
        words,
        read_source(text(files.get(SCRIPT, b""))),
        text(files.get(STYLE, b"")),
    )


def text(content: bytes) -> str:
    """What is read, whatever its encoding."""
    return content.decode("utf-8-sig", "replace").replace("\r\n", "\n")


def as_object(content: bytes) -> dict[str, Any] | None:
    """A JSON object, or nothing."""
    try:
        value = json.loads(text(content))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def leaves(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested texts under dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        flat.update(leaves(value, f"{name}.") if isinstance(value, dict) else {name: value})
    return flat
