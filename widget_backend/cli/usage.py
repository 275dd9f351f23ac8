"""A command line that cannot be understood, in one sentence; click's own words follow in brackets."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from widget_backend.cli.terminal import Terminal
from widget_backend.texts import Text

LANGUAGES = ("ru", "en")

WRONG = Text(
    "Команда написана неверно: {what} ({words}). Ничего не сделано: посмотрите, как её писать: {path} --help.",
    "The command line is wrong: {what} ({words}). Nothing was done: see how to write it with {path} --help.",
)
#: the first that fits: what is wrong, by the kind of click's error
KINDS: tuple[tuple[type[click.UsageError], Text], ...] = (
    (click.exceptions.NoSuchCommand, Text("такой команды нет", "there is no such command")),
    (click.NoSuchOption, Text("такого параметра нет", "there is no such option")),
    (click.MissingParameter, Text("не хватает {name}", "{name} is missing")),
    (click.BadParameter, Text("значение {name} не годится", "the value of {name} cannot be used")),
)
OTHER = Text("лишнее или недописанное слово", "a word too many or too few")


def language_of(words: Sequence[str]) -> str:
    """The language asked for, where the words have not been understood yet: the last ``--lang``, else the environment's."""
    chosen = os.environ.get("DENTAL_CRM_LANG", "")
    for word, following in zip(words, [*words, ""][1:], strict=True):
        if word.startswith("--lang"):
            chosen = word.partition("=")[2] or following
    return chosen if chosen in LANGUAGES else "ru"


def terminal_of(words: Sequence[str]) -> Terminal:
    """Where to say what is wrong with these words."""
    return Terminal(language_of(words), "--json" in words)


def wrong(error: click.ClickException) -> Text:
    """What is wrong, in one sentence."""
    words = " ".join(error.format_message().split()).rstrip(".")
    what = next((text for kind, text in KINDS if isinstance(error, kind)), OTHER)
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "dental-crm"
    return WRONG.format(what=what.format(name=_name(error)), words=words, path=path)


def _name(error: click.ClickException) -> str:
    """The option or argument as it is written."""
    param: click.Parameter | None = getattr(error, "param", None)
    if param is None:
        return str(getattr(error, "param_hint", None) or "—")
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name
