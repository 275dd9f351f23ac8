"""Whether a tree of robots is of the grammar that people can edit, on the white list, and of this portal's own stages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, TypeGuard

from widget_backend.crm.bitrix24.native import shapes, words
from widget_backend.texts import Text

#: a person of one portal, who is somebody else in another
_USER: Final = re.compile(r"\buser_\d+|\bgroup_\w+")
#: properties that name a stage
_STAGES: Final = ("TargetStatus", "StageId")


def problems(file: str, template: Any, stages: Collection[str]) -> Iterator[Text]:
    """All that is wrong with the tree of one stage."""
    root = template[0] if isinstance(template, list) and len(template) == 1 else None
    if not _is(root, "SequentialWorkflowActivity") or len(root["Children"]) != 1:
        yield words.WRONG_FORM.format(file=file, type="SequentialWorkflowActivity")
        return
    parallel = root["Children"][0]
    if not _is(parallel, "ParallelActivity") or len(parallel["Children"]) < 2:
        yield words.WRONG_FORM.format(file=file, type="ParallelActivity")
        return
    for chain in parallel["Children"]:
        yield from _chain(file, chain)
    yield from _names(file, root)
    for node in _walk(root):
        yield from _properties(file, node, stages)


def _chain(file: str, chain: Any) -> Iterator[Text]:
    """Pauses, robots, and robots under a condition; nothing ends with a pause."""
    if not _is(chain, "SequenceActivity"):
        yield words.WRONG_FORM.format(file=file, type="SequenceActivity")
        return
    links = chain["Children"]
    for place, link in enumerate(links):
        kind = link.get("Type") if isinstance(link, dict) else None
        if kind == "RobotDelayActivity":
            if place + 1 == len(links) or links[place + 1].get("Type") == kind:
                yield words.WRONG_FORM.format(file=file, type=kind)
        elif kind == "IfElseActivity":
            yield from _choice(file, link)
        elif shape_of(str(kind)) is None:
            yield words.NOT_LISTED.format(file=file, type=kind)


def _choice(file: str, choice: Mapping[str, Any]) -> Iterator[Text]:
    branches = choice.get("Children")
    if not isinstance(branches, list) or [b.get("Type") for b in branches] != ["IfElseBranchActivity"] * 2:
        yield words.WRONG_FORM.format(file=file, type="IfElseActivity")
        return
    held, other = branches
    inside = held.get("Children") or []
    otherwise = {name: value for name, value in other["Properties"].items() if name != "Title"}
    is_choice = bool(held["Properties"].get("mixedcondition")) and otherwise == {"truecondition": "1"}
    if not is_choice or len(inside) != 1 or other.get("Children"):
        yield words.WRONG_FORM.format(file=file, type="IfElseBranchActivity")
    elif shape_of(str(inside[0].get("Type"))) is None:
        yield words.NOT_LISTED.format(file=file, type=inside[0].get("Type"))


def shape_of(kind: str) -> shapes.Shape | None:
    """What a robot may hold; none for what is no robot of the list."""
    return shapes.OUR_SHAPE if shapes.OURS.fullmatch(kind) else shapes.ROBOTS.get(kind)


def _properties(file: str, node: Mapping[str, Any], stages: Collection[str]) -> Iterator[Text]:
    kind, given = str(node["Type"]), node["Properties"]
    shape = shapes.FRAME.get(kind) or shape_of(kind)
    if shape is None:
        return
    for name in sorted(shape.needs - given.keys()):
        yield words.NO_PROPERTY.format(file=file, type=kind, name=name)
    for name in sorted(given.keys() - shape.needs - shape.may):
        yield words.EXTRA_PROPERTY.format(file=file, type=kind, name=name)
    for name in _STAGES:
        if name in given and str(given[name]) not in stages:
            yield words.FOREIGN_STAGE.format(file=file, stage=given[name])
    for text in _texts(given):
        if found := _USER.search(text):
            yield words.NAMES_USER.format(file=file, user=found.group())


def _names(file: str, root: Mapping[str, Any]) -> Iterator[Text]:
    seen: set[str] = set()
    for node in _walk(root):
        if node["Name"] in seen:
            yield words.SAME_NAME.format(file=file, name=node["Name"])
        seen.add(node["Name"])


def _walk(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in node.get("Children") or ():
        if isinstance(child, dict) and isinstance(child.get("Properties"), dict):
            yield from _walk(child)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)


def _is(node: Any, kind: str) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(node, dict)
        and node.get("Type") == kind
        and isinstance(node.get("Properties"), dict)
        and isinstance(node.get("Children"), list)
    )
