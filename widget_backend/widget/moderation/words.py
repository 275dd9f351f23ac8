"""Rules of the texts in ``i18n``: equal keys, nothing empty, every text that is asked for (amocrm.md §7.1, §7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.package import MANIFEST, SCRIPT, Package, leaves

#: longest name and description of a widget, in characters
LONGEST: Final = {"widget.name": 255, "widget.description": 65_000}
#: keys of the manifest whose value is the key of a text
TITLES: Final = ("name", "title", "description", "short_description", "tour_description")
CYRILLIC: Final = re.compile("[а-яё]", re.IGNORECASE)

LOCALES = Text(
    "Языки манифеста ({said}) и файлы i18n ({given}) не совпадают.",
    "The locales of the manifest ({said}) are not the files of i18n ({given}).",
)
UNEQUAL = Text(
    "Нет ключа {key}, он есть в другом языке. Переведите его.", "The key {key} of another language is missing here."
)
EMPTY = Text("Пустой текст: {key}.", "An empty text: {key}.")
ABSENT = Text("Текста {key} нет ни в одном языке.", "No language has the text {key}.")
LENGTH = Text("Текст {key} длиннее {most} знаков.", "The text {key} is longer than {most} characters.")
BRAND = Text(
    "В названии виджета не должно быть amoCRM или Kommo.", "The name of a widget may not hold amoCRM or Kommo."
)
RUSSIA = Text(
    "Текст {key}: в английской версии не должно быть адресов .ru.",
    "The text {key}: there may be no .ru address in another language than Russian.",
)
WRONG_TONGUE = Text("Текст {key} не переведён на английский.", "The text {key} is not in English.")


def look(package: Package) -> Iterator[Finding]:
    """Every language against the others, then the manifest and the script against them all."""
    flat = {locale: leaves(words) for locale, words in package.words.items()}
    if package.manifest is not None and sorted(flat) != sorted(package.locales):
        told = LOCALES.format(said=", ".join(sorted(package.locales)), given=", ".join(sorted(flat)))
        yield Finding(MANIFEST, 0, "locale", told)
    known = {key for words in flat.values() for key in words}
    for locale, words in flat.items():
        yield from _language(f"i18n/{locale}.json", locale, words, known)
    yield from _titles(package, known)
    yield from _asked(package)


def _language(file: str, locale: str, words: dict[str, Any], known: set[str]) -> Iterator[Finding]:
    for key in sorted(known - words.keys()):
        yield Finding(file, 0, "keys", UNEQUAL.format(key=key))
    for key, value in words.items():
        if not str(value).strip():
            yield Finding(file, 0, "text-empty", EMPTY.format(key=key))
        if len(str(value)) > LONGEST.get(key, len(str(value))):
            yield Finding(file, 0, "text-long", LENGTH.format(key=key, most=LONGEST[key]))
        if locale != "ru" and re.search(r"\w\.ru\b", str(value)):
            yield Finding(file, 0, "text-russia", RUSSIA.format(key=key))
        if locale == "en" and CYRILLIC.search(str(value)):
            yield Finding(file, 0, "text-language", WRONG_TONGUE.format(key=key))
    if re.search("amo|kommo", str(words.get("widget.name", "")), re.IGNORECASE):
        yield Finding(file, 0, "brand", BRAND)


def _titles(package: Package, known: set[str]) -> Iterator[Finding]:
    """Texts that the manifest names: a value with a dot under a key that is shown."""
    for path, value in leaves(package.manifest or {}).items():
        if path.rpartition(".")[2] in TITLES and isinstance(value, str) and value not in known:
            yield Finding(MANIFEST, 0, "text-absent", ABSENT.format(key=value))


def _asked(package: Package) -> Iterator[Finding]:
    """Sections that the script asks for by a plain name."""
    sections = {key for words in package.words.values() for key in words}
    for found in re.finditer(r"""\.i18n\(\s*["']([\w]+)["']""", package.script.text):
        if found[1] not in sections:
            line = line_of(package.script.text, found.start())
            yield Finding(SCRIPT, line, "text-absent", ABSENT.format(key=found[1]))
