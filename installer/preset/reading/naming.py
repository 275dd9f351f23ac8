"""Names that speak of a patient's health (domain T-04): whoever sees the CRM reads them, so they are pointed out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from widget_backend.robots.reading.complaints import Path
from widget_backend.texts import Text

HINT = Text(
    "«{name}» говорит о здоровье пациента («{word}»): назовите общими словами, в CRM это видят не только врачи",
    "“{name}” speaks of the patient's health (“{word}”): use a general name, not only doctors see it in the CRM",
)

#: beginnings of words, Russian and English; a space stands for any space
_STEMS = (
    "масс[аы] тела|индекс массы|имт\\b|похуд|лишн\\w* вес|ожирен|диагноз|диагност\\w* заболев|анамнез|симптом",
    "вич\\b|спид\\b|гепатит|сифилис|туберкул|онколог|рак\\b|диабет|эпилеп|астм|аллерги|инвалид|беремен",
    "психиатр|психическ|депресси|нарколог|наркозависим|алкогол|кариес|пульпит|периодонтит|пародонтит|адентия",
    "body mass|bmi\\b|weight loss|overweight|obes|diagnos[ie]|anamnesis|symptom|hiv\\b|aids\\b|hepatitis|syphilis",
    "tubercul|oncolog|cancer|diabet|epilep|asthma|allerg|disabled\\b|pregnan|psychiat|depression|addict|alcohol",
    "caries|pulpitis|periodontitis",
)
_STOP = re.compile(rf"\b({'|'.join(_STEMS)})".replace(" ", r"\s+"), re.IGNORECASE)

#: keys under which a file names things people will see
_NAMING = ("name", "title", "label", "aliases")


def health_hint(name: str) -> str:
    """The word that gives a patient's health away, or nothing."""
    found = _STOP.search(name)
    return found.group() if found else ""


def health_hints(data: Any, path: Path = ()) -> Iterator[tuple[Path, Text]]:
    """Every name in a file's data that hints at health; the clinic's own lists are names too."""
    if isinstance(data, dict):
        for key, value in data.items():
            listed = key in ("default", "default_if") and data.get("type") == "list"
            yield from _named(value, (*path, key)) if key in _NAMING or listed else health_hints(value, (*path, key))
    elif isinstance(data, list):
        for index, item in enumerate(data):
            yield from health_hints(item, (*path, index))


def _named(value: Any, path: Path) -> Iterator[tuple[Path, Text]]:
    """The texts of a name, wherever they stand in it."""
    if isinstance(value, str):
        if word := health_hint(value):
            yield path, HINT.format(name=value, word=word)
    elif isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _named(inner, (*path, step))
