"""Words, spans, fields and people as the portal's automation writes them (bitrix24-preset-archive.md §1.5). Pure.

All raise :class:`Unsaid` where it has no words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from widget_backend.crm.bitrix24 import naming
from widget_backend.crm.bitrix24.native import shapes, words
from widget_backend.crm.bitrix24.native.unsaid import Unsaid
from widget_backend.crm.chart import Chart, ChartField, ChartStage
from widget_backend.robots import grammar
from widget_backend.robots.rule import Scalar
from widget_backend.texts import Text

#: what the portal would read as a command, an expression or a script
_SPECIAL: Final = re.compile(r"[{}<>]|^\s*=")
#: minutes are ``i`` in the portal's spans
_UNITS: Final[Mapping[str, str]] = {"m": "i", "h": "h", "d": "d"}
_TIMES: Final = frozenset({"date", "datetime"})
#: field types whose values a robot writes as they are
_PLAIN: Final = frozenset({"text", "long_text", "url", "number"})


def spoken(text: Text, chart: Chart) -> str:
    """In the language of the account."""
    said = text.into("en" if chart.language == "en" else "ru")
    if _SPECIAL.search(said):
        raise Unsaid(words.SPECIAL)
    return said


def stage(chart: Chart, address: str) -> ChartStage:
    """A stage of ours that a step sends a deal to."""
    if address == grammar.ORIGIN:
        raise Unsaid(words.NO_ORIGIN)
    if address not in chart.stage:
        raise Unsaid(words.NO_TARGET.format(address=address))
    return chart.stage[address]


def person(who: str) -> list[str]:
    """Somebody of the team: an expression, never a number of a user."""
    if who == "responsible":
        return [shapes.RESPONSIBLE]
    raise Unsaid(words.NO_PERSON.get(who) or words.ANOTHER.format(whom=grammar.ROLES[who].says))


def field(chart: Chart, address: str) -> ChartField:
    """A field of the deal's that people fill in."""
    found = chart.field.get(address)
    if found is None:
        raise Unsaid(words.NO_FIELD.format(address=address))
    if found.entity != "deal":
        raise Unsaid(words.OF_CONTACT.format(field=found.name))
    if found.system and found.address.rpartition(".")[2] not in shapes.DOCUMENT_FIELDS:
        raise Unsaid(words.NOT_COMPARED.format(field=found.name))
    return found


def code(one: ChartField) -> str:
    """A field's code in the automation's document."""
    return shapes.DOCUMENT_FIELDS[one.address.rpartition(".")[2]] if one.system else one.id


def option(one: ChartField, key: str) -> str:
    """The code of an option: fixed in fields that we made, not known of others (§1.5, ``XML_ID``)."""
    if not naming.field_key("deal", one.id, "") or key not in {each.key for each in one.options}:
        raise Unsaid(words.OF_LIST.format(field=one.name))
    return key


def value(one: ChartField, given: Scalar, chart: Chart) -> str:
    """What a robot writes into a field."""
    if isinstance(given, str) and given in grammar.VALUES:
        return _taken(one, given)
    if one.type == "boolean" and isinstance(given, bool):
        return "Y" if given else "N"
    if one.type == "list" and isinstance(given, str):
        return option(one, given)
    if one.type == "money" and isinstance(given, int) and chart.currency:
        return f"{given}|{chart.currency}"
    if one.type in _PLAIN and isinstance(given, str | int):
        return spoken(Text(str(given), str(given)), chart)
    raise Unsaid(words.NO_VALUE.format(value=given))


def _taken(one: ChartField, word: str) -> str:
    if word in ("today", "now") and one.type in _TIMES:
        return shapes.NOW
    raise Unsaid(words.NO_VALUE.format(value=grammar.VALUES[word].says))


def moment(one: ChartField) -> str:
    """The moment a date field holds."""
    if one.type not in _TIMES or one.multiple:
        raise Unsaid(words.NOT_COMPARED.format(field=one.name))
    return f"{{=Document:{one.id}}}"


def shifted(base: str, span: str, sign: str = "", *, working: bool = False) -> str:
    """A moment so long after (or, with ``-``, before) another, as an expression."""
    amount = f"{sign}{span[:-1]}{_UNITS[span[-1]]}"
    return f'={"workdateadd" if working else "dateadd"}({base},"{amount}")'
