"""What every command shares: settings, language, output, and how an error ends it.

A user reads one sentence and gets exit code 1; the traceback goes to the log file.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from widget_backend.cli.terminal import Terminal
from widget_backend.config import Settings
from widget_backend.errors import AppError
from widget_backend.texts import Text

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Context:
    """Made once by the root command."""

    settings: Settings
    language: str
    terminal: Terminal


Function = Callable[..., Any]


def command(name: str) -> Callable[[Function], click.Command]:
    """A command whose function returns the exit code; ``--json`` and ``--lang`` are its own options too."""

    def wrap(function: Function) -> click.Command:
        @functools.wraps(function)
        def run(**kwargs: Any) -> None:
            as_json, language = kwargs.pop("as_json"), kwargs.pop("lang")
            root: Context = click.get_current_context().obj
            chosen = language or root.language
            context = Context(root.settings, chosen, Terminal(chosen, as_json))
            raise SystemExit(_guarded(context, function, **kwargs))

        run = click.option("--json", "as_json", is_flag=True, help="Print one JSON value on standard output.")(run)
        run = click.option("--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the words.")(run)
        return click.command(name)(run)

    return wrap


def _guarded(context: Context, function: Function, **kwargs: Any) -> int:
    try:
        return int(function(context, **kwargs) or 0)
    except AppError as error:
        log.info("command ended: %s details=%s", error, error.details, exc_info=error)
        return _fail(context, error.message, type(error).__name__)
    except (KeyboardInterrupt, click.Abort):
        return _fail(context, INTERRUPTED, "Interrupted")
    except click.ClickException:
        raise
    except Exception:
        code = secrets.token_hex(4)
        log.exception("unexpected error code=%s", code)
        return _fail(context, UNEXPECTED.format(code=code, file=context.settings.log_file), "Unexpected")


INTERRUPTED = Text(
    "Прервано. Сделанное сохранено: запустите команду снова, она продолжит и ничего не задвоит.",
    "Interrupted. What is done is kept: run the command again, it goes on and doubles nothing.",
)
UNEXPECTED = Text(
    "Непредвиденная ошибка {code}. Сделанное сохранено; запустите команду снова, она ничего не задвоит. Если повторится, "
    "пришлите нам этот код и файл {file}.",
    "Unexpected error {code}. What is done is kept; run the command again, it doubles nothing. If it happens again, send us "
    "this code and the file {file}.",
)


def _fail(context: Context, message: Text, kind: str) -> int:
    words = message.into(context.language)
    if context.terminal.as_json:
        context.terminal.data({"error": kind, "message": words})
    else:
        click.echo(words, err=True)
    return 1
