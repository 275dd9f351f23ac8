"""Lint: what the moderation of amoCRM would turn down in an archive (amocrm.md §7.4), and what would fail at a clinic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from widget_backend.widget.moderation import code, images, layout, manifest, requests, style, templates, words
from widget_backend.widget.moderation.finding import Finding
from widget_backend.widget.moderation.package import Package, read_package

#: every part of the rules; each yields what it finds in a package
PARTS: Final[tuple[Callable[[Package], Iterator[Finding]], ...]] = (
    layout.look,
    manifest.look,
    words.look,
    code.look,
    requests.look,
    templates.look,
    style.look,
    images.look,
)


def lint(files: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """All findings at once, by file and line; never raises."""
    package = read_package(files)
    found = {finding for part in PARTS for finding in part(package)}
    return tuple(sorted(found, key=lambda one: (one.file, one.line, one.rule)))
