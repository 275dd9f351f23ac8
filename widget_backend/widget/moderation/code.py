"""Rules of ``script.js``: what may not be in it, and what has to be (amocrm.md §7.3, §7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.javascript import block_at, is_balanced
from widget_backend.widget.moderation.package import SCRIPT, Package

#: rule -> what it looks like with strings blanked, and what is told
CODE: Final[Mapping[str, tuple[str, Text]]] = {
    "eval": (
        r"\beval\s*\(|\bFunction\s*\(|\bset(?:Timeout|Interval)\s*\(\s*[\"']",
        Text("Код из строки (eval, Function) запрещён.", "Code out of a string (eval, Function) is forbidden."),
    ),
    "dialog": (
        r"(?<![\w$.])(?:window\s*\.\s*)?(?:alert|confirm|prompt)\s*\(",
        Text(
            "alert, confirm и prompt запрещены: покажите окно amoCRM.",
            "No alert, confirm, prompt: use amoCRM's window.",
        ),
    ),
    "console": (
        r"\bconsole\s*\.\s*(?!debug\b|trace\b)\w+",
        Text("В консоль можно писать только console.debug.", "Only console.debug may write to the console."),
    ),
    "sync-request": (
        r"\basync\s*:\s*false",
        Text("Синхронный запрос замораживает amoCRM. Сделайте его обычным.", "A synchronous request freezes amoCRM."),
    ),
    "new-syntax": (
        r"=>|\b(?:let|const)\s+[\w$\[{]|(?<![.\w])class\s+\w|`|\basync\s+function|^\s*(?:import|export)\s",
        Text(
            "Нужен ES5: этот синтаксис в старых окнах не работает.",
            "ES5 is needed: this syntax fails in older windows.",
        ),
    ),
    "host-changed": (
        r"(?<![\w.])(?:window\s*\.\s*)?(?:APP|AMOCRM)(?:\s*\.\s*\w+)*\s*=(?!=)|\.prototype\s*(?:\.\s*\w+\s*)?=(?!=)",
        Text("Константы и объекты amoCRM менять нельзя.", "Constants and objects of amoCRM must not be changed."),
    ),
    "storage": (
        r"\b(?:local|session)Storage\b|\bdocument\s*\.\s*cookie\b|\bgeolocation\b",
        Text(
            "Лишние данные браузера: храните состояние на сервере.",
            "Needless data of the browser: keep it at the server.",
        ),
    ),
    "obfuscated": (
        r"\batob\s*\(|\bfromCharCode\b|\b_0x[0-9a-f]+",
        Text(
            "Код запутан. Модерация принимает только исходный код.",
            "The code is obfuscated. Moderation wants the source.",
        ),
    ),
    "debugger": (r"\bdebugger\b", Text("Забыта остановка debugger.", "A debugger statement was left.")),
}
#: the same, with strings as they are
TEXT: Final[Mapping[str, tuple[str, Text]]] = {
    "injected-script": (
        r"createElement\s*\(\s*[\"']script|\bgetScript\s*\(|\bdocument\s*\.\s*write|<\s*script",
        Text("Скрипты подключаются только через define.", "Scripts are loaded by define only."),
    ),
    "virtual-click": (
        r"\.\s*click\s*\(\s*\)|\.\s*trigger\s*\(\s*[\"']click",
        Text("Нажимать кнопки за пользователя нельзя.", "Buttons must not be pressed for the user."),
    ),
    "events": (
        r"\.\s*(?:on|one|bind|delegate)\s*\(\s*([\"'])[a-z ]+\1\s*,",
        Text(
            "Событие без имени виджета: его не снять. Добавьте .код.",
            "An event without a namespace cannot be taken off.",
        ),
    ),
    "secret": (
        r"client_secret|secret_key|[\"']Bearer |eyJ[\w-]{10,}",
        Text("Секрет в коде виджета: его прочитает любой.", "A secret in the widget's code: anybody reads it."),
    ),
}
#: callbacks of every widget, and those of a location
ALWAYS: Final = ("render", "init", "bind_actions", "settings", "onSave", "destroy")
OF_PLACE: Final[Mapping[str, tuple[str, ...]]] = {
    "advanced_settings": ("advancedSettings",),
    "digital_pipeline": ("dpSettings",),
    "salesbot_designer": ("salesbotDesignerSettings", "onSalesbotDesignerSave"),
    "lead_sources": ("onAddAsSource", "onSource"),
    "widget_page": ("initMenuPage",),
    "llist": ("leads.selected",),
    "clist": ("contacts.selected",),
    "tlist": ("todo.selected",),
}
#: longest line, and the share of one-letter names that no person writes
LONGEST: Final = 400
SHORTEST_SHARE: Final = 0.6

NO_MODULE = Text("Скрипт должен быть модулем AMD: define([...], function …).", "The script must be an AMD module.")
BROKEN = Text("Скобки не сходятся: код не прочитать.", "Brackets do not match: the code cannot be read.")
NO_CALLBACK = Text("Нет обработчика {what}.", "The callback {what} is missing.")
IDLE_CALLBACK = Text(
    "Обработчик {what} amoCRM не вызовет: области {place} в манифесте нет. Уберите его или назовите область.",
    "amoCRM does not call {what}: the manifest does not name {place}. Remove it or name the location.",
)
MINIFIED = Text(
    "Код сжат. Модерация принимает только исходный код.", "The code is minified. Moderation wants the source."
)
DEAD = Text("Закомментированный код или TODO. Уберите его.", "Commented-out code or a TODO. Remove it.")


def look(package: Package) -> Iterator[Finding]:
    """Nothing where there is no script: its absence is told by the layout's rules."""
    if SCRIPT not in package.files:
        return
    script = package.script
    for text, table in ((script.code, CODE), (script.text, TEXT)):
        for rule, (pattern, message) in table.items():
            for found in re.finditer(pattern, text, re.MULTILINE):
                yield Finding(SCRIPT, line_of(text, found.start()), rule, message)
    yield from _shape(package)
    for position, comment in script.comments:
        if re.search(
            r"\b(?:TODO|FIXME)\b|^\W*(?:(?:var|return|if|self)\b|\$).*[;{]\s*(?:\*/)?$", comment, re.MULTILINE
        ):
            yield Finding(SCRIPT, line_of(script.raw, position), "dead-comment", DEAD)


def _shape(package: Package) -> Iterator[Finding]:
    code = package.script.code
    if not re.match(r"\s*(?:define|\(?function)\b", code) or not re.search(r"\bdefine\s*\(", code):
        yield Finding(SCRIPT, 0, "module", NO_MODULE)
    if not is_balanced(code):
        yield Finding(SCRIPT, 0, "syntax", BROKEN)
    wanted = [*ALWAYS, *(name for place in package.locations for name in OF_PLACE.get(place, ()))]
    called = _callbacks(code)
    for name in dict.fromkeys(wanted):
        if not _has(called, name):
            yield Finding(SCRIPT, 0, "callback", NO_CALLBACK.format(what=name))
    for place in [place for place in OF_PLACE if place not in package.locations]:
        for name in [name for name in OF_PLACE[place] if _has(called, name)]:
            yield Finding(SCRIPT, 0, "callback-idle", IDLE_CALLBACK.format(what=name, place=place))
    if _is_minified(package.script.raw, code):
        yield Finding(SCRIPT, 0, "minified", MINIFIED)


def _has(code: str, name: str) -> bool:
    """Whether the callback is there; of «leads.selected» the one within the other."""
    outer, _, inner = name.partition(".")
    found = re.search(rf"(?<![\w.]){outer}\s*:|\.\s*{outer}\s*=(?!=)", code)
    if found is None or not inner:
        return found is not None
    if re.search(rf"\.\s*{outer}\s*\.\s*{inner}\s*=(?!=)", code):
        return True
    block = re.match(r"\s*(?=\{)", code[found.end() :])
    return block is not None and _has(block_at(code, found.end() + block.end()), inner)


def _callbacks(code: str) -> str:
    """The object the host calls, or all of the code where it is put together in another way."""
    found = re.search(r"\bcallbacks\s*[=:]\s*(?=\{)", code)
    return block_at(code, found.end()) if found else code


def _is_minified(raw: str, code: str) -> bool:
    if max(map(len, raw.splitlines()), default=0) > LONGEST:
        return True
    names = re.findall(r"\bvar\s+([\w$]+)|\bfunction\s+([\w$]+)", code)
    short = [name for pair in names for name in pair if len(name) == 1]
    return len(names) > 10 and len(short) / len(names) > SHORTEST_SHARE
