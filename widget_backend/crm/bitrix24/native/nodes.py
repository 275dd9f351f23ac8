"""Trees of activities: in the one grammar that the portal's screen of robots can edit (§1.5), and as a workflow. Pure.

Names come from what a node is for, so that the same rules give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

from widget_backend.crm.bitrix24.native import asking, words
from widget_backend.crm.bitrix24.native.asking import Item
from widget_backend.crm.bitrix24.native.saying import Chain
from widget_backend.crm.bitrix24.native.steps import Robot
from widget_backend.texts import Text

Node: TypeAlias = dict[str, Any]

#: titles that the vendor's own screen gives
_ROOT, _SEQUENCE = "Bizproc Automation template", "Automation sequence"
_PARTS: Final = 4


def on_stage(chains: Sequence[Chain], language: str) -> Node:
    """The robots of one stage: a chain for each rule, those that move the deal last; a spare chain is empty."""
    ordered = sorted(chains, key=lambda chain: chain.moves)
    key = f"{chains[0].stage.id}"
    rows = [_sequence(chain, language) for chain in ordered]
    rows.append(_node("SequenceActivity", f"{key}/spare", {"Title": _SEQUENCE}))
    parallel = _node("ParallelActivity", key, {"Title": _ROOT}, rows)
    return _root({"Title": _ROOT}, [parallel])


def as_flow(chain: Chain, title: str, language: str) -> Node:
    """A workflow of one rule: it waits, looks whether the deal still stands there, and acts."""
    asks = (asking.stands_at(chain.stage), *chain.asks)
    return _root({"Title": title}, _links(chain, asks, language))


def _sequence(chain: Chain, language: str) -> Node:
    links = _links(chain, chain.asks, language)
    return _node("SequenceActivity", _path(chain), {"Title": _SEQUENCE}, links)


def _links(chain: Chain, asks: Sequence[Item], language: str) -> list[Node]:
    path = _path(chain)
    pause = {**chain.wait, "Title": words.WAIT.into(language)} if chain.wait else None
    links = [_node("RobotDelayActivity", f"{path}/wait", pause)] if pause else []
    for number, robot in enumerate(chain.robots):
        made = _robot(chain, robot, f"{path}/{number}")
        links.append(_when(made, asks, f"{path}/{number}", words.CONDITION, language) if asks else made)
    return links


def _when(robot: Node, asks: Sequence[Item], path: str, title: Text, language: str) -> Node:
    said = title.into(language)
    held = _node("IfElseBranchActivity", f"{path}/if", {"Title": said, "mixedcondition": list(asks)}, [robot])
    other = _node("IfElseBranchActivity", f"{path}/else", {"Title": said, "truecondition": "1"})
    return _node("IfElseActivity", f"{path}/when", {"Title": said}, [held, other])


def _robot(chain: Chain, robot: Robot, path: str) -> Node:
    return _node(robot.type, path, {"Title": chain.name, **robot.properties})


def _root(properties: Mapping[str, Any], children: list[Node]) -> Node:
    root = {"Type": "SequentialWorkflowActivity", "Name": "Template", "Activated": "Y"}
    return {**root, "Properties": dict(properties), "Children": children}


def _node(kind: str, path: str, properties: Mapping[str, Any], children: Sequence[Node] = ()) -> Node:
    named = {"Type": kind, "Name": _name(f"{kind}:{path}"), "Activated": "Y"}
    return {**named, "Properties": dict(properties), "Children": list(children)}


def _path(chain: Chain) -> str:
    return f"{chain.stage.id}/{chain.key}"


def _name(path: str) -> str:
    """``A12345_12345_12345_12345``."""
    digest = hashlib.sha256(path.encode()).digest()
    numbers = [10000 + int.from_bytes(digest[4 * n : 4 * n + 4], "big") % 90000 for n in range(_PARTS)]
    return "A" + "_".join(str(number) for number in numbers)
