"""Tasks for what stands upon pipelines and fields: cards, and what only an installed application has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from widget_backend.crm.bitrix24 import application as ours
from widget_backend.crm.bitrix24 import handlers, layouts
from widget_backend.crm.bitrix24.client import Replies
from widget_backend.crm.bitrix24.known import Known, unsupported, wished
from widget_backend.crm.bitrix24.layouts import Layout
from widget_backend.crm.bitrix24.packing import Result, Task
from widget_backend.crm.bitrix24.removal import NO_CALL
from widget_backend.crm.bitrix24.tasks import Tasks, never
from widget_backend.crm.model import Action, Change, Kind, Remote
from widget_backend.crm.port import Application, Outcome


class Fittings:
    """The tasks of one plan. ``refused``: changes that cannot be tried."""

    def __init__(
        self, tasks: Tasks, known: Known, application: Application | None, shown: Mapping[str, Layout]
    ) -> None:
        self._tasks = tasks
        self._known = known
        self._application = application
        self._shown = shown
        self.refused: list[Outcome] = []

    def tasks(self, changes: Iterable[Change]) -> list[Task]:
        """One task a change; what rests on something refused is refused with it."""
        return [task for change in changes if (task := self._task(change)) is not None]

    def _task(self, change: Change) -> Task | None:
        unmet = self._known.unmet(change)
        if unmet is None and change.kind is Kind.CARD:
            return self._card(change)
        make = _APPLICATION.get(change.kind)
        if unmet is None and make is not None and self._application is not None:
            return make(self, change, self._application)
        self.refused.append(Outcome(change.address, error=unmet or unsupported(NO_CALL)))
        return None

    def _card(self, change: Change) -> Task:
        after = self._known.resolve(change.after)
        if change.action is Action.UPDATE:
            remote = self._known.updated(change)
            now = self._shown.get(remote.id, ())
            commands = [layouts.put(remote.entity, remote.parent, after["sections"], now)]
        else:
            resource = wished(change)
            pipeline_id = self._known[resource.parent] if resource.parent else ""
            card_id = layouts.card_id(resource.entity, pipeline_id)
            remote = Remote(Kind.CARD, card_id, after, parent=pipeline_id, entity=resource.entity)
            commands = [
                layouts.put(resource.entity, pipeline_id, after["sections"]),
                layouts.enforce(resource.entity, pipeline_id),
            ]
        return self._tasks.all((change.address,), commands, lambda: remote, never)

    def _subscription(self, change: Change, application: Application) -> Task:
        key = change.remote.id if change.remote else wished(change).key
        commands = ours.subscribe(application, key, change.after["events"])
        made = ours.subscribed(application, key, change.after)
        if change.remote is not None:
            commands += ours.unsubscribe(change.remote, keep=made.native)
        return self._tasks.all((change.address,), commands, lambda: made, ours.is_there_already)

    def _placement(self, change: Change, application: Application) -> Task:
        remote = change.remote
        key = remote.id if remote else wished(change).key
        attributes = {**(remote.attributes if remote else {}), **change.after}
        leave = [ours.unbind_place(remote)] if remote else []
        commands = [*leave, ours.bind_place(application, key, attributes)]
        made = ours.placed(application, key, attributes)
        return self._tasks.all((change.address,), commands, lambda: made, ours.is_there_already)

    def _robot(self, change: Change, application: Application) -> Task:
        resource = wished(change)
        made = handlers.robot(resource.key)
        renewed = ours.changed_robot(application, resource.key, change.after)
        again = self._tasks.all((change.address,), [renewed], lambda: made, never)
        key = self._tasks.key()

        def settle(task: Task, replies: Replies) -> Result:
            refusal = replies.errors.get(key)
            if refusal is not None and refusal.code == ours.ROBOT_THERE:
                return Result(then=[again])
            return self._tasks.unusual(task, replies, (change.address,)) or Result([Outcome(change.address, made)])

        return Task({key: ours.new_robot(application, resource, change.after)}, settle)

    def _trigger(self, change: Change, application: Application) -> Task:
        code = change.remote.id if change.remote else wished(change).key
        made = handlers.trigger({"CODE": code, "NAME": change.after["name"]})
        return self._tasks.all((change.address,), [ours.trigger(code, change.after)], lambda: made, never)


_Make = Callable[[Fittings, Change, Application], Task]
_APPLICATION: Mapping[Kind, _Make] = {
    Kind.SUBSCRIPTION: Fittings._subscription,
    Kind.PLACEMENT: Fittings._placement,
    Kind.ROBOT: Fittings._robot,
    Kind.TRIGGER: Fittings._trigger,
}
