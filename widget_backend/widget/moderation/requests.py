"""Rules of what a script asks the network for: whom, by which way, how often (amocrm.md §7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.javascript import block_at
from widget_backend.widget.moderation.package import SCRIPT, Package

LOOPS: Final = re.compile(r"\b(?:for|while)\s*\(|\.\s*(?:each|map|forEach|filter|times)\s*\(")
ASKING: Final = r"\$authorizedAjax|\bcrm_post|\$\s*\.\s*(?:ajax|post|get|getJSON)\b|\bfetch\s*\(|XMLHttpRequest"
ADDRESS: Final = re.compile(r"(?:https?:)?//([\w.-]+\.\w+(?::\d+)?)")
#: block of the manifest -> where in it the widget's own service stands
SERVICES: Final = {"dp": "webhook_url", "sms": "endpoint", "mobile": "frame_url"}
FUNCTION: Final = re.compile(r"\bfunction\s+([\w$]+)\s*\(")

LOOPED = Text(
    "Запрос в цикле: amoCRM это запрещает. Отправьте всё одним запросом.",
    "A request in a loop: amoCRM forbids it. Send everything in one request.",
)
FOREIGN = Text(
    "Чужой адрес {what}: виджет говорит только со своим сервисом.",
    "A foreign address {what}: a widget speaks with its own service only.",
)
PROXIED = Text(
    "crm_post идёт через серверы amoCRM и не доказывает, кто спрашивает. Нужен $authorizedAjax.",
    "crm_post goes through amoCRM's servers and proves nobody. Use $authorizedAjax.",
)


def look(package: Package) -> Iterator[Finding]:
    """Requests in loops, old ways, foreign addresses."""
    if SCRIPT not in package.files:
        return
    code = package.script.code
    for found in re.finditer(r"\bcrm_post\b", code):
        yield Finding(SCRIPT, line_of(code, found.start()), "crm-post", PROXIED)
    yield from _loops(code)
    yield from _addresses(package)


def _loops(code: str) -> Iterator[Finding]:
    askers = _askers(code)
    pattern = re.compile("|".join([ASKING, *(rf"(?<![\w.$]){re.escape(name)}\b" for name in sorted(askers))]))
    for loop in LOOPS.finditer(code):
        head = block_at(code, loop.start())
        body = block_at(code, loop.start() + len(head)) if loop[0].lstrip()[0] in "fw" else ""
        if pattern.search(head + body):
            yield Finding(SCRIPT, line_of(code, loop.start()), "request-in-loop", LOOPED)


def _askers(code: str) -> set[str]:
    """Functions that ask when they are called, by themselves or by one that does. A function made for later does not."""
    bodies = {}
    for found in FUNCTION.finditer(code):
        head = block_at(code, found.start())
        bodies[found[1]] = _without_inner(block_at(code, found.start() + len(head)))
    askers = {name for name, body in bodies.items() if re.search(ASKING, body)}
    while True:
        names = "|".join(map(re.escape, askers))
        more = {name for name, body in bodies.items() if names and re.search(rf"(?<![\w.$])(?:{names})\s*\(", body)}
        if more <= askers:
            return askers
        askers |= more


def _without_inner(body: str) -> str:
    """A body without the functions inside it."""
    kept, position = [], 0
    for found in re.finditer(r"\bfunction\b", body):
        if found.start() >= position:
            kept.append(body[position : found.start()])
            head = block_at(body, found.start())
            position = found.start() + len(head) + len(block_at(body, found.start() + len(head)))
    return "".join([*kept, body[position:]])


def _addresses(package: Package) -> Iterator[Finding]:
    named = [(position, found[1]) for position, words in package.script.strings for found in ADDRESS.finditer(words)]
    own = _services(package) or {host for _, host in named[:1]}
    for position, host in named:
        if host not in own:
            line = line_of(package.script.raw, position)
            yield Finding(SCRIPT, line, "foreign-address", FOREIGN.format(what=host))


def _services(package: Package) -> set[str]:
    """The hosts that the manifest names as the widget's own; where there is none, the script's first address is."""
    told = [package.section(block).get(key, "") for block, key in SERVICES.items()]
    return {host for address in told if (host := urlsplit(str(address)).netloc)}
