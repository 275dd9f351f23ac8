"""Rules of the archive itself: which files lie where, and how their text is written (amocrm.md §7.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.package import MANIFEST, SCRIPT, STYLE, Package, as_object, text

#: where a file may lie
PLACES: Final = re.compile(
    r"manifest\.json|script\.js|style\.css|i18n/[a-z]{2}\.json|templates/[\w-]+\.twig|images/[\w-]+\.(png|jpe?g|gif|svg)"
)
TEXTS: Final = (".json", ".js", ".css", ".twig")
NEEDED: Final = (MANIFEST, SCRIPT)

MISSING = Text(
    "Нет обязательного файла. Добавьте его в корень архива.", "A required file is missing. Put it at the root."
)
IN_FOLDER = Text(
    "Файлы лежат в папке «{folder}». Упакуйте их в корень архива.",
    "The files lie in the folder “{folder}”. Pack them at the root of the archive.",
)
STRAY = Text(
    "Лишний файл: виджет его не использует. Уберите его из архива.",
    "A stray file: the widget does not use it. Take it out of the archive.",
)
ENCODING = Text(
    "Нужны UTF-8 без BOM и переводы строк LF. Пересохраните файл.", "UTF-8 without BOM and line ends LF are needed."
)
UNREADABLE = Text("Это не объект JSON. Исправьте синтаксис.", "This is no JSON object. Mend its syntax.")
UNFILLED = Text(
    "Осталась заготовка {what}. Соберите архив командой dental-crm widget build.",
    "A placeholder is left: {what}. Build the archive by dental-crm widget build.",
)


def look(package: Package) -> Iterator[Finding]:
    """What is missing, in the wrong place, or not as it should be written."""
    folder = _folder(package)
    if folder:
        yield Finding(folder, 0, "folder", IN_FOLDER.format(folder=folder))
    for name in NEEDED:
        if name not in package.files and not folder:
            yield Finding(name, 0, "file-missing", MISSING)
    for name, content in package.files.items():
        if not folder and not _is_used(package, name):
            yield Finding(name, 0, "file-stray", STRAY)
        if name.endswith(TEXTS):
            yield from _writing(name, content)
        if name.endswith(".json") and as_object(content) is None:
            yield Finding(name, 0, "json", UNREADABLE)


def _folder(package: Package) -> str:
    """The folder that holds the manifest, where the root does not."""
    if MANIFEST in package.files:
        return ""
    inside = [name for name in package.files if name.endswith(f"/{MANIFEST}")]
    return inside[0].rpartition("/")[0] if inside else ""


def _is_used(package: Package, name: str) -> bool:
    if not PLACES.fullmatch(name):
        return False
    if name == STYLE:
        return STYLE in package.script.text
    if name.endswith(".svg"):
        return name in text(package.files.get(MANIFEST, b""))
    if name.startswith("templates/"):
        stem = name.removeprefix("templates/").removesuffix(".twig")
        return any(stem in words for _, words in package.script.strings)
    return True


def _writing(name: str, content: bytes) -> Iterator[Finding]:
    try:
        content.decode("utf-8")
        is_wrong = content.startswith(b"\xef\xbb\xbf") or b"\r" in content
    except UnicodeDecodeError:
        is_wrong = True
    if is_wrong:
        yield Finding(name, 0, "encoding", ENCODING)
    read = text(content)
    for found in re.finditer(r"%[A-Z]{3,}%", read):
        yield Finding(name, line_of(read, found.start()), "placeholder", UNFILLED.format(what=found[0]))
