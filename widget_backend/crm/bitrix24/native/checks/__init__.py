"""What is wrong with an archive before it leaves: it must clear nothing and hold nothing but what is on the white list."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from widget_backend.crm.bitrix24.native import shapes, words
from widget_backend.crm.bitrix24.native.checks import trees
from widget_backend.texts import Text

#: heads of files that must be just so
_OF_TEMPLATE: Final[Mapping[str, Any]] = {
    "MODULE_ID": shapes.MODULE,
    "ENTITY": shapes.DOCUMENT,
    "DOCUMENT_TYPE": shapes.KIND,
    "AUTO_EXECUTE": shapes.ON_STAGE,
}
#: what else a file of robots, or of a trigger, may say
_MAY: Final = frozenset(
    ["ID", "DOCUMENT_STATUS", "NAME", "DESCRIPTION", "SYSTEM_CODE", "ORIGINATOR_ID", "ORIGIN_ID", "TEMPLATE_DATA"]
) | {shapes.PADDING, *_OF_TEMPLATE}
_MAY_TRIGGER: Final = frozenset({"NAME", "CODE", "ENTITY_TYPE_ID", "ENTITY_STATUS", "APPLY_RULES", shapes.PADDING})
#: what would change the CRM's own fields, or bring values of another portal
_EMPTY: Final = ("PARAMETERS", "VARIABLES", "CONSTANTS", "DOCUMENT_FIELDS")
_BOM: Final = b"\xef\xbb\xbf"


def problems(archive: bytes, stages: Collection[str]) -> tuple[Text, ...]:
    """All that speaks against this archive. ``stages``: ids of those the portal has."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            files = {entry.filename: opened.read(entry) for entry in opened.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        return (words.NOT_A_ZIP,)
    return tuple(dict.fromkeys((*_manifest(files.get(shapes.MANIFEST)), *_bodies(files, stages))))


def _manifest(content: bytes | None) -> Iterator[Text]:
    if content is None:
        yield words.NO_MANIFEST
        return
    body = _read(content)
    if not isinstance(body, dict):
        yield words.NOT_JSON.format(file=shapes.MANIFEST)
        return
    if body.get("SKIP_CLEARING") != "Y":
        yield words.CLEARS
    for key in sorted(body.keys() | shapes.MANIFEST_BODY.keys()):
        if key != "SKIP_CLEARING" and body.get(key, ...) != shapes.MANIFEST_BODY.get(key, None):
            yield words.OTHER_MANIFEST.format(key=key)


def _bodies(files: Mapping[str, bytes], stages: Collection[str]) -> Iterator[Text]:
    taken: set[str] = set()
    for name, content in files.items():
        if name == shapes.MANIFEST:
            continue
        body = _read(content)
        if not shapes.ENTRY.fullmatch(name):
            yield words.STRANGE_FILE.format(file=name)
        elif not isinstance(body, dict):
            yield words.NOT_JSON.format(file=name)
        elif name.startswith(shapes.TRIGGERS_FOLDER):
            yield from _trigger(name, body, stages)
        else:
            yield from _template(name, body, stages, taken)
        if len(content) in shapes.AWKWARD:
            yield words.AWKWARD.format(file=name, size=len(content))


def _template(name: str, body: Mapping[str, Any], stages: Collection[str], taken: set[str]) -> Iterator[Text]:
    place = str(body.get("DOCUMENT_STATUS"))
    if place not in stages:
        yield words.FOREIGN_STAGE.format(file=name, stage=place)
    if place in taken:
        yield words.TWICE.format(stage=place)
    taken.add(place)
    for key, wanted in _OF_TEMPLATE.items():
        if body.get(key) != wanted:
            yield words.WRONG_HEAD.format(file=name, key=key)
    yield from (words.WRONG_HEAD.format(file=name, key=key) for key in sorted(body.keys() - _MAY))
    data = body.get("TEMPLATE_DATA")
    if not isinstance(data, dict) or any(data.get(key) != [] for key in _EMPTY) or data.get("VERSION") != 2:
        yield words.WRONG_HEAD.format(file=name, key="TEMPLATE_DATA")
        return
    yield from trees.problems(name, data.get("TEMPLATE"), stages)


def _trigger(name: str, body: Mapping[str, Any], stages: Collection[str]) -> Iterator[Text]:
    code, rules = str(body.get("CODE")), body.get("APPLY_RULES")
    if str(body.get("ENTITY_STATUS")) not in stages:
        yield words.FOREIGN_STAGE.format(file=name, stage=body.get("ENTITY_STATUS"))
    yield from (words.WRONG_HEAD.format(file=name, key=key) for key in sorted(body.keys() - _MAY_TRIGGER))
    if body.get("ENTITY_TYPE_ID") != 2 or not body.get("NAME"):
        yield words.WRONG_HEAD.format(file=name, key="ENTITY_TYPE_ID")
    if code not in shapes.TRIGGERS:
        yield words.NOT_LISTED.format(file=name, type=code)
        return
    given = rules.keys() if isinstance(rules, dict) else set()
    for key in sorted(shapes.TRIGGERS[code] - given):
        yield words.NO_PROPERTY.format(file=name, type=code, name=key)
    for key in sorted(given - shapes.TRIGGERS[code] - shapes.TRIGGER_MAY):
        yield words.EXTRA_PROPERTY.format(file=name, type=code, name=key)


def _read(content: bytes) -> Any:
    if content.startswith(_BOM):
        return None
    try:
        return json.loads(content)
    except ValueError:
        return None
