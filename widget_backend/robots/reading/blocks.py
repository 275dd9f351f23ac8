"""What the schemas of presets and of own rules are built of: parts that become values, keys, addresses, words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

from widget_backend.robots import grammar
from widget_backend.texts import Text

#: a key becomes part of a CRM's code: Bitrix24 leaves 16 characters for a stage, 38 for a field
KEY, FIELD_KEY, STAGE_KEY, PIPELINE_KEY = 40, 30, 14, 12
#: the shortest of the vendors' ceilings; a per-stage date joins the names of a pipeline and a stage (see ``checks``)
NAME, STAGE_NAME, PIPELINE_NAME, LONG = 100, 50, 40, 2000


class Form(validate.Regexp):
    """The whole text must match; a plain ``$`` would let a line end through."""

    def __call__(self, value: Any) -> Any:
        """The value itself, if it has this form."""
        if self.regex.fullmatch(value) is None:
            raise ValidationError(self.error)
        return value


class Part(Schema):
    """A schema that makes one of the values."""

    makes: ClassVar[type[Any]]

    @post_load
    def make(self, data: dict[str, Any], **_: Any) -> Any:
        """The value itself."""
        return self.makes(**data)


class Tuple(fields.List[Any]):
    """A list that becomes a tuple."""

    def _deserialize(self, *args: Any, **named: Any) -> Any:
        return tuple(super()._deserialize(*args, **named))


class Scalar(fields.Field[Any]):
    """Text, whole number or true/false."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, bool | int | str):
            return value
        raise ValidationError([Text("нужен текст, целое число или true/false", "a text, number or boolean is needed")])


class SettingScalar(Scalar):
    """The same, or a list of texts in one language or in both."""

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> Any:
        if isinstance(value, list):
            return tuple(item if isinstance(item, str) else TextPart().load(item) for item in value)
        return super()._deserialize(value, *args, **named)


class Pairs(fields.Dict):
    """A mapping that becomes (key, value) pairs: values are frozen."""

    def deserialize(self, *args: Any, **named: Any) -> Any:
        """The pairs; ``missing`` stays what it is."""
        made: Any = super().deserialize(*args, **named)
        return tuple(made.items()) if isinstance(made, dict) else made


class Address(fields.String):
    """The stable name of something declared in this file, one of ``words``, or a text of that ``form``.

    What it names is looked up by ``references``.
    """

    def __init__(self, *kinds: str, words: tuple[str, ...] = (), form: str = "", **named: Any) -> None:
        super().__init__(**named)
        self.kinds = kinds
        self.words = words
        self.form = form

    def is_plain(self, value: str) -> bool:
        """Whether the value is no address and need not be one."""
        return value in self.words or bool(self.form and re.fullmatch(self.form, value))


def key(limit: int = KEY, **named: Any) -> fields.String:
    """A key: English, small letters."""
    pattern = Form(r"^[a-z][a-z0-9_]*$", error="a key is small latin letters, 0-9, _")
    return fields.String(required=True, validate=[pattern, validate.Length(max=limit)], **named)


def word(*choices: str, **named: Any) -> fields.String:
    """One of a few words."""
    return fields.String(validate=validate.OneOf(choices), **named)


class Flag(fields.Boolean):
    """true or false, no other words and no numbers for them."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if isinstance(value, bool):
            return value
        raise self.make_error("invalid", input=value)


class Whole(fields.Integer):
    """A whole number; true is none."""

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, *args, **named)


def flag() -> Flag:
    """true or false."""
    return Flag()


SPAN_SAYS = "a span is like 15m, 4h or 3d"


def span(**named: Any) -> fields.String:
    """15m, 4h, 3d."""
    says: Any = {"invalid": SPAN_SAYS}
    return fields.String(validate=Form(grammar.SPAN, error=SPAN_SAYS), error_messages=says, **named)


def _words() -> fields.String:
    return fields.String(required=True, validate=[Form(r"^[\s\S]*\S[\s\S]*$", error="blank"), _printable, LENGTH])


def _printable(value: str) -> None:
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in value):
        raise ValidationError([Text("недопустимый управляющий знак", "a control character is not allowed")])


LENGTH = validate.Length(max=LONG)


class TextPart(Part):
    """Both languages."""

    makes = Text
    error_messages = {"type": "both languages are needed"}
    ru = _words()
    en = _words()


def text(limit: int = LONG, **named: Any) -> fields.Nested:
    """Words in both languages, not longer than ``limit``; a name (anything shorter than a long text) is one line."""

    def short(value: Text) -> None:
        longest = max(len(value.ru), len(value.en))
        if longest > limit:
            raise ValidationError([TOO_LONG.format(limit=limit, length=longest)])
        if limit < LONG and "\n" in value.ru + value.en:
            raise ValidationError([Text("название пишется в одну строку", "a name is one line")])

    return fields.Nested(TextPart, validate=short, **named)


TOO_LONG = Text("длиннее {limit} знаков (сейчас {length})", "longer than {limit} characters ({length} now)")


def many(inner: type[Schema] | Callable[[], Schema], *, some: bool = False, **named: Any) -> Tuple:
    """A list of parts; ``some``: at least one."""
    return Tuple(fields.Nested(inner), validate=SOME if some else None, **named)


SOME = validate.Length(min=1, error="an empty list")


def words(**named: Any) -> Tuple:
    """A list of texts."""
    return Tuple(fields.String(validate=validate.Length(min=1, max=NAME)), **named)


def addresses(*kinds: str, also: tuple[str, ...] = (), **named: Any) -> Tuple:
    """A list of addresses, not an empty one."""
    return Tuple(Address(*kinds, words=also), validate=SOME, **named)


def sources() -> Tuple:
    """Ids of the requirements a part answers."""
    return Tuple(fields.String(validate=Form(r"^[A-Z][A-Z0-9]*-[A-Z]?[0-9]+$", error="an id is like S1-F05")))
