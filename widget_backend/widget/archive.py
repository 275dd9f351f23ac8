"""The archive: the same bytes from the same source and the same imprint, whenever and wherever it is built (amocrm.md §7.2)."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

NAME: Final = "widget.zip"
SOURCE: Final = Path(__file__).parents[2] / "static" / "widgets" / "amocrm"
#: files whose placeholders are filled in; the others go as they are
WORDED: Final = (".json", ".js", ".css", ".twig")
#: the first moment a zip can tell, and the rights of every file in it
MOMENT: Final = (1980, 1, 1, 0, 0, 0)
RIGHTS: Final = 0o644 << 16
#: bytes and files of an archive that is read: the vendor's own are far smaller
MOST_BYTES, MOST_FILES = 20_000_000, 500

LOOPBACK: Final = ("127.0.0.1", "localhost")

NO_SERVICE = Text(
    "Нужен публичный адрес приложения, https://… без пути: --service или DENTAL_CRM_PUBLIC_URL. Архив не собран.",
    "The public address of the application is needed, https://… without a path: --service or DENTAL_CRM_PUBLIC_URL. No archive "
    "was built.",
)
NO_SUPPORT = Text(
    "Нужна почта поддержки: --support help@clinic.ru. Модерация требует её в виджете. Архив не собран.",
    "The support's mail address is needed: --support help@clinic.ru. Moderation wants it in the widget. No archive was built.",
)
NO_PRIVACY = Text(
    "Нужен адрес страницы с политикой обработки данных: --privacy https://… Архив не собран.",
    "The address of the privacy policy is needed: --privacy https://… No archive was built.",
)
NOT_AN_ARCHIVE = Text(
    "{file}: это не zip-архив виджета или он слишком велик. Ничего не изменено: укажите widget.zip.",
    "{file}: this is no zip archive of a widget, or it is too large. Nothing was changed: name a widget.zip.",
)


@dataclass(frozen=True, slots=True)
class Imprint:
    """Whose widget it is: ``service`` (origin of the application), ``support`` (mail address), ``privacy`` (a page)."""

    service: str
    support: str
    privacy: str

    def check(self) -> None:
        """Raises :class:`InvalidInput` for what an archive must not carry."""
        if not (_is_secure(self.service) and urlsplit(self.service).path == "" and not urlsplit(self.service).query):
            raise InvalidInput(NO_SERVICE)
        if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", self.support, re.ASCII):
            raise InvalidInput(NO_SUPPORT)
        if not _is_secure(self.privacy):
            raise InvalidInput(NO_PRIVACY)


def sources() -> dict[str, bytes]:
    """The widget as it lies in the project, placeholders unfilled: name in the archive -> bytes."""
    files = sorted(path for path in SOURCE.rglob("*") if path.is_file())
    return {path.relative_to(SOURCE).as_posix(): path.read_bytes() for path in files}


def build(imprint: Imprint, files: Mapping[str, bytes] | None = None) -> bytes:
    """The archive with everything filled in. Raises :class:`InvalidInput`."""
    imprint.check()
    given = sources() if files is None else files
    return pack({name: _filled(name, content, imprint) for name, content in given.items()})


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of the files: sorted, of one moment, stored as they are, since compressors differ from machine to machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, MOMENT)
            entry.create_system, entry.external_attr = 3, RIGHTS
            archive.writestr(entry, files[name])
    return target.getvalue()


def unpack(archive: bytes, name: str = NAME) -> dict[str, bytes]:
    """The files of an archive, anybody's. Raises :class:`InvalidInput`."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise InvalidInput(NOT_AN_ARCHIVE.format(file=name))
            return {entry.filename: opened.read(entry) for entry in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as fault:
        raise InvalidInput(NOT_AN_ARCHIVE.format(file=name)) from fault


def _filled(name: str, content: bytes, imprint: Imprint) -> bytes:
    if not name.endswith(WORDED):
        return content
    for each in fields(imprint):
        content = content.replace(f"%{each.name.upper()}%".encode(), str(getattr(imprint, each.name)).encode())
    return content


def _is_secure(address: str) -> bool:
    """``https``, or ``http`` to this machine, for a trial. Nothing that would end the string it is written into."""
    if not re.fullmatch(r"https?://[\w.-]+(:\d{1,5})?(/[\w./~%-]*)?", address, re.ASCII):
        return False
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in LOOPBACK
