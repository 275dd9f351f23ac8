"""Writes pipelines with their stages (amocrm.md §3.1, §3.2): new pipelines in one array, stages of others one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from widget_backend.crm.amocrm import reading, words
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.writing import bodies, places
from widget_backend.crm.amocrm.writing.arrays import REFUSALS, Arrays, Entry
from widget_backend.crm.amocrm.writing.known import Known, dependent, existing, gone, unsupported
from widget_backend.crm.model import Action, Change, Kind, Remote, Resource
from widget_backend.crm.port import Outcome
from widget_backend.texts import Text

Outcomes = Iterator[Sequence[Outcome]]
PATH = "leads/pipelines"
_COLOUR = Text(
    "Этот цвет этапа amoCRM показывает, но записать не даёт. Этап остался как есть; выберите цвет вручную, если нужно.",
    "amoCRM shows this colour of a stage but does not let it be written. The stage stays as it is; choose a colour by hand "
    "if you like.",
)


class PipelineWriter:
    """Carries out the changes of pipelines and stages but deletes."""

    def __init__(self, client: Client, arrays: Arrays, known: Known) -> None:
        self._client = client
        self._arrays = arrays
        self._known = known

    def apply(self, changes: Sequence[Change]) -> Outcomes:
        """New pipelines first, then names, then stages: moved ones before new ones, as the vendor renumbers."""
        created = [c for c in changes if c.kind is Kind.PIPELINE and c.action is Action.CREATE]
        families = _by_parent(c for c in changes if c.kind is Kind.STAGE and c.action is Action.CREATE)
        yield from self._create(created, families)
        for change in changes:
            if change.kind is Kind.PIPELINE and change.action is Action.UPDATE:
                yield self._patch(change, f"{PATH}/{existing(change).id}", {"name": change.after["name"]})
        yield from self._update_stages([c for c in changes if c.kind is Kind.STAGE and c.action is Action.UPDATE])
        inside = {change.address for change in created}
        for parent, family in families.items():
            if parent not in inside:
                yield from self._add_stages(parent, family)

    def _create(self, created: Sequence[Change], families: Mapping[str, Sequence[Change]]) -> Outcomes:
        entries = [Entry(c.address, self._pipeline(c, families.get(c.address, ()))) for c in created]
        for sent in self._arrays.send("POST", PATH, "pipelines", entries):
            outcomes = [Outcome(address, error=error) for address, error in sent.refused]
            for address, _ in sent.refused:
                outcomes += [Outcome(s.address, error=dependent(address)) for s in families.get(address, ())]
            lost = False
            for address, row in sent.done:
                stages = _matched(row, families.get(address, ()))
                lost = lost or len(stages) < len(families.get(address, ()))
                outcomes.append(Outcome(address, reading.pipeline(row)))
                outcomes += [Outcome(stage_address, remote) for stage_address, remote in stages.items()]
            yield self._known.settle(outcomes)
            if lost:
                raise self._client.unclear("POST", PATH, "stages")

    def _pipeline(self, change: Change, family: Sequence[Change]) -> bodies.Body:
        statuses = [bodies.new_stage(c.after, place * bodies.STEP) for place, c in enumerate(_ordered(family), 1)]
        return bodies.pipeline(_resource(change).name, change.after.get("position"), statuses)

    def _update_stages(self, updates: Sequence[Change]) -> Outcomes:
        for change in updates:
            if "position" not in change.after:
                yield self._update_stage(change, None)
        families: dict[str, dict[str, Change]] = defaultdict(dict)
        for change in updates:
            if "position" in change.after:
                families[existing(change).parent][existing(change).id] = change
        for pipeline_id, family in families.items():
            yield from self._move_stages(pipeline_id, family)

    def _move_stages(self, pipeline_id: str, left: dict[str, Change]) -> Outcomes:
        """Changes with a place; looks at the pipeline first, and again where the numbers cannot be told any more."""
        goal: list[str] = []
        while left:
            try:
                row = self._client.get(f"{PATH}/{pipeline_id}")
            except REFUSALS as refusal:
                yield [Outcome(change.address, error=refusal) for change in left.values()]
                return
            standing = reading.standing(row)
            lacking = [left.pop(stage) for stage in tuple(left) if stage not in standing]
            if lacking:
                yield [Outcome(change.address, error=gone(change.title)) for change in lacking]
            wanted = {stage: _place(change) for stage, change in left.items()}
            goal = [stage for stage in goal or places.target(standing, wanted) if stage in standing]
            for stage, sort in places.steps(standing, goal, left).items():
                yield self._update_stage(left.pop(stage), sort)

    def _update_stage(self, change: Change, sort: int | None) -> Sequence[Outcome]:
        remote = existing(change)
        body = bodies.changed_stage(change.after, sort)
        if body:
            return self._patch(change, f"{PATH}/{remote.parent}/statuses/{remote.native}", body)
        if "position" in change.after:  # the others have made room for it
            return self._known.settle([Outcome(change.address, self._known.updated(change))])
        return (Outcome(change.address, error=unsupported(_COLOUR)),)

    def _patch(self, change: Change, path: str, body: bodies.Body) -> Sequence[Outcome]:
        try:
            self._client.write("PATCH", path, body, repeatable=True)
        except REFUSALS as refusal:
            return (Outcome(change.address, error=refusal),)
        return self._known.settle([Outcome(change.address, self._known.updated(change))])

    def _add_stages(self, parent: str, family: Sequence[Change]) -> Outcomes:
        """Stages for a pipeline that was there before, put between those of ours that stand around them."""
        unmet = self._known.unmet(family[0])
        if unmet is not None:
            yield [Outcome(change.address, error=unmet) for change in family]
            return
        pipeline_id = self._known[parent]
        try:
            row = self._client.get(f"{PATH}/{pipeline_id}")
        except REFUSALS as refusal:
            yield [Outcome(change.address, error=refusal) for change in family]
            return
        final = [change for change in family if change.after.get("kind") in words.FINAL_IDS]
        for change in final:
            yield self._name_final(change, pipeline_id)
        usual = {change.address: change for change in family if change not in final}
        ours = [s for s in reading.pipelines([row]) if s.kind is Kind.STAGE and s.id in self._known.remote_ids]
        sorts = places.inserted(list(usual.values()), [s for s in ours if not s.fixed])
        entries = [Entry(address, bodies.new_stage(usual[address].after, sort)) for address, sort in sorts.items()]
        for sent in self._arrays.send("POST", f"{PATH}/{pipeline_id}/statuses", "statuses", entries):
            outcomes = [Outcome(address, reading.stage(made, pipeline_id)) for address, made in sent.done]
            outcomes += [Outcome(address, error=error) for address, error in sent.refused]
            yield self._known.settle(outcomes)

    def _name_final(self, change: Change, pipeline_id: str) -> Sequence[Outcome]:
        native = words.FINAL_IDS[str(change.after["kind"])]
        body = {"name": change.after["name"]}
        try:
            self._client.write("PATCH", f"{PATH}/{pipeline_id}/statuses/{native}", body, repeatable=True)
        except REFUSALS as refusal:
            return (Outcome(change.address, error=refusal),)
        return self._known.settle([Outcome(change.address, reading.stage({"id": native, **body}, pipeline_id))])


def _place(change: Change) -> int:
    """A place as the vendor's numbers count; what is put back has one of those already."""
    position = bodies.number(change.after["position"])
    return (position + 1) * bodies.STEP if change.resource else position


def _matched(row: Row, family: Sequence[Change]) -> dict[str, Remote]:
    """The stages of a new pipeline by address: final ones by kind, the others by name, in order where names repeat."""
    pipeline_id = str(row["id"])
    left = [reading.stage(status, pipeline_id) for status in reading.statuses(row)]
    found: dict[str, Remote] = {}
    for change in _ordered(family):
        kind = str(change.after.get("kind", "open"))
        wanted = ("kind", kind) if kind in words.FINAL_IDS else ("name", change.after["name"])
        remote = next((stage for stage in left if stage.attributes[wanted[0]] == wanted[1]), None)
        if remote is not None:
            left.remove(remote)
            found[change.address] = remote
    return found


def _by_parent(changes: Iterable[Change]) -> dict[str, list[Change]]:
    families: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        families[_resource(change).parent].append(change)
    return families


def _ordered(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: bodies.number(change.after.get("position")))


def _resource(change: Change) -> Resource:
    assert change.resource is not None
    return change.resource
