"""A widget's archive: a zip with manifest, script, texts and images at its root, kept whole."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from typing import Any

MANIFEST, SCRIPT = "manifest.json", "script.js"

#: of all files, unpacked
MOST_BYTES = 20_000_000


class Unfit(ValueError):
    """The archive is refused; the message says all that is wrong with it."""


@dataclass(frozen=True)
class Archive:
    """``files``: path -> bytes; ``texts``: language -> what the widget says in it."""

    manifest: dict[str, Any]
    files: dict[str, bytes]
    texts: dict[str, dict[str, Any]]

    @property
    def about(self) -> dict[str, Any]:
        """The manifest's part about the widget itself."""
        return part(self.manifest, "widget")

    @property
    def version(self) -> str:
        return str(self.about.get("version", ""))

    @property
    def locations(self) -> list[str]:
        held = self.manifest.get("locations")
        return [str(each) for each in held] if isinstance(held, list) else []

    @property
    def areas(self) -> set[str]:
        """The locations without the digit that says whether they take the right column."""
        return {each.removesuffix("-0").removesuffix("-1") for each in self.locations}

    def text(self, key: Any, language: str = "ru") -> str:
        """What stands in the texts under a dotted key; empty where nothing does."""
        held: Any = self.texts.get(language) or next(iter(self.texts.values()), {})
        for word in str(key).split("."):
            held = held.get(word) if isinstance(held, dict) else None
        return held if isinstance(held, str) else ""


def part(held: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of the manifest; what is no object is as good as an empty one."""
    found = held.get(name)
    return found if isinstance(found, dict) else {}


def unpacked(data: bytes) -> Archive:
    """The archive in these bytes, not yet checked. Raises :class:`Unfit` for what cannot be read at all."""
    files = _files(data)
    for name in (MANIFEST, SCRIPT):
        if name not in files:
            inside = next((path for path in files if path.endswith("/" + name)), "")
            where = f", а есть {inside}" if inside else ""
            raise Unfit(f"в корне архива нет {name}{where}")
    names = (path for path in files if path.startswith("i18n/") and path.endswith(".json"))
    texts = {path.removeprefix("i18n/").removesuffix(".json"): _object(files, path) for path in names}
    return Archive(_object(files, MANIFEST), files, texts)


def _files(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as held:
            rows = [each for each in held.infolist() if not each.is_dir()]
            if sum(each.file_size for each in rows) > MOST_BYTES:
                raise Unfit("архив слишком велик")
            return {each.filename: held.read(each) for each in rows}
    except zipfile.BadZipFile:
        raise Unfit("это не zip-архив") from None


def _object(files: dict[str, bytes], path: str) -> dict[str, Any]:
    try:
        held = json.loads(files[path].decode("utf-8"))
    except ValueError as fault:
        raise Unfit(f"{path} не читается: {fault}") from None
    if not isinstance(held, dict):
        raise Unfit(f"{path}: нужен объект")
    return held
