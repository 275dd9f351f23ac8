"""A rule of the clinic's own, as a form or a file says it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError

from widget_backend.errors import InvalidInput
from widget_backend.robots.reading.complaints import UNKNOWN, Path, spell, translate
from widget_backend.robots.reading.rule_schema import RulePart
from widget_backend.robots.rule import Rule
from widget_backend.texts import Text

WRONG: Final = Text(
    "Правило не сохранено, прежние работают как работали. {problems}.",
    "The rule was not saved, the others work as before. {problems}.",
)
NO_SUCH: Final = Text("такого здесь не бывает", "there is no such thing here")


def read(content: Mapping[str, Any]) -> Rule:
    """The rule. Raises :class:`InvalidInput` with all that is wrong."""
    rule, messages = _loaded(content)
    if rule is None:
        raise wrong(complaints(messages))
    return rule


def placed(content: Mapping[str, Any]) -> tuple[Rule | None, Mapping[Path, Text]]:
    """The rule, or what is wrong at each of its places: «("do", 0, "to")», «()» for what lies in no one place."""
    rule, messages = _loaded(content)
    return rule, dict(_flat(messages, ()))


def complaints(messages: Any) -> list[Text]:
    """What a schema complains of, each with its place in the form."""
    return [_spelt(path, said) for path, said in _flat(messages, ())]


def wrong(problems: Sequence[Text]) -> InvalidInput:
    """All of them at once."""
    said = Text("; ".join(one.ru for one in problems), "; ".join(one.en for one in problems))
    return InvalidInput(WRONG.format(problems=said))


def _loaded(content: Mapping[str, Any]) -> tuple[Rule | None, Any]:
    try:
        return RulePart().load(dict(content)), {}
    except ValidationError as error:
        return None, error.messages


def _spelt(path: Path, said: Text) -> Text:
    place = f"{spell(path)}: " if path else ""
    return Text(f"{place}{said.ru}", f"{place}{said.en}")


def _flat(messages: Any, path: Path) -> Iterator[tuple[Path, Text]]:
    """Each complaint below ``path``, with its place."""
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            yield from _flat(inner, path if name == "_schema" else (*path, name))
        return
    for message in messages if isinstance(messages, list) else [messages]:
        yield path, NO_SUCH if message == UNKNOWN else translate(message)
