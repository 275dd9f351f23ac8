"""Choices: what each field of a rule's form offers, by the account's own names. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from widget_backend.crm.chart import Chart
from widget_backend.fields import Options
from widget_backend.robots import grammar, naming, sentences, standing, wording
from widget_backend.robots.reading.checks import SORTS
from widget_backend.robots.rule import TaskTemplate
from widget_backend.rulebook import words
from widget_backend.rulebook.places import places
from widget_backend.texts import Text

#: what only a preset or a robot of the CRM can use
NOT_OFFERED: Final = frozenset({"mis", "robot", "start_bot", "call_back"})
FLAG: Final[Options] = ((None, (("yes", words.YES), ("no", words.NO))),)


def triggers(chosen: str) -> Options:
    """What can happen."""
    return _plain(words.TRIGGERS, chosen)


def actions(chosen: str) -> Options:
    """What can be done."""
    return _plain(words.ACTIONS, chosen)


def operators(what: str, chart: Chart) -> Options:
    """How this can be compared."""
    fact, field = grammar.FACTS.get(what), chart.field.get(what)
    sort = fact.sort if fact else SORTS.get(field.type, "text") if field else ""
    wanted = [op for op in grammar.OPERATORS if op not in grammar.ORDERED or sort in ("number", "")]
    if sort in ("flag", "pipeline"):
        wanted = ["equals", "differs"]
    return ((None, tuple((op, words.OPERATORS[op]) for op in wanted)),)


def asked(chart: Chart, chosen: str) -> Options:
    """What a condition can look at."""
    facts = tuple((name, _capital(fact.says)) for name, fact in grammar.FACTS.items())
    groups: Options = ((words.KNOWN_FACTS, facts), *_fields(chart))
    known = {value for _, group in groups for value, _ in group}
    extra = ((chosen, sentences.asked(chosen, chart)),) if chosen and chosen not in known else ()
    return (*groups, *(((None, extra),) if extra else ()))


def values_of(what: str, chart: Chart) -> Options:
    """What it can be compared with; nothing where that is typed."""
    fact, field = grammar.FACTS.get(what), chart.field.get(what)
    if (fact and fact.sort == "flag") or (field and field.type == "boolean"):
        return FLAG
    if fact and fact.sort == "pipeline":
        return ((None, tuple((one.address, _both(one.name)) for one in chart.pipelines if one.address)),)
    if field and field.type == "list":
        return ((None, tuple((option.key, _both(option.label)) for option in field.options)),)
    return ()


def of_part(
    part: str,
    chart: Chart,
    tasks: Mapping[str, TaskTemplate],
    beside: Mapping[str, Any] | None = None,
    *,
    trigger: bool = False,
) -> Options:
    """What a part of a trigger or action offers; nothing where it is typed. ``beside``: the action's other parts."""
    if part in ("stages", "to", "out_of"):
        return _stages(chart, part)
    if part == "channels":
        return ((None, tuple(grammar.CHANNELS.items())),)
    if part == "who":
        return ((None, tuple((key, _capital(role.says)) for key, role in grammar.ROLES.items())),)
    if part == "task":
        return ((None, tuple((address, task.title) for address, task in tasks.items())),)
    if part == "field":
        return _fields(chart, only_own=not trigger)
    if part == "fact":
        return ((None, tuple(grammar.MIS_FACTS.items())),)
    return _written(str((beside or {}).get("field", "")), chart) if part == "value" else ()


def filled(given: Mapping[str, Any], chart: Chart) -> Text:
    """What a new deal starts with, in words."""
    parts = [(naming.field(chart, name), wording.value(value, name, chart)) for name, value in given.items()]
    return Text(
        "; ".join(f"«{name}»: {said.ru}" for name, said in parts),
        "; ".join(f"“{name}”: {said.en}" for name, said in parts),
    )


def _stages(chart: Chart, part: str) -> Options:
    groups: Options = tuple(
        (_both(name), tuple((address, _both(stage)) for address, stage in inside)) for name, inside in places(chart)
    )
    if part == "stages":
        kinds = tuple((word, _capital(says)) for word, says in grammar.STAGE_WORDS.items())
        return ((words.STAGE_KINDS, kinds), *groups)
    return ((None, ((grammar.ORIGIN, _capital(wording.ORIGIN)),)), *groups) if part == "to" else groups


def _fields(chart: Chart, *, only_own: bool = False) -> Options:
    """``only_own``: without the parts that every deal and contact has."""
    found = []
    for entity, heading in (("deal", words.DEAL_FIELDS), ("contact", words.PATIENT_FIELDS)):
        of_entity = sorted(chart.fields_of(entity), key=lambda one: one.name)
        named = tuple((one.address, _both(one.name)) for one in of_entity if not only_own or _is_own(one.address))
        if named:
            found.append((heading, named))
    return tuple(found)


def _is_own(address: str) -> bool:
    return address.rpartition(".")[2] not in standing.PARTS


def _written(field: str, chart: Chart) -> Options:
    """What may be written into this field; nothing where it is typed."""
    known = chart.field.get(field)
    if known is None:
        return ()
    sort = SORTS.get(known.type, "text")
    taken = tuple((name, _capital(one.says)) for name, one in grammar.VALUES.items() if one.sort == sort)
    if sort == "flag":
        return FLAG
    if known.type == "list":
        return (
            (words.OPTIONS, tuple((one.key, _both(one.label)) for one in known.options)),
            (words.TAKEN_VALUES, taken),
        )
    return ((words.TAKEN_VALUES, taken),) if sort == "time" else ()


def _plain(named: Mapping[str, Text], chosen: str) -> Options:
    return ((None, tuple((key, says) for key, says in named.items() if key not in NOT_OFFERED or key == chosen)),)


def _both(name: str) -> Text:
    return Text(name, name)


def _capital(says: Text) -> Text:
    return Text(says.ru[:1].upper() + says.ru[1:], says.en[:1].upper() + says.en[1:])
