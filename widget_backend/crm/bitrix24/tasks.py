"""Tasks made of commands, and the usual reading of their answers: done, refused, to be sent later, or of unknown outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count

from widget_backend.crm.bitrix24.client import Client, Inner, Replies
from widget_backend.crm.bitrix24.known import REFUSALS
from widget_backend.crm.bitrix24.packing import Result, Task
from widget_backend.crm.model import Remote
from widget_backend.crm.port import Outcome
from widget_backend.errors import RateLimited, VendorError

Forgive = Callable[[str], bool]


def never(words: str) -> bool:
    """No refusal is as good as done."""
    return False


class Tasks:
    """Makes the tasks of one plan; no two of their commands have the same key."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._numbers = count(1)

    def key(self) -> str:
        """A key for one command; letters first, as the portal makes lists of numbers."""
        return f"c{next(self._numbers)}"

    def one(self, address: str, inner: Inner, made: Callable[[object], Remote]) -> Task:
        """One command for one change."""
        return self.of(inner, (address,), lambda answer: [Outcome(address, made(answer))])

    def of(self, inner: Inner, addresses: Sequence[str], made: Callable[[object], list[Outcome]]) -> Task:
        """One command for some changes, or for none."""
        key = self.key()

        def settle(task: Task, replies: Replies) -> Result:
            return self.unusual(task, replies, addresses) or Result(made(replies.values[key]))

        return Task({key: inner}, settle)

    def all(
        self, addresses: Sequence[str], commands: Sequence[Inner], made: Callable[[], Remote | None], forgive: Forgive
    ) -> Task:
        """Some commands that may all be sent again, for one change and those that come with it.

        A refusal whose words ``forgive`` accepts is as good as done.
        """

        def settle(task: Task, replies: Replies) -> Result:
            remote = made()
            outcomes = [Outcome(address, remote if place == 0 else None) for place, address in enumerate(addresses)]
            return self.unusual(task, forgiven(replies, forgive), addresses) or Result(outcomes)

        return Task({self.key(): inner for inner in commands}, settle)

    def unclear(self, commands: Iterable[Inner]) -> VendorError:
        """What ends the work when nobody knows what became of some commands."""
        return self._client.unclear(commands)

    def unusual(self, task: Task, replies: Replies, addresses: Sequence[str]) -> Result | None:
        """What a task came to that was not wholly done; ``None`` if it was."""
        errors = [replies.errors[key] for key in task.commands if key in replies.errors]
        limited = next((error for error in errors if isinstance(error, RateLimited)), None)
        if limited is not None:
            return Result(then=[task], waiting=limited)
        fault = next((error for error in errors if not isinstance(error, REFUSALS)), None)
        silent = [i for key, i in task.commands.items() if key not in replies.errors and key not in replies.values]
        if fault is not None or silent:
            return Result(fault=fault or self.unclear(silent))
        return Result(refused(addresses, errors[0])) if errors else None


def refused(addresses: Sequence[str], error: VendorError) -> list[Outcome]:
    """The same refusal for all of these changes."""
    return [Outcome(address, error=error) for address in addresses]


def forgiven(replies: Replies, forgive: Forgive) -> Replies:
    """The same replies, with refusals that are as good as done among the values."""
    fine = [k for k, error in replies.errors.items() if isinstance(error, REFUSALS) and forgive(error.words)]
    values: Mapping[str, object] = {**replies.values, **dict.fromkeys(fine)}
    errors = {key: error for key, error in replies.errors.items() if key not in fine}
    return Replies(values, errors, replies.totals, replies.seconds)
