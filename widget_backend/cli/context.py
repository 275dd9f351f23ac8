"""What every command shares: settings, language, output, and how an error ends it.

A user reads one sentence and gets exit code 1; the traceback goes to the log file.
"""

from __future__ import annotations

import functools
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from widget_backend import disk
from widget_backend.cli.terminal import Terminal
from widget_backend.config import Settings
from widget_backend.errors import AppError
from widget_backend.texts import Text

log = logging.getLogger(__name__)

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
    except click.ClickException:
        raise
    except (Exception, KeyboardInterrupt) as error:
        return tell(context.terminal, error, context.settings.log_file)


def tell(terminal: Terminal, error: BaseException, log_file: Path = Path("dental-crm.log")) -> int:
    """What ended a command, in one sentence; the traceback goes to the log. Exit code 1."""
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return terminal.wrong("Interrupted", INTERRUPTED)
    if isinstance(error, OSError) and disk.is_known(error):
        error = disk.refused(error)
    if isinstance(error, AppError):
        log.info("command ended: %s details=%s", error, error.details, exc_info=error)
        return terminal.wrong(type(error).__name__, error.message)
    code = secrets.token_hex(4)
    log.error("unexpected error code=%s", code, exc_info=error)
    return terminal.wrong("Unexpected", UNEXPECTED.format(code=code, file=log_file))
