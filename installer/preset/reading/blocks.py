"""What the schemas of preset files are built of: parts that become values, keys, addresses, words in two languages."""

from __future__ import annotations

from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate

from installer.preset import grammar
from widget_backend.texts import Text

#: a key becomes part of a CRM's code: Bitrix24 leaves 16 characters for a stage, 38 for a field
KEY, FIELD_KEY, STAGE_KEY, PIPELINE_KEY = 40, 30, 14, 12
#: the shortest of the vendors' ceilings; a per-stage date joins the names of a pipeline and a stage
NAME, STAGE_NAME, PIPELINE_NAME, LONG = 100, 50, 40, 2000


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
    """The same, or a list of texts."""

    def _deserialize(self, value: Any, *args: Any, **named: Any) -> Any:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(value)
        return super()._deserialize(value, *args, **named)


class Address(fields.String):
    """The stable name of something declared in this file, or one of ``words``. What it names is looked up by ``checks``."""

    def __init__(self, *kinds: str, words: tuple[str, ...] = (), **named: Any) -> None:
        super().__init__(**named)
        self.kinds = kinds
        self.words = words


def key(limit: int = KEY, **named: Any) -> fields.String:
    """A key: English, small letters."""
    pattern = validate.Regexp(
        r"^[a-z][a-z0-9_]*$",
        error="a key is small latin letters, 0-9, _",
    )
    return fields.String(required=True, validate=[pattern, validate.Length(max=limit)], **named)


def word(*choices: str, **named: Any) -> fields.String:
    """One of a few words."""
    return fields.String(validate=validate.OneOf(choices), **named)


def flag() -> fields.Boolean:
    """true or false, no other words for them."""
    return fields.Boolean(truthy={True}, falsy={False})


def span(**named: Any) -> fields.String:
    """15m, 4h, 3d."""
    return fields.String(validate=validate.Regexp(grammar.SPAN, error="a span is like 15m, 4h or 3d"), **named)


class TextPart(Part):
    """Both languages."""

    makes = Text
    ru = fields.String(required=True, validate=validate.Length(min=1, max=LONG))
    en = fields.String(required=True, validate=validate.Length(min=1, max=LONG))


def text(limit: int = LONG, **named: Any) -> fields.Nested:
    """Words in both languages, not longer than ``limit``."""

    def short(value: Text) -> None:
        if max(len(value.ru), len(value.en)) > limit:
            raise ValidationError([Text(f"длиннее {limit} знаков", f"longer than {limit} characters")])

    return fields.Nested(TextPart, validate=short, **named)


def many(inner: type[Schema], **named: Any) -> Tuple:
    """A list of parts."""
    return Tuple(fields.Nested(inner), **named)


def words(**named: Any) -> Tuple:
    """A list of texts."""
    return Tuple(fields.String(validate=validate.Length(min=1, max=NAME)), **named)


def addresses(*kinds: str, also: tuple[str, ...] = (), **named: Any) -> Tuple:
    """A list of addresses."""
    return Tuple(Address(*kinds, words=also), **named)


def sources() -> Tuple:
    """Ids of the requirements a part answers."""
    return Tuple(fields.String(validate=validate.Regexp(r"^[A-Z][A-Z0-9]*-[A-Z]?\d+$", error="an id is like S1-F05")))
