"""Rules of ``style.css``: everything under one class of the widget's own, both themes, nothing from elsewhere."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.package import STYLE, Package

GLOBAL = Text(
    "Правило «{what}» меняет страницу amoCRM. Начните его с класса виджета.",
    "The rule “{what}” changes amoCRM's own page. Let it begin with the widget's class.",
)
FOREIGN = Text(
    "Стиль загружает файл с чужого адреса. Положите его в архив.", "The style loads a file from elsewhere. Put it in."
)
ONE_THEME = Text(
    'Нет тёмной темы: правил с [data-color-scheme="dark"].', 'No dark theme: no rule with [data-color-scheme="dark"].'
)
THEME = r'(?::root|html)?\[data-color-scheme="?(?:dark|light)"?\]'


def look(package: Package) -> Iterator[Finding]:
    """Nothing where there is no style."""
    if STYLE not in package.files:
        return
    style = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found[0]), package.style, flags=re.DOTALL)
    for found in re.finditer(r"@import|url\(\s*[\"']?(?:https?:)?//", style):
        yield Finding(STYLE, line_of(style, found.start()), "style-foreign", FOREIGN)
    if not re.search(r'data-color-scheme="?dark', style):
        yield Finding(STYLE, 0, "theme", ONE_THEME)
    root = re.search(r"\.([A-Za-z][\w-]*)", style)
    own = re.compile(rf"(?:{THEME}\s+)?\.{re.escape(root[1])}(?![A-Za-z0-9]).*" if root else r"(?!)", re.DOTALL)
    for position, head in _heads(style):
        # at-rules only hold rules, which are looked at by themselves
        selectors = [] if head.startswith("@") else [part.strip() for part in head.split(",")]
        for selector in filter(None, selectors):
            if not own.fullmatch(selector) and not re.fullmatch(r"from|to|[\d.]+%", selector):
                yield Finding(STYLE, line_of(style, position), "style-global", GLOBAL.format(what=selector))


def _heads(style: str) -> Iterator[tuple[int, str]]:
    """What stands before each block, and where the block begins."""
    position = 0
    for before, brace in itertools.pairwise([*re.split("([{}])", style), ""]):
        position += len(before)
        if brace == "{":
            yield position, before.rpartition(";")[2].strip()
