"""inbox: events and jobs that stopped, grouped by cause, and their replay; what the CRMs never told us of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from widget_backend.cli.context import Context, command
from widget_backend.config import Settings
from widget_backend.db import Database, scope
from widget_backend.errors import NotFound
from widget_backend.storage import open_database
from widget_backend.texts import Text

if TYPE_CHECKING:
    from widget_backend.inbox.dead_letters import Group

CLEAN = Text("Остановленных событий и заданий нет.", "No events or jobs have stopped.")
GROUP = Text(
    "{cause}  установка {installation}: {what}, штук {count}. {message}",
    "{cause}  installation {installation}: {what}, {count}. {message}",
)
HOW = Text("Повторить группу: dental-crm inbox replay ПРИЧИНА.", "Repeat a group: dental-crm inbox replay CAUSE.")
REPLAYED = Text(
    "Возвращено в работу: {count}. Их выполнит worker; сделанное не задвоится.",
    "Put back to work: {count}. The worker carries them out; nothing is done twice.",
)
LOSSES = Text(
    "Установка {installation}: за 7 дней CRM сообщила об изменениях {told} сделок, {late} нашлись сверкой ({share} %).",
    "Installation {installation}: in 7 days the CRM told of changes of {told} deals, {late} were found by us ({share} %).",
)


@click.group()
def inbox() -> None:
    """Events that came from the CRMs, and what became of them."""


@command("list")
def list_(context: Context) -> int:
    """What has stopped, grouped by cause; 1 where something has."""
    from widget_backend.inbox import dead_letters

    with _opened(context.settings) as database:
        with database.transaction() as session:
            numbers = dead_letters.installations_with_letters(session)
        found = [(number, group) for number in numbers for group in _groups(database, number)]
    context.terminal.data([_row(number, group, context.language) for number, group in found])
    if context.terminal.as_json:
        return 1 if found else 0
    for number, group in found:
        what = f"{group.what} ({group.kind})"
        told = {"cause": group.cause, "installation": number, "what": what, "count": group.count}
        context.terminal.say(GROUP.format(**told, message=group.message), "yellow")
    context.terminal.say(HOW if found else CLEAN)
    return 1 if found else 0


@command("replay")
@click.argument("cause")
@click.option("--installation", type=int, default=None, help="Of one installation only.")
def replay(context: Context, cause: str, installation: int | None) -> int:
    """Try all that stopped for one cause again."""
    from widget_backend.inbox import dead_letters

    count = 0
    with _opened(context.settings) as database:
        with database.transaction() as session:
            numbers = dead_letters.installations_with_letters(session)
        for number in numbers:
            if installation in (None, number) and any(g.cause == cause for g in _groups(database, number)):
                with scope(number), database.transaction() as session:
                    count += dead_letters.replay(session, number, cause)
    if not count:
        raise NotFound(dead_letters.GONE)
    context.terminal.data({"replayed": count})
    if not context.terminal.as_json:
        context.terminal.say(REPLAYED.format(count=count), "green")
    return 0


@command("losses")
def losses(context: Context) -> int:
    """How many changes of deals the CRMs told us of in the last 7 days, and how many only their own memory did."""
    from widget_backend.inbox import losses as meter
    from widget_backend.tenancy import installations

    rows = []
    with _opened(context.settings) as database:
        with database.transaction() as session:
            numbers = installations.standing(session, "active")
        for number in sorted(numbers):
            with scope(number), database.transaction() as session:
                rows.append((number, meter.of(session)))
    context.terminal.data(
        [{"installation": n, "told": m.told, "found_late": m.found_late, "share": m.share} for n, m in rows]
    )
    if not context.terminal.as_json:
        for number, found in rows:
            told = {"installation": number, "told": found.told, "late": found.found_late}
            context.terminal.say(LOSSES.format(**told, share=f"{found.share * 100:.1f}"))
    return 0


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = open_database(settings)
    try:
        yield database
    finally:
        database.close()


def _groups(database: Database, number: int) -> list[Group]:
    from widget_backend.inbox import dead_letters

    with scope(number), database.transaction() as session:
        return list(dead_letters.groups(session, number))


def _row(number: int, group: Group, language: str) -> dict[str, object]:
    return {
        "installation": number,
        "cause": group.cause,
        "what": group.what,
        "kind": group.kind,
        "message": group.message.into(language),
        "count": group.count,
        "first_at": group.first_at.isoformat() if group.first_at else None,
        "last_at": group.last_at.isoformat() if group.last_at else None,
    }


for _command in (list_, replay, losses):
    inbox.add_command(_command)

COMMANDS = (inbox,)
