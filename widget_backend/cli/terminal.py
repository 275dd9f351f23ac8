"""What the command line prints: plans as a tree, progress bars, checks, results. Words come from ``installer.rendering``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from installer.drift import Drifted
from installer.plan import Plan
from installer.preflight import Check
from installer.rendering import Row, grouped, row, rows, summary
from widget_backend.crm.model import Action
from widget_backend.texts import Text

STYLES = {
    Action.CREATE: "green",
    Action.UPDATE: "yellow",
    Action.DELETE: "red",
    Action.ADOPT: "cyan",
    Action.KEEP: "dim",
    Action.FORGET: "dim",
    Action.CONFLICT: "magenta",
    Action.UNSUPPORTED: "dim",
    Action.MANUAL: "blue",
}
LEVELS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "stop": ("✗", "red")}
CAUSES = {
    "edited": Text("изменено клиникой", "edited by the clinic"),
    "removed": Text("удалено клиникой", "removed by the clinic"),
    "question": Text("изменили обе стороны", "both sides changed it"),
    "pending": Text("ещё не применено", "not applied yet"),
}
#: lines that are only counted, unless all are asked for
QUIET = {Action.KEEP, Action.FORGET}
#: lines told by their reason, and how many of one reason are named
REASONED = {Action.UNSUPPORTED, Action.MANUAL}
SHOWN = 4


class Terminal:
    """Prints for a person, or (``as_json``) one JSON value on standard output and nothing else there."""

    def __init__(self, language: str, as_json: bool) -> None:
        self.language = language
        self.as_json = as_json
        self._out = Console(stderr=as_json, highlight=False, soft_wrap=True)

    def say(self, text: Text | str, style: str = "") -> None:
        """One sentence."""
        words = text.into(self.language) if isinstance(text, Text) else text
        self._out.print(f"[{style}]{escape(words)}[/]" if style else escape(words))

    def wrong(self, kind: str, message: Text) -> int:
        """Why the command ends here: one sentence, or one JSON value. Returns exit code 1."""
        words = message.into(self.language)
        if self.as_json:
            self.data({"error": kind, "message": words})
        else:
            print(words, file=sys.stderr, flush=True)
        return 1

    def data(self, value: Any) -> None:
        """The JSON value, where JSON was asked for; at once, as somebody may wait for it at the other end of a pipe."""
        if self.as_json:
            print(_json(value), flush=True)

    def plan(self, plan: Plan, names: dict[str, str] | None = None, *, every: bool = False) -> None:
        """The plan as a tree by kind; quiet lines are counted unless ``every`` is asked for."""
        for heading, lines in grouped(rows(plan, self.language, names)).items():
            loud = [line for line in lines if line.action not in REASONED and (every or self._is_loud(line))]
            quiet = sum(line.action not in REASONED for line in lines) - len(loud)
            tail = Text(f" · без изменений {quiet}", f" · unchanged {quiet}").into(self.language) if quiet else ""
            if loud or quiet:
                self._out.print(f"[bold]{escape(heading)}[/][dim]{tail}[/]")
            for line in loud:
                self._line(line)
        self._reasons(rows(plan, self.language, names))
        if plan.changes:
            self.say(summary(plan, self.language) or Text("Всё на месте.", "Everything is in place."), "bold")

    def brief(self, plan: Plan) -> None:
        """The plan as one line a kind: how many of what."""
        for heading, lines in grouped(rows(plan, self.language)).items():
            counted = Counter(line.verb for line in lines)
            self._out.print(f"  {escape(heading)}: [dim]{', '.join(f'{verb} {n}' for verb, n in counted.items())}[/]")

    def _is_loud(self, line: Row) -> bool:
        return line.action not in QUIET or (bool(line.note) and line.action is Action.KEEP)

    def _reasons(self, lines: Iterable[Row]) -> None:
        """What a person does by hand, and what this CRM cannot do: a line per reason, with all it speaks of."""
        reasons: dict[tuple[str, str, str], list[str]] = {}
        for line in lines:
            if line.action in REASONED:
                reasons.setdefault((line.symbol, STYLES[line.action], line.note), []).append(line.title)
        for (symbol, style, reason), titles in reasons.items():
            shown = ", ".join(titles[:SHOWN]) + (f" … (+{len(titles) - SHOWN})" if len(titles) > SHOWN else "")
            self._out.print(f"  [{style}]{symbol} {escape(shown)}[/] [dim]— {escape(reason)}[/]")

    def _line(self, line: Row) -> None:
        style = STYLES[line.action]
        note = f" [dim]— {escape(line.note)}[/]" if line.note else ""
        self._out.print(f"  [{style}]{line.symbol} {escape(line.title)}[/]{note}")
        self._differences(line)

    def _differences(self, line: Row) -> None:
        for difference in line.differences:
            self._out.print(
                f"      [dim]{escape(difference.name)}:[/] {escape(difference.before)} [dim]→[/] {escape(difference.after)}"
            )

    def checks(self, checks: Iterable[Check]) -> None:
        """Preflight lines."""
        for check in checks:
            symbol, style = LEVELS[check.level]
            self._out.print(f"  [{style}]{symbol}[/] {escape(check.message.into(self.language))}")

    def drift(self, found: Sequence[Drifted], names: dict[str, str]) -> None:
        """The differences by cause, attribute by attribute."""
        for item in found:
            line = row(item.told, self.language, names)
            self._out.print(f"  [yellow]≠[/] {escape(line.title)} [dim]— {CAUSES[item.cause].into(self.language)}[/]")
            self._differences(line)

    def progress(self) -> AbstractContextManager[Progress]:
        """A bar with done of total and time passed; silent where JSON is asked for or nobody watches."""
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._out,
            disable=self.as_json,
        )


def _json(value: Any) -> str:
    """With letters as they are, where standard output can say them."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(value, indent=2)
    return text
