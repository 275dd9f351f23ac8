"""What a message tells besides its record, as text to be sealed, and back: an activity, a robot's call, moves, changes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from widget_backend.crm.records import Activity, Channel, Move, RobotCall


@dataclass(frozen=True, slots=True)
class PatientChanged:
    """Fields of the deal's patient that others than us changed. ``stamp``: the change's own name."""

    fields: tuple[str, ...]
    stamp: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Touch:
    """The patient of the deal got in touch. ``name``: of this time; of a conversation each message is one."""

    name: str
    channel: Channel
    at: datetime


Told = Activity | RobotCall | tuple[Move, ...] | PatientChanged | Touch


def pack(told: Told) -> str:
    """As text."""
    kind, value = ("moves", [_plain(move) for move in told]) if isinstance(told, tuple) else (_name(told), _plain(told))
    return json.dumps([kind, value], ensure_ascii=False, separators=(",", ":"))


def unpack(text: str) -> Told:
    """The inverse of :func:`pack`."""
    kind, value = json.loads(text)
    return _READ[kind](value)


def _name(told: Activity | RobotCall | PatientChanged | Touch) -> str:
    return {Activity: "activity", RobotCall: "call", PatientChanged: "patient", Touch: "touch"}[type(told)]


def _plain(told: Any) -> dict[str, Any]:
    named = {name: getattr(told, name) for name in told.__slots__}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in named.items()}


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _activity(value: Mapping[str, Any]) -> Activity:
    parts = {"deals": tuple(value["deals"]), "contacts": tuple(value["contacts"]), "at": _moment(value["at"])}
    return Activity(**{**value, **parts})


def _call(value: Mapping[str, Any]) -> RobotCall:
    return RobotCall(**{**value, "at": _moment(value["at"])})


def _moves(value: Sequence[Mapping[str, Any]]) -> tuple[Move, ...]:
    return tuple(Move(**{**move, "at": datetime.fromisoformat(move["at"])}) for move in value)


def _touch(value: Mapping[str, Any]) -> Touch:
    return Touch(**{**value, "at": datetime.fromisoformat(value["at"])})


def _patient(value: Mapping[str, Any]) -> PatientChanged:
    return PatientChanged(tuple(value["fields"]), value["stamp"], datetime.fromisoformat(value["at"]))


_READ: Final[Mapping[str, Callable[[Any], Told]]] = {
    "activity": _activity,
    "call": _call,
    "moves": _moves,
    "patient": _patient,
    "touch": _touch,
}
