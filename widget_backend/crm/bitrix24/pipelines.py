"""Tasks that make pipelines and their stages (bitrix24.md §4.1, §4.2, §9.1): a pipeline and the list of its stages in one go,
the work on the stages right after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from widget_backend.crm.bitrix24 import bodies, naming, reading, stages, words
from widget_backend.crm.bitrix24.client import Replies, as_map, rows
from widget_backend.crm.bitrix24.known import Known, existing, wished
from widget_backend.crm.bitrix24.packing import Result, Task
from widget_backend.crm.bitrix24.tasks import Tasks, refused
from widget_backend.crm.model import Action, Change, Kind, Remote
from widget_backend.crm.port import Outcome


class Pipelines:
    """The tasks of one plan. ``refused``: changes that cannot be tried; ``taken_over``: deletes that stage work settles."""

    def __init__(self, tasks: Tasks, known: Known) -> None:
        self._tasks = tasks
        self._known = known
        self.refused: list[Outcome] = []
        self.taken_over: set[str] = set()

    def tasks(self, changes: Sequence[Change], deletes: Sequence[Change]) -> Iterator[Task]:
        """What begins the work; more follows from the answers."""
        created = [c for c in changes if c.kind is Kind.PIPELINE and c.action is Action.CREATE]
        families = _families(c for c in changes if c.kind is Kind.STAGE and c.action is Action.CREATE)
        for change in created:
            yield self._create(change, families.pop(change.address, []))
        for change in changes:
            if change.kind is Kind.PIPELINE and change.action is Action.UPDATE:
                yield self._rename(change)
        yield from self._existing(families, [c for c in changes if c.kind is Kind.STAGE], deletes)

    def _rename(self, change: Change) -> Task:
        inner = bodies.named_pipeline(existing(change).id, change.after)
        return self._tasks.one(change.address, inner, lambda _: self._known.updated(change))

    def _create(self, change: Change, family: list[Change]) -> Task:
        """The list names the new pipeline by reference. It only reads: where the pipeline was refused its answer is
        worthless and does no harm (§3.4)."""
        add, listing = self._tasks.key(), self._tasks.key()
        directory = f"{words.STAGES}_$result[{add}][category][id]"

        def settle(task: Task, replies: Replies) -> Result:
            if add not in replies.values:
                addresses = [change.address]
                alone = Task({add: task.commands[add]}, task.settle)
                result = self._tasks.unusual(alone, replies, addresses) or Result()
                if result.outcomes:
                    result.outcomes += refused([c.address for c in family], self._known.dependent(change.address))
                return result if not result.then else Result(then=[task], waiting=result.waiting)
            made = as_map(as_map(replies.values[add]).get("category"))
            if made.get("id") is None:
                return Result(fault=self._tasks.unclear(task.commands.values()))
            remote = reading.pipeline(made)
            return Result(
                [Outcome(change.address, remote)], self._begin(remote.id, family, replies.values.get(listing))
            )

        return Task({add: bodies.new_pipeline(change.after), listing: bodies.directory_list(directory)}, settle)

    def _begin(self, pipeline_id: str, family: list[Change], answer: object) -> list[Task]:
        """Work on the automatic stages, if the list brought them; else the list once more, by its id."""
        if not family:
            return []
        now = _stages(answer, pipeline_id)
        if not now:
            return [self._listing(pipeline_id, family, fresh=True)]
        return self._work(pipeline_id, now, family, fresh=True).then

    def _existing(
        self, families: dict[str, list[Change]], changes: Sequence[Change], deletes: Sequence[Change]
    ) -> Iterator[Task]:
        by_pipeline: dict[str, list[Change]] = defaultdict(list)
        for change in changes:
            if change.action is Action.UPDATE:
                by_pipeline[existing(change).parent].append(change)
        for parent, family in families.items():
            unmet = self._known.unmet(family[0])
            if unmet is not None:
                self.refused += refused([change.address for change in family], unmet)
            else:
                by_pipeline[self._known[parent]] += family
        for pipeline_id, family in by_pipeline.items():
            yield from self._of_existing(pipeline_id, family, deletes)

    def _of_existing(self, pipeline_id: str, family: list[Change], deletes: Sequence[Change]) -> Iterator[Task]:
        """A name or a colour is written at once; where places matter, the stages are listed first."""
        if not any(c.action is Action.CREATE or "position" in c.after for c in family):
            yield from (self._step(stages.update(change)) for change in family)
            return
        given_up = [c for c in deletes if c.kind is Kind.STAGE and existing(c).parent == pipeline_id]
        given_up = [c for c in given_up if existing(c).stock]
        self.taken_over |= {change.address for change in given_up}
        yield self._listing(pipeline_id, [*family, *given_up], fresh=False)

    def _listing(self, pipeline_id: str, family: list[Change], *, fresh: bool) -> Task:
        key = self._tasks.key()
        addresses = [change.address for change in family]

        def settle(task: Task, replies: Replies) -> Result:
            unusual = self._tasks.unusual(task, replies, addresses)
            now = _stages(replies.values.get(key), pipeline_id)
            return unusual or self._work(pipeline_id, now, family, fresh=fresh)

        return Task({key: bodies.directory_list(naming.stage_directory(pipeline_id))}, settle)

    def _work(self, pipeline_id: str, now: Sequence[Remote], family: list[Change], *, fresh: bool) -> Result:
        arranged = stages.arrange(pipeline_id, now, family, self._known.remote_ids, fresh=fresh)
        return Result(list(arranged.outcomes), [self._step(step) for step in arranged.steps])

    def _step(self, step: stages.Step) -> Task:
        return self._tasks.of(step.inner, step.addresses, step.outcomes)


def _families(changes: Iterable[Change]) -> dict[str, list[Change]]:
    families: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        families[wished(change).parent].append(change)
    return families


def _stages(answer: object, pipeline_id: str) -> list[Remote]:
    """The stages in an answer, none where it is about something else."""
    directory = naming.stage_directory(pipeline_id)
    return [reading.stage(row, pipeline_id) for row in rows(answer) if row.get("ENTITY_ID") == directory]
