"""audit verify: walks the chain of what was done and names the first row that is not as it was written."""

from __future__ import annotations

import click

from widget_backend.cli.context import Context, command
from widget_backend.db import ALL, scope
from widget_backend.storage import open_database
from widget_backend.texts import Text

WHOLE = Text("Журнал цел: записей {count}.", "The audit is whole: {count} rows.")
BROKEN = Text(
    "Журнал нарушен: установка {installation}, запись {number}: {reason}.",
    "The audit is broken: installation {installation}, row {number}: {reason}.",
)


@click.group()
def audit() -> None:
    """Who did what to which installation."""


@command("verify")
def verify(context: Context) -> int:
    """Prove that no row of the audit was changed or removed; 1 where one was, and which is the first."""
    from widget_backend.audit import verify as walk

    database = open_database(context.settings)
    try:
        with scope(ALL), database.transaction() as session:
            count, broken = walk(session)
    finally:
        database.close()
    language = context.language
    context.terminal.data(
        {
            "rows": count,
            "broken": [
                {"installation": found.installation_id, "row": found.number, "reason": found.reason.into(language)}
                for found in broken
            ],
        }
    )
    if context.terminal.as_json:
        return 1 if broken else 0
    for found in broken:
        row = BROKEN.format(installation=found.installation_id, number=found.number, reason=found.reason)
        context.terminal.say(row, "red")
    if not broken:
        context.terminal.say(WHOLE.format(count=count), "green")
    return 1 if broken else 0


audit.add_command(verify)

COMMANDS = (audit,)
