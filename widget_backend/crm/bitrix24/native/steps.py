"""Steps of a rule as robots of the portal (bitrix24-preset-archive.md §2). Pure. Raises :class:`Unsaid`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.bitrix24.native import phrases, shapes, words
from widget_backend.crm.bitrix24.native.unsaid import Unsaid
from widget_backend.crm.chart import ChartStage
from widget_backend.crm.native import Ground
from widget_backend.robots import grammar
from widget_backend.robots.rule import Step, TaskTemplate
from widget_backend.texts import Text

#: our robot that copies deals, as the preset has it
COPIER: Final = "copy_deal"


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot. ``wrote``: code of the field it writes; ``moves``: it takes the deal off its stage; ``remarks``: where it
    differs from ours."""

    type: str
    properties: Mapping[str, Any]
    wrote: str = ""
    moves: bool = False
    remarks: tuple[Text, ...] = ()


def robot(step: Step, here: ChartStage, ground: Ground) -> Robot:
    """The robot that does what a step says, for deals that stand ``here``."""
    if step.action not in _STEPS:
        raise Unsaid(words.ACTIONS[step.action])
    return _STEPS[step.action](step, here, ground)


def internal_code(client: str, code: str) -> str:
    """The class of an application's robot in every portal."""
    return "rest_" + hashlib.md5(f"{client}@{code}".encode(), usedforsecurity=False).hexdigest()


def _copy(step: Step, here: ChartStage, ground: Ground) -> Robot:
    """By our own robot: the portal's copies without a link back, and we could not take it back."""
    to = phrases.stage(ground.chart, step.to)
    if step.once_per_patient:
        raise Unsaid(words.ONCE)
    if step.filled:
        raise Unsaid(words.FILLED)
    if not ground.client or f"robot.{COPIER}" not in ground.chart.names:
        raise Unsaid(words.NO_ROBOT)
    return Robot(internal_code(ground.client, COPIER), {"stage": to.address, "UseSubscription": "N"})


def _move(step: Step, here: ChartStage, ground: Ground) -> Robot:
    to = phrases.stage(ground.chart, step.to)
    if to.pipeline_id == here.pipeline_id:
        return Robot("CrmChangeStatusActivity", {"TargetStatus": to.id}, moves=True)
    properties = {"CategoryId": to.pipeline_id, "StageId": to.id}
    return Robot("CrmChangeDealCategoryActivity", properties, moves=True)


def _set(step: Step, here: ChartStage, ground: Ground) -> Robot:
    target = phrases.field(ground.chart, step.field)
    return _writing(step, phrases.code(target), phrases.value(target, step.value, ground.chart), ground, target.name)


def _clear(step: Step, here: ChartStage, ground: Ground) -> Robot:
    target = phrases.field(ground.chart, step.field)
    return _writing(step, phrases.code(target), "", ground, target.name)


def _writing(step: Step, code: str, value: str, ground: Ground, name: str) -> Robot:
    if step.field in ground.watched:
        raise Unsaid(words.WATCHED.format(field=name))
    return Robot("SetFieldActivity", {"FieldValue": {code: value}, "MergeMultipleFields": "N"}, wrote=code)


def _task(step: Step, here: ChartStage, ground: Ground) -> Robot:
    template = ground.tasks.get(step.task)
    if template is None:
        raise Unsaid(words.NO_TASK.format(task=step.task))
    deadline, remarks = _deadline(template, ground)
    properties = {
        "Subject": phrases.spoken(template.title, ground.chart),
        "Description": phrases.spoken(template.text, ground.chart),
        "Deadline": deadline,
        "Responsible": phrases.person(step.who or template.who),
        "AutoComplete": "N",
    }
    return Robot("CrmCreateToDoActivity", properties, remarks=remarks)


def _deadline(template: TaskTemplate, ground: Ground) -> tuple[str, tuple[Text, ...]]:
    wanted = template.deadline
    if wanted.startswith("field."):
        return phrases.moment(phrases.field(ground.chart, wanted)), ()
    if not re.fullmatch(grammar.SPAN, wanted):
        raise Unsaid(words.BY_MIS)
    said = phrases.shifted(shapes.NOW, wanted, working=template.working_hours)
    return said, (words.PORTAL_HOURS,) if template.working_hours else ()


def _notify(step: Step, here: ChartStage, ground: Ground) -> Robot:
    text = phrases.spoken(step.text or Text("", ""), ground.chart)
    if step.who == "head":
        return Robot("CrmControlNotifyActivity", {"MessageText": text, "ToHead": "Y", "ToUsers": []})
    whom = phrases.person(step.who)
    return Robot("SocNetMessageActivity", {"MessageText": text, "MessageUserTo": whom, "MessageFormat": "robot"})


def _note(step: Step, here: ChartStage, ground: Ground) -> Robot:
    text = phrases.spoken(step.text or Text("", ""), ground.chart)
    return Robot("CrmTimelineCommentAdd", {"CommentText": text, "CommentUser": phrases.person("responsible")})


_STEPS: Final[Mapping[str, Callable[[Step, ChartStage, Ground], Robot]]] = {
    "copy_deal": _copy,
    "move_deal": _move,
    "set_field": _set,
    "clear_field": _clear,
    "create_task": _task,
    "notify": _notify,
    "add_note": _note,
}
