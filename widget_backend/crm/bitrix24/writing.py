"""Carries out changes in an order that works: pipelines, stages, sources and fields; then cards and the application's; deletes.

Between the second and the first lies a request: a card must not name a field of the same batch (bitrix24.md §9.1).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from widget_backend.crm.bitrix24 import bodies, removal
from widget_backend.crm.bitrix24.client import Client, Inner, Replies
from widget_backend.crm.bitrix24.fittings import Fittings
from widget_backend.crm.bitrix24.known import Known, existing, unsupported, wished
from widget_backend.crm.bitrix24.layouts import Layout
from widget_backend.crm.bitrix24.packing import Pace, Task, merged
from widget_backend.crm.bitrix24.pipelines import Pipelines
from widget_backend.crm.bitrix24.tasks import Tasks
from widget_backend.crm.model import Action, Change, Kind
from widget_backend.crm.port import Application, Outcome
from widget_backend.errors import Unavailable

Outcomes = Iterator[Sequence[Outcome]]

#: requests in a row that the portal may put off before we give up
PATIENCE = 3

_FOUNDATION = (Kind.PIPELINE, Kind.STAGE, Kind.SOURCE, Kind.FIELD)


class Writer:
    """Writes to one portal. What it learns of the portal's pace holds for the next plan too."""

    def __init__(self, client: Client, application: Application | None) -> None:
        self._client = client
        self._application = application
        self._pace = Pace()

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str], shown: Mapping[str, Layout]) -> Outcomes:
        """See :meth:`widget_backend.crm.port.Structure.apply`. ``shown``: the cards as the last survey found them."""
        known, tasks = Known(ids, {c.address: c.title for c in changes}), Tasks(self._client)
        made = [c for c in changes if c.action in (Action.CREATE, Action.UPDATE)]
        deletes = [c for c in changes if c.action is Action.DELETE]
        pipelines = Pipelines(tasks, known)
        begun = pipelines.tasks([c for c in made if c.kind in _FOUNDATION[:2]], deletes)
        yield from self._run([*begun, *self._directories(tasks, made)], known, pipelines.refused)
        fittings = Fittings(tasks, known, self._application, shown)
        finished = fittings.tasks([c for c in made if c.kind not in _FOUNDATION])
        yield from self._run(finished, known, fittings.refused)
        left = [change for change in deletes if change.address not in pipelines.taken_over]
        removals, refused = self._removals(tasks, left)
        yield from self._run(removals, known, refused)

    def _directories(self, tasks: Tasks, made: Iterable[Change]) -> Iterator[Task]:
        counted: dict[tuple[Kind, str], int] = defaultdict(int)
        for change in made:
            if change.kind not in (Kind.SOURCE, Kind.FIELD):
                continue
            if change.action is Action.UPDATE:
                yield self._renewed(tasks, change)
                continue
            resource = wished(change)
            counted[change.kind, resource.entity] += 1
            yield self._added(tasks, change, counted[change.kind, resource.entity])

    def _added(self, tasks: Tasks, change: Change, ordinal: int) -> Task:
        resource, after = wished(change), change.after
        if change.kind is Kind.SOURCE:
            inner, read = bodies.new_source(resource, after, ordinal), bodies.made_source
        else:
            inner, read = bodies.new_field(resource, after, ordinal), bodies.made_field
        return tasks.one(change.address, inner, lambda number: read(resource, after, number))

    def _renewed(self, tasks: Tasks, change: Change) -> Task:
        remote = existing(change)
        body = bodies.named_source if change.kind is Kind.SOURCE else bodies.changed_field
        return tasks.one(change.address, body(remote, change.after), lambda _: Known({}).updated(change))

    def _removals(self, tasks: Tasks, deletes: Sequence[Change]) -> tuple[list[Task], list[Outcome]]:
        removals: list[Task] = []
        stays: list[Outcome] = []
        for change in removal.in_order(deletes):
            commands = removal.commands(existing(change))
            if commands:
                addresses = (change.address, *removal.goes_with(change, deletes))
                removals.append(tasks.all(addresses, commands, lambda: None, removal.is_gone))
            else:
                stays.append(Outcome(change.address, error=unsupported(removal.NO_CALL)))
        return removals, stays

    def _run(self, tasks: Iterable[Task], known: Known, refused: list[Outcome]) -> Outcomes:
        """Batch after batch; what each brought is given out before a fault is raised or the next is sent."""
        queue = deque(tasks)
        if refused:
            yield known.settle(refused)
        stalled = 0
        while queue:
            taken = self._pace.take(queue)
            commands = merged(taken)
            replies = self._send(commands)
            results = [task.settle(task, replies) for task in taken]
            queue.extendleft(reversed([task for result in results for task in result.then]))
            outcomes = known.settle(outcome for result in results for outcome in result.outcomes)
            if outcomes:
                yield outcomes
            fault = next((result.fault for result in results if result.fault), None)
            waiting = next((result.waiting for result in results if result.waiting), None)
            stalled = stalled + 1 if waiting and not outcomes else 0
            if fault or (waiting and stalled >= PATIENCE):
                raise fault or waiting  # type: ignore[misc]

    def _send(self, commands: Mapping[str, Inner]) -> Replies:
        try:
            replies = self._client.batch(commands)
        except Unavailable:
            self._pace.ease()
            raise
        self._pace.note(commands, replies)
        return replies
