"""Rules of Twig templates: the host's Twig 0.8.9 escapes nothing by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from widget_backend.texts import Text
from widget_backend.widget.moderation.finding import Finding, line_of
from widget_backend.widget.moderation.package import Package

UNESCAPED = Text(
    "{{{{ {what} }}}} без |e: имя пациента с тегом станет кодом страницы.",
    "{{{{ {what} }}}} without |e: a patient's name with a tag in it would become the page's code.",
)
SCRIPTED = Text("Код в шаблоне запрещён.", "Code in a template is forbidden.")


def look(package: Package) -> Iterator[Finding]:
    """What is written out unescaped, and code where none may be."""
    for name, template in package.templates().items():
        for found in re.finditer(r"\{\{-?\s*([^{}]*?)\s*-?\}\}", template):
            if not re.search(r"\|\s*(?:e|escape)(?:\(.*\))?$", found[1]) or re.search(r"\|\s*raw\b", found[1]):
                yield Finding(name, line_of(template, found.start()), "unescaped", UNESCAPED.format(what=found[1]))
        for found in re.finditer(r"<\s*script|\son\w+\s*=|javascript:", template, re.IGNORECASE):
            yield Finding(name, line_of(template, found.start()), "template-code", SCRIPTED)
