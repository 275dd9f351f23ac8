"""The settings of a robot of ours that stands on a stage: what can be chosen, by name, and what is chosen now. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from widget_backend.crm.chart import Chart
from widget_backend.native import robot_words as words
from widget_backend.texts import Text

#: properties that any of our robots has
KEYS: Final = ("stage", "fields")
Kind = Literal["one", "many"]
#: (heading, ((address, name), …))
Groups = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True)
class Property:
    """One property. ``chosen``: addresses; ``gone``: what was chosen and is no more."""

    key: str
    label: Text
    hint: Text
    kind: Kind
    groups: Groups
    chosen: tuple[str, ...]
    gone: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """The page of one robot."""

    code: str
    title: Text
    lead: Text
    properties: tuple[Property, ...]


def setting(code: str, given: Mapping[str, str], chart: Chart) -> Setting | None:
    """``None`` for a robot we do not have."""
    if code not in words.ROBOTS:
        return None
    title, lead = words.ROBOTS[code]
    return Setting(code, title, lead, tuple(make(given, chart) for make in _PROPERTIES.get(code, ())))


def _stage(given: Mapping[str, str], chart: Chart) -> Property:
    """An address; what people wrote by hand before may be a name or the CRM's number."""
    told, groups = given.get("stage", "").strip(), _stages(chart)
    meant = [
        address
        for heading, inside in groups
        for address, name in inside
        if told in (address, chart.stage[address].id, name, f"{heading} / {name}")
    ]
    chosen = tuple(meant) if len(meant) == 1 else ()
    return Property("stage", words.STAGE, words.STAGE_HINT, "one", groups, chosen, "" if chosen else told)


def _stages(chart: Chart) -> Groups:
    groups = []
    for pipeline in sorted(chart.pipelines, key=lambda one: one.position):
        inside = [s for s in chart.stages if s.pipeline_id == pipeline.id and s.kind == "open" and s.address]
        if pipeline.address and inside:
            ordered = sorted(inside, key=lambda stage: stage.position)
            groups.append((pipeline.name, tuple((stage.address, stage.name) for stage in ordered)))
    return tuple(groups)


def _fields(given: Mapping[str, str], chart: Chart) -> Property:
    """Addresses, separated by commas; none means those that the deal's stage requires."""
    told = [part.strip() for part in given.get("fields", "").split(",") if part.strip()]
    listed = tuple((one.address, one.name) for one in chart.fields_of("deal"))
    offered = {address for address, _ in listed}
    gone = ", ".join(one for one in told if one not in offered)
    chosen = tuple(one for one in told if one in offered)
    return Property("fields", words.FIELDS, words.FIELDS_HINT, "many", (("", listed),), chosen, gone)


_Make = Callable[[Mapping[str, str], Chart], Property]
_PROPERTIES: Final[Mapping[str, tuple[_Make, ...]]] = {
    "copy_deal": (_stage,),
    "wake_deal": (_stage,),
    "check_fields": (_fields,),
}
