"""A plan shown: one set of rows for the terminal, for JSON and for a page. Rendering never decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from installer import wording
from installer.cards import sections_of
from installer.plan import FORMAT, Plan
from installer.preset.outline import BUILT_IN_NAMES
from widget_backend.crm.encoding import encode_all
from widget_backend.crm.model import Action, Capabilities, Change, Kind, Option, Ref, Section, Snapshot, Value

SYMBOLS = {
    Action.CREATE: "+",
    Action.UPDATE: "~",
    Action.DELETE: "-",
    Action.ADOPT: "=",
    Action.KEEP: " ",
    Action.FORGET: "o",
    Action.CONFLICT: "?",
    Action.UNSUPPORTED: "x",
    Action.MANUAL: "!",
}

#: actions in the order the summary names them
SUMMARY = (
    Action.CREATE,
    Action.UPDATE,
    Action.DELETE,
    Action.ADOPT,
    Action.KEEP,
    Action.FORGET,
    Action.CONFLICT,
    Action.MANUAL,
    Action.UNSUPPORTED,
)

#: fields of one section of a card that are named
NAMED = 6


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute: what it is called, was and becomes, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a plan in a person's words."""

    action: Action
    symbol: str
    verb: str
    kind: Kind
    group: str
    title: str
    address: str
    differences: tuple[Difference, ...]
    note: str
    done: bool


def rows(plan: Plan, language: str, names: dict[str, str] | None = None) -> tuple[Row, ...]:
    """All lines in the order of kinds. ``names``: remote id or address -> what people call it."""
    known = names if names is not None else names_of(plan)
    ordered = sorted(plan.changes, key=lambda change: list(Kind).index(change.kind))
    return tuple(row(change, language, known) for change in ordered)


def row(change: Change, language: str, names: dict[str, str]) -> Row:
    """One line; ``names`` as for :func:`rows`."""
    shown = change.action in (Action.UPDATE, Action.CONFLICT) or (change.action in (Action.KEEP, Action.ADOPT))
    differences = tuple(_difference(change, name, language, names) for name in change.after) if shown else ()
    return Row(
        change.action,
        "✓" if change.done else SYMBOLS[change.action],
        wording.ACTIONS[change.action].into(language),
        change.kind,
        wording.PLURALS[change.kind].into(language),
        _title(change, language),
        change.address,
        tuple(difference for difference in differences if difference.before != difference.after),
        change.note.into(language) if change.note else "",
        change.done,
    )


def names_of(plan: Plan, snapshot: Snapshot | None = None) -> dict[str, str]:
    """What to call the ids and addresses that stand in the rows of this plan."""
    names = {remote.id: remote.name for remote in snapshot.remotes} if snapshot else {}
    for change in plan.changes:
        names[change.address] = change.title
        if change.remote is not None:
            names[change.remote.id] = change.title
    return names


def built_in_names(capabilities: Capabilities, language: str) -> dict[str, str]:
    """What to call the CRM's own fields, by the ids it has for them."""
    return {id_: BUILT_IN_NAMES[name].into(language) for name, id_ in capabilities.system_fields.items()}


def summary(plan: Plan, language: str) -> str:
    """«создать 42, изменить 3, оставить 118»."""
    counted = ((action, plan.count(action)) for action in SUMMARY)
    return ", ".join(f"{wording.ACTIONS[action].into(language)} {number}" for action, number in counted if number)


def as_json(plan: Plan, language: str) -> dict[str, Any]:
    """The plan as data: what ``--json`` prints and ``--out`` saves. ``checksum`` is what ``apply --plan`` compares."""
    return {
        "format": FORMAT,
        "checksum": plan.checksum,
        "purpose": plan.purpose,
        "preset": {"key": plan.preset, "version": plan.version, "digest": plan.digest},
        "account": {"vendor": plan.vendor, "key": plan.account.key, "name": plan.account.name},
        "nothing_to_do": plan.is_settled,
        "counts": {action.value: plan.count(action) for action in Action},
        "guards": [{"code": guard.code, "message": guard.message.into(language)} for guard in plan.guards],
        "rows": [_change_json(change, language) for change in plan.changes],
    }


def _change_json(change: Change, language: str) -> dict[str, Any]:
    return {
        "action": change.action.value,
        "kind": change.kind.value,
        "address": change.address,
        "title": change.title,
        "entity": (change.resource or change.remote).entity if change.resource or change.remote else "",  # type: ignore[union-attr]
        "remote_id": change.remote.id if change.remote else None,
        "before": encode_all(change.before),
        "after": encode_all(change.after),
        "note": change.note.into(language) if change.note else None,
        "done": change.done,
    }


def _title(change: Change, language: str) -> str:
    """Fields and tabs say whose they are."""
    owner = change.resource or change.remote
    if change.kind in (Kind.FIELD, Kind.GROUP, Kind.TAG) and owner is not None:
        entity = wording.CONTACT if owner.entity == "contact" else wording.DEAL
        return f"{change.title} ({entity.into(language)})"
    return change.title


def _difference(change: Change, name: str, language: str, names: dict[str, str]) -> Difference:
    label = wording.ATTRIBUTES[name].into(language) if name in wording.ATTRIBUTES else name
    before, after = change.before.get(name), change.after.get(name)
    if sections_of(before) or sections_of(after):
        before, after = _apart(before, after), _apart(after, before)
    coded = {code: word.into(language) for code, word in wording.VALUES.get(name, {}).items()}
    known = {**names, **coded} if coded else names
    return Difference(label, _say(before, language, known), _say(after, language, known))


def _apart(card: Value, other: Value) -> tuple[Section, ...]:
    """What of a card stands elsewhere on the other, or not at all."""
    there = {(section.title, field) for section in sections_of(other) for field in section.fields}
    apart = (
        Section(section.title, tuple(field for field in section.fields if (section.title, field) not in there))
        for section in sections_of(card)
    )
    return tuple(section for section in apart if section.fields)


def _say(value: Value, language: str, names: dict[str, str]) -> str:
    """One value in words."""
    match value:
        case None | "" | ():
            return "—"
        case bool():
            return ("да" if value else "нет") if language == "ru" else ("yes" if value else "no")
        case int():
            return str(value)
        case Ref(address):
            return names.get(address, address)
        case tuple():
            between = "; " if sections_of(value) else ", "
            return between.join(_say_item(item, language, names) for item in value)
        case _:
            return names.get(str(value), str(value))


def _say_item(item: Ref | str | Option | Section, language: str, names: dict[str, str]) -> str:
    match item:
        case Option():
            return item.label
        case Section(title, fields):
            named = ", ".join(_say_item(field, language, names) for field in fields[:NAMED])
            return f"{title or '…'}: {named}" + (f" … (+{len(fields) - NAMED})" if len(fields) > NAMED else "")
        case Ref(address):
            return names.get(address, address)
        case _:
            return names.get(item, item)


def grouped(lines: Iterable[Row]) -> dict[str, list[Row]]:
    """Lines under their kind's heading, in order."""
    result: dict[str, list[Row]] = {}
    for line in lines:
        result.setdefault(line.group, []).append(line)
    return result
