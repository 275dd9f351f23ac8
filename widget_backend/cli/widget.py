"""widget build, widget lint: the archive that amoCRM loads, and what its moderation would say of one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import click

from widget_backend.cli.context import Context, command
from widget_backend.errors import NotFound
from widget_backend.market import publisher
from widget_backend.texts import Text
from widget_backend.widget import NAME, Finding, Imprint, build, lint, unpack

#: whose widget the sources are taken for where only they are looked at
NOBODY = Imprint("https://app.example", "help@app.example", "https://app.example/privacy")

BUILT = Text(
    "{file}: {size} КБ, sha256 {digest}. Замечаний нет: загрузите архив в карточку интеграции amoCRM.",
    "{file}: {size} KB, sha256 {digest}. Nothing to object: upload the archive in the integration's card of amoCRM.",
)
CLEAN = Text("{file}: замечаний нет.", "{file}: nothing to object.")
REFUSED = Text(
    "Замечаний: {count}. Архив не записан: исправьте их и соберите снова.",
    "Objections: {count}. The archive was not written: mend them and build again.",
)
OBJECTIONS = Text("Замечаний: {count}.", "Objections: {count}.")
NO_FILE = Text("Файла {file} нет. Проверьте путь.", "There is no file {file}. Check the path.")
MISNAMED = Text("Архив должен называться widget.zip.", "The archive must be called widget.zip.")


@click.group()
def widget() -> None:
    """The widget that amoCRM loads into its own pages."""


@command("build")
@click.option("--service", default="", help="Public address of the application; DENTAL_CRM_PUBLIC_URL by default.")
@click.option(
    "--support", default="", help="Mail address of the support, shown in the widget; DENTAL_CRM_SUPPORT by default."
)
@click.option("--privacy", default="", help="Address of the privacy policy; the application's own page by default.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=Path(NAME), help="Where to write it.")
def build_(context: Context, service: str, support: str, privacy: str, out: Path) -> int:
    """Write the archive: the same bytes from the same source and options. Nothing is written where moderation would object."""
    by = publisher(context.settings, service, support, privacy)
    archive = build(Imprint(by.service, by.support, by.privacy))
    found = lint(unpack(archive))
    if found:
        return _objected(context, found, REFUSED)
    out.write_bytes(archive)
    digest = hashlib.sha256(archive).hexdigest()
    context.terminal.data({"file": str(out), "bytes": len(archive), "sha256": digest})
    if not context.terminal.as_json:
        context.terminal.say(BUILT.format(file=out, size=round(len(archive) / 1024), digest=digest[:16]), "green")
    return 0


@command("lint")
@click.argument("archive", type=click.Path(path_type=Path), required=False)
def lint_(context: Context, archive: Path | None) -> int:
    """Name everything the moderation would turn down in ARCHIVE, by default in our own; 1 where there is something."""
    if archive is not None and not archive.is_file():
        raise NotFound(NO_FILE.format(file=archive))
    content = build(NOBODY) if archive is None else archive.read_bytes()
    name = NAME if archive is None else archive.name
    misnamed = () if name == NAME else (Finding(name, 0, "archive-name", MISNAMED),)
    found = (*misnamed, *lint(unpack(content, name)))
    if found:
        return _objected(context, found, OBJECTIONS)
    context.terminal.data([])
    if not context.terminal.as_json:
        context.terminal.say(CLEAN.format(file=name), "green")
    return 0


def _objected(context: Context, found: Sequence[Finding], words: Text) -> int:
    context.terminal.data(
        [
            {
                "rule": one.rule,
                "file": one.file,
                "line": one.line or None,
                "message": one.message.into(context.language),
            }
            for one in found
        ]
    )
    if not context.terminal.as_json:
        for one in found:
            context.terminal.say(one.within(context.language), "yellow")
        context.terminal.say(words.format(count=len(found)), "red")
    return 1


for _command in (build_, lint_):
    widget.add_command(_command)

COMMANDS = (widget,)
