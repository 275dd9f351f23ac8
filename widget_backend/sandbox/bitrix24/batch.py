"""``batch``: up to 50 commands in order, each may refer to the answers of those before it.

References are resolved the way PHP does it: a match runs to the next white space, a missing step of a path (or a null)
leaves the deepest parent that exists, and only a reference that is the whole value may bring a list or a map.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.envelope import Outcome, Page, RestError, TimeIsUp, php, time_block
from widget_backend.sandbox.bitrix24.forms import enumerate_map, query_params
from widget_backend.sandbox.bitrix24.refusals import NULL_REF, of_command
from widget_backend.sandbox.bitrix24.registry import METHODS, Caller, run

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.faults import Fault

LONGEST = 50
FORBIDDEN = frozenset({"batch", "upload", "download"})

_REFERENCE = re.compile(r"\$(result|error|total|next|time)(\S*)", re.IGNORECASE)
_STEP = re.compile(r"\[([^\]]+)\]")


@dataclass
class Answers:
    """What the commands have answered so far, by kind and command key; ``blind`` keys have no paths to refer to."""

    result: dict[str, Any] = field(default_factory=dict)
    error: dict[str, Any] = field(default_factory=dict)
    total: dict[str, int] = field(default_factory=dict)
    next: dict[str, int] = field(default_factory=dict)
    time: dict[str, Any] = field(default_factory=dict)
    blind: set[str] = field(default_factory=set)

    def keep(self, key: str, outcome: Outcome) -> None:
        """Store a success."""
        self.result[key] = php(outcome.page.result)
        self.time[key] = outcome.time
        if outcome.page.total is not None:
            self.total[key] = outcome.page.total
        if outcome.page.next is not None:
            self.next[key] = outcome.page.next

    def body(self) -> dict[str, Any]:
        """The batch's ``result``; a command that failed is missing from its inner ``result``."""
        return {
            "result": self.result,
            "result_error": self.error,
            "result_total": self.total,
            "result_next": self.next,
            "result_time": self.time,
        }


def run_batch(portal: Portal, caller: Caller, params: dict[str, Any], fault: Fault | None = None) -> Outcome:
    """Run a batch; raises :class:`TimeIsUp` where its commands together work for too long."""
    started, seconds = portal.clock(), 0.0
    answers, halt = Answers(), _is_true(_any_case(params, "halt"))
    for number, key, command in _numbered(params):
        if fault and fault.kind == NULL_REF and fault.command == number:
            answers.blind.add(key)
        try:
            outcome = _command(portal, caller, number, command, answers, fault)
        except RestError as error:
            answers.error[key] = error.body()
            if halt:
                break
            continue
        answers.keep(key, outcome)
        seconds += outcome.seconds
        if seconds > portal.settings.request_s:
            raise TimeIsUp
    block = time_block(started, portal.clock(), 0.0, int(started) + 600)
    return Outcome(Page(answers.body()), block, seconds)


def commands(params: dict[str, Any]) -> list[tuple[str, str]]:
    """The batch's commands by key; what is no text is skipped without a trace."""
    return [(key, command) for _, key, command in _numbered(params)]


def operation(command: str) -> str:
    """The method that a command calls."""
    return command.partition("#")[0].partition("?")[0].strip("/").lower()


def writes(params: dict[str, Any]) -> bool:
    """Whether any command of the batch may change something."""
    names = [operation(command) for _, command in commands(params)]
    return any(METHODS[name].write for name in names if name in METHODS)


def resolve(value: Any, answers: Answers) -> Any:
    """``value`` with its references replaced, at any depth."""
    if isinstance(value, dict):
        return {key: resolve(item, answers) for key, item in value.items()}
    if isinstance(value, list):
        return [resolve(item, answers) for item in value]
    return _resolve_text(value, answers) if isinstance(value, str) else value


def _numbered(params: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Number, key and text of every command; one that is no text is skipped, but keeps its number."""
    rows = enumerate(enumerate_map(_any_case(params, "cmd")).items(), 1)
    return [(number, key, value) for number, (key, value) in rows if isinstance(value, str)]


def _any_case(params: dict[str, Any], name: str) -> Any:
    return next((value for key, value in params.items() if key.lower() == name), None)


def _command(
    portal: Portal, caller: Caller, number: int, command: str, answers: Answers, fault: Fault | None
) -> Outcome:
    name = operation(command)
    if refused := of_command(portal, fault, name, number, caller.access):
        raise refused
    if number > LONGEST:
        raise RestError("ERROR_BATCH_LENGTH_EXCEEDED", "Max batch length exceeded")
    if name in FORBIDDEN:
        raise RestError("ERROR_BATCH_METHOD_NOT_ALLOWED", "Method is not allowed for batch usage")
    query = command.partition("#")[0].partition("?")[2]
    return run(portal, caller, name, resolve(query_params(query), answers))


def _resolve_text(text: str, answers: Answers) -> Any:
    for match in list(_REFERENCE.finditer(text)):
        steps = _STEP.findall(match[2])
        if not steps:
            continue
        # found in any case, looked up in lower case: a kind in capitals is nothing
        found = _walk(getattr(answers, match[1], None), steps[:1] if steps[0] in answers.blind else steps)
        if match[0] == text:
            return found
        if isinstance(found, int | float | str) and not isinstance(found, bool):
            text = text.replace(match[0], str(found))
    return text


def _walk(found: Any, steps: list[str]) -> Any:
    for step in steps:
        inner = _inner(found, step)
        if inner is None:
            break
        found = inner
    return found


def _inner(found: Any, step: str) -> Any:
    """One step of a path; a text has its characters."""
    if isinstance(found, dict):
        return found.get(step)
    if isinstance(found, list | str) and step.isdigit() and int(step) < len(found):
        return found[int(step)]
    return None


def _is_true(value: Any) -> bool:
    return value not in (None, "", "0", 0, False, [], {})
