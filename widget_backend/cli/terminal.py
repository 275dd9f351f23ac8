"""What the command line prints: plans as a tree, progress bars, checks, results. Words come from ``installer.rendering``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from installer.drift import Drifted
from installer.plan import Plan
from installer.preflight import Check
from installer.rendering import Row, grouped, rows, summary
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
#: how many quiet lines of one kind (kept, unsupported) are listed before they are only counted
QUIET = {Action.KEEP, Action.UNSUPPORTED, Action.FORGET}


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

    def data(self, value: Any) -> None:
        """The JSON value, where JSON was asked for."""
        if self.as_json:
            print(json.dumps(value, ensure_ascii=False, indent=2))

    def plan(self, plan: Plan, names: dict[str, str] | None = None, *, every: bool = False) -> None:
        """The plan as a tree by kind; quiet lines are counted unless ``every`` is asked for."""
        for heading, lines in grouped(rows(plan, self.language, names)).items():
            loud = [line for line in lines if every or self._is_loud(line)]
            quiet = len(lines) - len(loud)
            tail = Text(f" · без изменений {quiet}", f" · unchanged {quiet}").into(self.language) if quiet else ""
            self._out.print(f"[bold]{escape(heading)}[/][dim]{tail}[/]")
            for line in loud:
                self._line(line)
        self.say(summary(plan, self.language) or Text("Всё на месте.", "Everything is in place."), "bold")

    def _is_loud(self, line: Row) -> bool:
        return line.action not in QUIET or (bool(line.note) and line.action is Action.KEEP)

    def _line(self, line: Row) -> None:
        style = STYLES[line.action]
        note = f" [dim]— {escape(line.note)}[/]" if line.note else ""
        self._out.print(f"  [{style}]{line.symbol} {escape(line.title)}[/]{note}")
        for difference in line.differences:
            self._out.print(
                f"      [dim]{escape(difference.name)}:[/] {escape(difference.before)} [dim]→[/] {escape(difference.after)}"
            )

    def unsupported(self, plan: Plan) -> None:
        """What this CRM cannot do, a line per reason."""
        reasons: dict[str, list[str]] = {}
        for change in plan.changes:
            if change.action is Action.UNSUPPORTED and change.note is not None:
                reasons.setdefault(change.note.into(self.language), []).append(change.title)
        for reason, titles in reasons.items():
            shown = ", ".join(titles[:3]) + (f" … (+{len(titles) - 3})" if len(titles) > 3 else "")
            self._out.print(f"  [dim]x {escape(shown)} — {escape(reason)}[/]")

    def checks(self, checks: Iterable[Check]) -> None:
        """Preflight lines."""
        for check in checks:
            symbol, style = LEVELS[check.level]
            self._out.print(f"  [{style}]{symbol}[/] {escape(check.message.into(self.language))}")

    def drift(self, found: Sequence[Drifted], names: dict[str, str] | None = None) -> None:
        """The differences by cause."""
        for item in found:
            self._out.print(
                f"  [yellow]≠[/] {escape(item.change.title)} [dim]— {CAUSES[item.cause].into(self.language)}[/]"
            )
            for name, value in item.change.before.items():
                self._out.print(f"      [dim]{escape(name)}:[/] {escape(str(value))}")

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
