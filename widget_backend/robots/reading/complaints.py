"""Complaints of schemas as people read them: a path, and a sentence in both languages. Pure."""

from __future__ import annotations

import re

from widget_backend.texts import Text

Path = tuple[str | int, ...]


def spell(path: Path) -> str:
    """A path as people write it."""
    words = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return words.lstrip(".")


#: marshmallow's word for a key no schema knows; ``spelling`` says what could stand there
UNKNOWN = "Unknown field."

#: its other sentences (4.x), in both languages
_SENTENCES = (
    (r"Missing data for required field\.", "не хватает обязательного ключа", "a required key is missing"),
    (r"Field may not be null\.", "значение пустое: заполните или уберите ключ", "no value: give one or remove the key"),
    (
        r"Not a valid string\.",
        "нужен текст; число, true и false берутся в кавычки",
        "a text is needed; put numbers, true and false in quotation marks",
    ),
    (r"Not a valid integer\.", "нужно целое число без кавычек", "a whole number without quotation marks is needed"),
    (r"Not a valid boolean\.", "нужно true или false без кавычек", "true or false without quotation marks is needed"),
    (r"Not a valid list\.", "нужен список: пункты с «- » или [а, б]", "a list is needed: items with «- », or [a, b]"),
    (r"Not a valid mapping type\.", "нужны пары ключ: значение", "pairs of key: value are needed"),
    (r"Invalid input type\.", "нужны пары ключ: значение", "pairs of key: value are needed"),
    (
        r"both languages are needed",
        "нужны оба языка: {ru: …, en: …}",
        "both languages are needed: {ru: …, en: …}",
    ),
    (r"Must be one of: (.*)\.", "допустимо: {0}", "must be one of: {0}"),
    (
        r"a key is small latin letters, (.*)",
        "ключ — строчные латинские буквы, {0}, первая — буква",
        "a key is small latin letters, {0}, and begins with a letter",
    ),
    (
        r"a span is like (.*)",
        "срок пишется как 15m, 4h или 3d (минуты, часы, дни)",
        "a span is like {0} (minutes, hours, days)",
    ),
    (r"a version is like (.*)", "версия пишется как {0}", "a version is like {0}"),
    (r"an id is like (.*)", "номер требования пишется как {0}", "an id is like {0}"),
    (r"an empty list", "список пуст: нужен хотя бы один пункт", "the list is empty: it needs at least one item"),
    (r"blank", "текст пуст", "the text is blank"),
    (r"Must be equal to (.*)\.", "должно быть {0}", "must be {0}"),
    (
        r"Must be greater than or equal to (.*) and less than or equal to (.*)\.",
        "допустимо от {0} до {1}",
        "must be {0} to {1}",
    ),
    (r"an address is like (.*)", "адрес пишется как {0}", "an address is like {0}"),
    (r"String does not match expected pattern\.", "такого здесь не бывает", "there is no such thing here"),
    (r"Longer than maximum length (\d+)\.", "длиннее {0} знаков", "longer than {0} characters"),
    (
        r"Length must be between (\d+) and (\d+)\.",
        "длина от {0} до {1} знаков",
        "its length must be {0} to {1} characters",
    ),
)


def translate(message: object) -> Text:
    """A message of marshmallow, or one of ours, as a :class:`Text`."""
    if isinstance(message, Text):
        return message
    for pattern, ru, en in _SENTENCES:
        found = re.fullmatch(pattern, str(message))
        if found:
            words = {f"{{{place}}}": word for place, word in enumerate(found.groups())}
            return Text(_filled(ru, words), _filled(en, words))
    return Text(str(message), str(message))


def _filled(sentence: str, words: dict[str, str]) -> str:
    """``{0}`` and ``{1}`` filled in; other braces are words themselves."""
    for place, word in words.items():
        sentence = sentence.replace(place, word)
    return sentence
