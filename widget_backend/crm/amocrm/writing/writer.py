"""Carries out changes in an order that works: pipelines and stages, dictionaries, tabs, fields, hooks; deletes last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from widget_backend.crm.amocrm import reading, webhooks
from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.words import ENTITIES
from widget_backend.crm.amocrm.writing import bodies, removal
from widget_backend.crm.amocrm.writing.arrays import REFUSALS, Arrays, Entry
from widget_backend.crm.amocrm.writing.known import Known, existing, unsupported
from widget_backend.crm.amocrm.writing.stages import PipelineWriter
from widget_backend.crm.model import Action, Attributes, Change, Kind, Remote, Resource, Value
from widget_backend.crm.port import Application, Outcome
from widget_backend.texts import Text

Outcomes = Iterator[Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one kind is made: ``path`` (``{e}`` is the entity) and key of its list, body of an item, reading of the answer."""

    path: str
    key: str
    body: Callable[[Resource, Attributes, int], bodies.Body]
    read: Callable[[Row, str], Remote]


RECIPES: Mapping[Kind, Recipe] = {
    Kind.LOSS_REASON: Recipe("leads/loss_reasons", "loss_reasons", bodies.named, lambda r, e: reading.loss_reason(r)),
    Kind.SOURCE: Recipe("sources", "sources", bodies.source, lambda r, e: reading.source(r)),
    # a tag that exists is answered with its id (§3.4)
    Kind.TAG: Recipe("{e}/tags", "tags", bodies.tag, reading.tag),
    Kind.GROUP: Recipe("{e}/custom_fields/groups", "custom_field_groups", bodies.group, reading.group),
    Kind.FIELD: Recipe("{e}/custom_fields", "custom_fields", bodies.new_field, reading.field),
}
_PIPELINES = (Kind.PIPELINE, Kind.STAGE)
_NO_CALL = Text(
    "amoCRM не даёт менять это через API. Остальное не затронуто; измените вручную в настройках amoCRM.",
    "amoCRM does not let this be changed through the API. The rest is not affected; change it by hand in amoCRM's settings.",
)


class Writer:
    """Writes to one account."""

    def __init__(self, client: Client, application: Application | None) -> None:
        self._client = client
        self._arrays = Arrays(client)
        self._application = application

    def apply(self, changes: Sequence[Change], ids: Mapping[str, str]) -> Outcomes:
        """See :meth:`widget_backend.crm.port.Structure.apply`."""
        known = Known(ids)
        made = [c for c in changes if c.action in (Action.CREATE, Action.UPDATE)]
        pipelines = PipelineWriter(self._client, self._arrays, known)
        yield from pipelines.apply([c for c in made if c.kind in _PIPELINES])
        for kind in Kind:
            rows = [c for c in made if c.kind is kind]
            if kind in RECIPES:
                yield from self._create(kind, [c for c in rows if c.action is Action.CREATE], known)
                yield from self._update(kind, [c for c in rows if c.action is Action.UPDATE], known)
            elif kind is Kind.SUBSCRIPTION and self._application is not None:
                yield from self._subscribe(self._application, rows)
            elif rows and kind not in _PIPELINES:
                yield [Outcome(c.address, error=unsupported(_NO_CALL)) for c in rows]
        yield from removal.apply(self._client, [c for c in changes if c.action is Action.DELETE])

    def _create(self, kind: Kind, creates: Sequence[Change], known: Known) -> Outcomes:
        recipe = RECIPES[kind]
        for entity in dict.fromkeys(_resource(c).entity for c in creates):
            ready, refused = _ready([c for c in creates if _resource(c).entity == entity], known)
            if refused:
                yield refused
            path = recipe.path.format(e=ENTITIES.get(entity, ""))
            entries = [
                Entry(c.address, recipe.body(_resource(c), known.resolve(c.after), ordinal))
                for ordinal, c in enumerate(ready, 1)
            ]
            for sent in self._arrays.send("POST", path, recipe.key, entries):
                outcomes = [Outcome(address, recipe.read(row, entity)) for address, row in sent.done]
                yield known.settle(outcomes + [Outcome(address, error=error) for address, error in sent.refused])

    def _update(self, kind: Kind, updates: Sequence[Change], known: Known) -> Outcomes:
        ready, refused = _ready(updates, known)
        if refused:
            yield refused
        if kind is Kind.FIELD:
            yield from self._update_fields(ready, known)
            return
        for change in ready:
            yield self._update_one(change, known)

    def _update_one(self, change: Change, known: Known) -> Sequence[Outcome]:
        remote = existing(change)
        if remote.kind is Kind.TAG:
            return (Outcome(change.address, error=unsupported(_NO_CALL)),)
        path, body = _renaming(remote, change.after["name"])
        try:
            self._client.write("PATCH", path, body, repeatable=True)
        except REFUSALS as refusal:
            return (Outcome(change.address, error=refusal),)
        return known.settle([Outcome(change.address, known.updated(change))])

    def _update_fields(self, updates: Sequence[Change], known: Known) -> Outcomes:
        """Whole definitions, in arrays; not repeatable by itself, as a choice without an id would be made twice."""
        recipe = RECIPES[Kind.FIELD]
        for entity in dict.fromkeys(existing(c).entity for c in updates):
            remotes = {c.address: known.updated(c) for c in updates if existing(c).entity == entity}
            entries = [Entry(a, bodies.changed_field(r.id, r.attributes)) for a, r in remotes.items()]
            path = recipe.path.format(e=ENTITIES[entity])
            for sent in self._arrays.send("PATCH", path, recipe.key, entries):
                outcomes = [Outcome(address, remotes[address]) for address, _ in sent.done]
                yield known.settle(outcomes + [Outcome(address, error=error) for address, error in sent.refused])

    def _subscribe(self, application: Application, rows: Sequence[Change]) -> Outcomes:
        """A second POST to the same address changes the webhook (§5.1)."""
        for change in rows:
            events = change.after["events"]
            body = {
                "destination": _destination(application, change),
                "settings": webhooks.settings(events if isinstance(events, tuple) else ()),
                "sort": bodies.STEP,
            }
            try:
                made = self._client.write("POST", "webhooks", body, repeatable=True)
            except REFUSALS as refusal:
                yield (Outcome(change.address, error=refusal),)
                continue
            if made.get("id") is None:
                raise self._client.unclear("POST", "webhooks", "id")
            yield (Outcome(change.address, reading.subscription(made)),)


def _renaming(remote: Remote, name: Value) -> tuple[str, object]:
    """Path and body; sources are changed in an array, a tab wants its place said again (§3.3, §4.10)."""
    path = RECIPES[remote.kind].path.format(e=ENTITIES.get(remote.entity, ""))
    match remote.kind:
        case Kind.SOURCE:
            return path, [{"id": int(remote.id), "name": name}]
        case Kind.GROUP:
            return f"{path}/{remote.id}", {"name": name, "sort": remote.attributes["position"]}
        case _:
            return f"{path}/{remote.id}", {"name": name}


def _destination(application: Application, change: Change) -> str:
    return change.remote.native if change.remote else webhooks.destination(application, _resource(change).key)


def _ready(changes: Sequence[Change], known: Known) -> tuple[list[Change], list[Outcome]]:
    """The changes whose references are met, and the refusal of the others."""
    unmet = {change.address: known.unmet(change) for change in changes}
    ready = [change for change in changes if unmet[change.address] is None]
    return ready, [Outcome(address, error=error) for address, error in unmet.items() if error is not None]


def _resource(change: Change) -> Resource:
    assert change.resource is not None
    return change.resource
