"""What follows a copy once it has a number: links between the two deals, and the tasks and notes that go along. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from widget_backend.clock import now
from widget_backend.crm.asking import AddNote, AddTask, Write
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Task
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying.lost import told
from widget_backend.deals.copying.planning import Plan, pipeline_name
from widget_backend.deals.copying.policy import Part
from widget_backend.texts import Text

#: for a task without a deadline, where the CRM demands one
SOON: Final = timedelta(days=1)

HERE = Text("Создана копия: сделка №{deal} в воронке «{pipeline}».", "A copy was made: deal {deal} in “{pipeline}”.")
THERE = Text("Это копия сделки №{deal} из воронки «{pipeline}».", "This is a copy of deal {deal} from “{pipeline}”.")
NOTE = Text("Из сделки №{deal}: {text}", "From deal {deal}: {text}")


def writes(clinic: Clinic, plan: Plan, parts: frozenset[Part], deal: str) -> tuple[Write, ...]:
    """In the order they are to be made."""
    return (
        *(_ties(clinic, plan, deal) if "ties" in parts else ()),
        *_notes(clinic, plan, deal),
        *_tasks(clinic, plan, deal),
    )


def _ties(clinic: Clinic, plan: Plan, deal: str) -> Iterator[Write]:
    chart = clinic.chart
    home = chart.stage_of_id.get(plan.source.stage)
    here = {"deal": plan.source.id, "pipeline": pipeline_name(chart, home) if home else plan.source.pipeline}
    yield AddNote(plan.source.id, clinic.say(HERE.format(deal=deal, pipeline=pipeline_name(chart, plan.stage))))
    yield AddNote(deal, "\n".join([clinic.say(THERE.format(**here)), *map(clinic.say, told(plan.lost))]))


def _notes(clinic: Clinic, plan: Plan, deal: str) -> Iterator[Write]:
    """The oldest first, so that they stand in order."""
    oldest = datetime.min.replace(tzinfo=now().tzinfo)
    for note in sorted(plan.notes, key=lambda note: note.at or oldest):
        yield AddNote(deal, clinic.say(NOTE.format(deal=plan.source.id, text=note.text)))


def _tasks(clinic: Clinic, plan: Plan, deal: str) -> Iterator[Write]:
    for task in plan.tasks:
        title, _, words = task.text.partition("\n")
        who = clinic.owner if task.responsible in clinic.left else task.responsible
        yield AddTask(deal, title, words, task.deadline or now() + SOON, who, _type(clinic.chart, task))


def _type(chart: Chart, task: Task) -> str:
    """Our address of the task's type, empty where it is the clinic's own."""
    by_id: Mapping[str, str] = {number: name for name, number in chart.names.items() if name.startswith("task_type.")}
    return by_id.get(task.type, "")
