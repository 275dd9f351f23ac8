"""The archive of a portal's robots: real ids, nothing that is cleared, the same bytes from the same rules (§1.1, §1.2, §7)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from widget_backend.crm.bitrix24.native import checks, nodes, shapes, words
from widget_backend.crm.bitrix24.native.saying import Chain, Said, Signal
from widget_backend.crm.bitrix24.native.unsaid import joined
from widget_backend.crm.chart import Chart
from widget_backend.crm.native import Pack
from widget_backend.errors import InvalidInput

#: the first moment a zip can tell, and the rights of every file in it
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_RIGHTS: Final = 0o644 << 16


def pack(rules: Iterable[Said], chart: Chart) -> Pack:
    """The archive. Raises :class:`InvalidInput` for one that might do harm."""
    said = list(rules)
    chains = [chain for one in said for chain in one.chains]
    signals = [signal for one in said for signal in one.signals]
    if not chains and not signals:
        raise InvalidInput(words.EMPTY)
    stages = _by_stage(chains, chart)
    files = {shapes.MANIFEST: _json(shapes.MANIFEST_BODY)}
    files |= dict(_numbered(shapes.ROBOTS_FOLDER, (_template(n, c, chart) for n, c in enumerate(stages, 1))))
    files |= dict(_numbered(shapes.TRIGGERS_FOLDER, (_trigger(signal) for signal in signals)))
    content = _zipped(files)
    checked(content, chart)
    name = f"dental-crm-robots-{hashlib.sha256(content).hexdigest()[:8]}.zip"
    robots = sum(len(chain.robots) for chain in chains)
    return Pack(name, content, robots, len(signals), len(stages))


def checked(content: bytes, chart: Chart) -> None:
    """Let no archive out that might do harm, whoever made it. Raises :class:`InvalidInput`."""
    problems = checks.problems(content, frozenset(stage.id for stage in chart.stages))
    if problems:
        raise InvalidInput(words.REFUSED.format(problems=joined(problems)))


def _by_stage(chains: Iterable[Chain], chart: Chart) -> list[list[Chain]]:
    """One template for each stage: the engine takes one row only (§1.7)."""
    at: dict[str, list[Chain]] = {stage.id: [] for stage in chart.stages}
    for chain in chains:
        at[chain.stage.id].append(chain)
    return [found for found in at.values() if found]


def _template(number: int, chains: Sequence[Chain], chart: Chart) -> Mapping[str, Any]:
    place, language = chains[0].stage, "en" if chart.language == "en" else "ru"
    data = {"VERSION": 2, "PARAMETERS": [], "VARIABLES": [], "CONSTANTS": [], "DOCUMENT_FIELDS": []}
    return {
        "ID": number,
        "MODULE_ID": shapes.MODULE,
        "ENTITY": shapes.DOCUMENT,
        "DOCUMENT_TYPE": shapes.KIND,
        "DOCUMENT_STATUS": place.id,
        "NAME": words.NAMED.format(stage=place.name).into(language),
        "AUTO_EXECUTE": shapes.ON_STAGE,
        "DESCRIPTION": "",
        "SYSTEM_CODE": "bitrix_bizproc_automation",
        "ORIGINATOR_ID": None,
        "ORIGIN_ID": None,
        "TEMPLATE_DATA": {**data, "TEMPLATE": [nodes.on_stage(chains, language)]},
    }


def _trigger(signal: Signal) -> Mapping[str, Any]:
    return {
        "NAME": signal.name,
        "CODE": signal.code,
        "ENTITY_TYPE_ID": 2,
        "ENTITY_STATUS": signal.stage.id,
        "APPLY_RULES": signal.rules,
    }


def _numbered(folder: str, bodies: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, bytes]]:
    """Zero-padded: the portal reads them in the order of their names."""
    for number, body in enumerate(bodies):
        yield f"{folder}/{number:04}.json", _padded(body)


def _padded(body: Mapping[str, Any]) -> bytes:
    plain = _json(body)
    if len(plain) not in shapes.AWKWARD:
        return plain
    return _json({**body, shapes.PADDING: hashlib.sha512(plain).hexdigest()})


def _json(body: object) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    """Stored as they are: compressors differ from machine to machine."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system, entry.external_attr = 3, _RIGHTS
            archive.writestr(entry, files[name])
    return target.getvalue()
