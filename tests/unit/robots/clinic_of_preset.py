"""A clinic set up by a preset, with its CRM in memory: its chart, its rules, its team; deals that people move about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from records_in_memory import MemoryRecords
from sqlalchemy import update

from installer import preset as presets
from installer.preset.expansion import active_fields
from installer.preset.parts import Label
from installer.preset.preset import Preset
from widget_backend import jobs, worktime
from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart, ChartField, ChartPipeline, ChartStage
from widget_backend.crm.model import Option
from widget_backend.crm.records import Contact, Deal, FieldValue, Task
from widget_backend.db import Database, scope
from widget_backend.deals import stage_history, visits
from widget_backend.deals.clinic import Clinic, Clinics, Member
from widget_backend.inbox import answering
from widget_backend.inbox.office import Seen
from widget_backend.inbox.told import PatientChanged, Touch
from widget_backend.jobs import Task as Job
from widget_backend.jobs.worker import drain
from widget_backend.robots import chores, firing_log, firings, rules, timers
from widget_backend.robots.firing_log import Firing
from widget_backend.tenancy import installations
from widget_backend.tenancy.installations import Installation
from widget_backend.texts import Text
from widget_backend.worktime import Hours

MOSCOW = ZoneInfo("Europe/Moscow")
OWNER, OPERATOR, HEAD, COORDINATOR, DESK = "1", "5", "7", "8", "9"
TEAM = (
    Member(OPERATOR, "Олег", ("operator",)),
    Member(HEAD, "Руслан", ("head",)),
    Member(COORDINATOR, "Карина", ("coordinator",)),
    Member(DESK, "Дарья", ("administrator",)),
)
#: built-in fields that a deal or contact has as parts of its own
PARTS = {"title", "amount", "client", "responsible", "phone", "email", "last_name", "first_name", "full_name"}


@cache
def preset_of(key: str, **given: Any) -> Preset:
    loaded = presets.find(key)
    return presets.configure(loaded, given) if given else loaded


@cache
def chart_of(key: str, **given: Any) -> Chart:
    """Remote ids are plain numbers, options' ids their keys with a prefix."""
    preset = preset_of(key, **given)
    pipelines, stages = [], []
    for number, pipeline in enumerate(preset.active_pipelines(), 1):
        pipelines.append(ChartPipeline(pipeline.address, str(number), pipeline.name.ru, number))
        for place, stage in enumerate(pipeline.stages, 1):
            address = pipeline.stage_address(stage)
            stages.append(
                ChartStage(
                    address, f"{number}{place:02}", pipeline.address, str(number), stage.kind, stage.name.ru, place
                )
            )
    fields = [
        ChartField(
            spec.address,
            f"UF_{number}",
            spec.type or "text",
            spec.name.ru,
            required_at=spec.required_at,
            options=tuple(Option(o.key, o.name.ru, f"id_{o.key}") for o in options(preset, spec)),
        )
        for number, spec in enumerate(active_fields(preset))
        if spec.key not in PARTS
    ]
    return Chart("ru", tuple(stages), tuple(pipelines), tuple(fields), {}, "RUB")


def options(preset: Preset, spec: Any) -> Sequence[Label]:
    """As they are given in full, or taken from a list of the preset or of its settings."""
    origin = spec.options_from
    if origin.startswith("setting."):
        words = preset.setting(origin.removeprefix("setting."))
        return [Label(f"o{number}", word) for number, word in enumerate(words) if isinstance(word, Text)]
    return {"loss_reasons": preset.loss_reasons, "sources": preset.sources}.get(origin, spec.options)


@dataclass
class PresetClinic:
    """Boris's clinic on one preset. People's moves are told to the product as the inbox tells them."""

    database: Database
    key: str = "dental"
    given: dict[str, Any] = field(default_factory=dict)
    name: str = "boris"
    team: tuple[Member, ...] = TEAM
    language: str = "ru"

    def __post_init__(self) -> None:
        self.chart = chart_of(self.key, **self.given)
        closed = frozenset(stage.id for stage in self.chart.stages if stage.kind != "open")
        self.crm = MemoryRecords(closed=closed)
        with self.database.transaction() as session:
            self.id = installations.ensure(session, "bitrix24", self.name, f"{self.name}.example")
            installations.activate(session, self.id)
            long_ago = {"activated_at": now() - timedelta(days=90)}
            session.execute(update(Installation).where(Installation.id == self.id).values(long_ago))
        self.keeps_rules(preset_of(self.key, **self.given))
        self._number = 700

    def keeps_rules(self, preset: Preset) -> None:
        with scope(self.id), self.database.transaction() as session:
            charts.save(session, self.id, self.chart)
            given = {setting.key: setting.value for setting in preset.settings}
            ready, tasks = presets.working_rules(preset), presets.working_tasks(preset)
            rules.replace(session, self.id, preset.key, preset.version, ready, tasks, given)

    @property
    def clinic(self) -> Clinic:
        hours = ("mon-fri 09:00-20:00", "sat 10:00-16:00")
        return Clinic(
            self.id, "bitrix24", self.language, MOSCOW, hours, self.team, OWNER, self.chart, self.crm, self.database, {}
        )

    @property
    def hours(self) -> Hours:
        return worktime.hours(self.clinic.hours, MOSCOW)

    # what people do

    def empty(self, entity: str) -> dict[str, FieldValue]:
        """All fields of a record, as a CRM gives them."""
        return {one.address: None for one in self.chart.fields_of(entity)}

    def patient(self, number: str = "301", **fields: FieldValue) -> str:
        named = {f"field.contact.{name}": value for name, value in fields.items()}
        whole = {**self.empty("contact"), **named}
        self.crm.contacts[number] = Contact(number, "Мария Иванова", ("+79001234567",), fields=whole)
        return number

    def enquiry(
        self,
        stage: str,
        contact: str = "301",
        *,
        amount: int | None = None,
        since: datetime | None = None,
        **fields: FieldValue,
    ) -> str:
        """A new deal, made just now or at ``since``; the inbox tells of it."""
        self._number += 1
        at = self.chart.stage[stage]
        named = {**self.empty("deal"), **{f"field.deal.{name}": value for name, value in fields.items()}}
        moment = since or now()
        self.crm.deals[str(self._number)] = Deal(
            str(self._number),
            "Приём",
            at.pipeline_id,
            at.id,
            (contact,) if contact else (),
            OPERATOR,
            amount,
            created_at=moment,
            updated_at=moment,
            fields=named,
        )
        self.tells(str(self._number))
        return str(self._number)

    def moves(self, deal: str, stage: str, mover: str = OPERATOR) -> None:
        at = self.chart.stage[stage]
        self.crm.deals[deal] = replace(
            self.crm.deals[deal], stage=at.id, pipeline=at.pipeline_id, updated_at=now(), moved_at=now(), mover=mover
        )
        self.tells(deal)

    def sets(self, deal: str, **fields: FieldValue) -> None:
        named = {f"field.deal.{name}": value for name, value in fields.items()}
        was = self.crm.deals[deal]
        self.crm.deals[deal] = replace(was, fields={**was.fields, **named}, updated_at=now())
        self.tells(deal)

    def gets_in_touch(self, deal: str, channel: str = "call", at: datetime | None = None) -> None:
        when = at or now()
        self.tells(deal, touches=(Touch(f"{channel}:{when.isoformat()}", channel, when),))  # type: ignore[arg-type]

    def sets_patient(self, deal: str, **fields: FieldValue) -> None:
        """Somebody changes fields of the deal's patient by hand."""
        named = {f"field.contact.{name}": value for name, value in fields.items()}
        was = self.crm.contacts[self.crm.deals[deal].contact]
        self.crm.contacts[was.id] = replace(was, fields={**was.fields, **named})
        self._number += 1
        change = PatientChanged(tuple(named), f"c{was.id}:{self._number}", now())
        for each in [one.id for one in self.crm.deals.values() if was.id in one.contacts]:
            self.tells(each, changes=(change,))

    def tells(self, deal: str, **more: Any) -> int:
        """The inbox takes in a deal as it is now, and robots alone answer; how many rules fire."""
        read = self.crm.deals[deal]
        patient = self.crm.contacts.get(read.contact)
        with scope(self.id), self.database.transaction() as session:
            observed = stage_history.observe(session, self.id, read, (), chart=self.chart)
            seen = Seen(read, observed, patient, **more)
            visits.follow(session, self.id, self.chart, read, observed.transitions)
            timers.derive(session, self.clinic, read, patient.fields if patient else None, observed.entered_at)
            return firings.raise_all(session, self.id, read, tuple(answering.happenings(seen)))

    def ticks(self) -> None:
        """A minute has passed, and the worker does what is due."""
        (tick,) = (job for job in self.jobs if job.name == "robots.tick")
        tick.run()
        self.works()

    def works(self) -> None:
        """The worker does all that waits, and the echoes of it are told, until nothing moves any more."""
        for _ in range(20):
            drain(self.database, self.jobs)
            assert self.dead() == []
            if not sum(self.tells(deal) for deal in list(self.crm.deals)):
                return
        raise AssertionError("robots never come to rest")

    def dead(self) -> list[str]:
        with self.database.transaction() as session:
            return [letter.message.ru for letter in jobs.dead(session)]

    @property
    def jobs(self) -> tuple[Job, ...]:
        clinics = Clinics(self.database, lambda info, chart: self.crm)
        opened = replace_open(clinics, self)
        names = ("run", "tell", "ring", "resume", "warn", "tick", "prune")
        return tuple(Job(f"robots.{name}", job(getattr(chores, name), opened)) for name in names)

    # what is there then

    def stage(self, deal: str) -> str:
        return self.chart.stage_of_id[self.crm.deals[deal].stage].address

    def deals_at(self, stage: str) -> list[Deal]:
        return [deal for deal in self.crm.deals.values() if deal.stage == self.chart.stage[stage].id]

    def tasks(self, deal: str) -> list[Task]:
        return [task for task in self.crm.tasks.values() if task.deal == deal and not task.done]

    def titles(self, deal: str) -> list[str]:
        return [task.text.splitlines()[0] for task in self.tasks(deal)]

    def notes(self, deal: str) -> list[str]:
        return [note.text for note in self.crm.notes.values() if note.deal == deal]

    def runs(self, rule: str = "", deal: str = "") -> list[Firing]:
        with scope(self.id), self.database.transaction() as session:
            return list(firing_log.runs(session, rule=rule, deal=deal))

    def states(self, rule: str) -> list[str]:
        return [firing.state for firing in self.runs(rule)]

    def said(self, rule: str) -> str:
        return "; ".join(words.ru for firing in self.runs(rule) for words in firing.said)


def job(run: Any, clinics: Any) -> Any:
    return lambda **given: run(clinics, **given)


def replace_open(clinics: Clinics, of: PresetClinic) -> Any:
    """Clinics whose team is the one of the test."""

    class Opened:
        database = clinics.database

        def open(self, installation_id: int) -> Clinic:
            clinics.open(installation_id)  # raises what holds an account up
            return of.clinic

    return Opened()
