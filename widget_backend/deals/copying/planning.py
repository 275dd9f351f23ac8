"""What a copy will do, worked out from a fresh look at the CRM: the same for a preview and for the copy itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.asking import Deals, DealsOf, Found, Notes, Products, Tasks, Want
from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.crm.records import Deal, FieldValues, Note, Product, Task
from widget_backend.deals import deal_state
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import lineage, policy, quota
from widget_backend.deals.copying.drafts import Drafted, drafted, rules_of
from widget_backend.deals.copying.lineage import How
from widget_backend.deals.copying.lost import Lost
from widget_backend.deals.copying.policy import PARTS, Policy
from widget_backend.deals.copying.rules import Rules
from widget_backend.errors import Conflict, NotFound
from widget_backend.texts import Text

#: as many notes as the port gives
LATEST: Final = 50

NO_STAGE = Text(
    "Копировать некуда: этапа «{stage}» в CRM нет. Сделка не тронута: выберите другой этап в правиле.",
    "There is nowhere to copy to: the CRM has no stage “{stage}”. The deal was not touched: choose another stage in the rule.",
)
NO_DEAL = Text(
    "Сделки №{deal} в CRM нет. Ничего не сделано: её удалили или объединили с другой.",
    "There is no deal {deal} in the CRM. Nothing was done: it was deleted or merged into another one.",
)
COPIED = Text(
    "Сделка скопирована на этап «{stage}» воронки «{pipeline}».",
    "The deal was copied to the stage “{stage}” of “{pipeline}”.",
)
FOUND = Text(
    "У пациента уже есть открытая сделка №{deal} в воронке «{pipeline}»: вторая не нужна.",
    "The patient already has an open deal, {deal}, in “{pipeline}”: no second one is needed.",
)
MOVED = Text(
    "Сделка переведена на этап «{stage}» воронки «{pipeline}» без копии: так задано в настройках.",
    "The deal was moved to the stage “{stage}” of “{pipeline}” without a copy, as the settings say.",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be copied where, and how."""

    source: str
    to: str
    once_per_patient: bool
    filled: FieldValues
    mapping: Rules | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be done. ``deal``: the one that is found or moved; ``made``: the new one, where there will be one."""

    how: How
    source: Deal
    stage: ChartStage
    deal: str
    made: Drafted | None
    lost: tuple[Lost, ...]
    reason: Text
    tasks: tuple[Task, ...] = ()
    notes: tuple[Note, ...] = ()
    warning: Text | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What the CRM holds now. ``siblings``: the open deals of the same patient, in all pipelines."""

    deal: Deal
    products: tuple[Product, ...]
    tasks: tuple[Task, ...]
    notes: tuple[Note, ...]
    siblings: tuple[Deal, ...]


def stage_of(chart: Chart, address: str) -> ChartStage:
    """Raises :class:`Conflict` where the stage is gone."""
    if address not in chart.stage:
        raise Conflict(NO_STAGE.format(stage=address))
    return chart.stage[address]


def pipeline_name(chart: Chart, stage: ChartStage) -> str:
    """How the account calls the pipeline of a stage."""
    return next((one.name for one in chart.pipelines if one.id == stage.pipeline_id), stage.pipeline)


def plan(clinic: Clinic, wish: Wish, known: Deal | None = None, marker: str = "", *, always: bool = False) -> Plan:
    """Look and decide. ``known``: the source as it was read just now; ``always``: to a new deal.

    Raises :class:`VendorError`, :class:`Conflict` where the stage is gone, :class:`NotFound` where the deal is,
    :class:`InvalidInput` where the clinic's rules cannot be read.
    """
    stage, rules = stage_of(clinic.chart, wish.to), policy.read(clinic.settings)
    near = _near_quota(clinic)
    sparing = not always and (rules.link == "always" or (rules.link == "near_quota" and near is not None))
    seen = _look(clinic, wish, rules, known, siblings=sparing or (wish.once_per_patient and not always))
    words = {"stage": stage.name, "pipeline": pipeline_name(clinic.chart, stage)}
    for other in seen.siblings:
        if other.pipeline == stage.pipeline_id and other.id != seen.deal.id and other.contact == seen.deal.contact:
            found = FOUND.format(deal=other.id, **words)
            return Plan("found", seen.deal, stage, other.id, None, (), found, warning=near)
    if sparing:
        return Plan("moved", seen.deal, stage, seen.deal.id, None, (), MOVED.format(**words), warning=near)
    by_field = rules_of(rules, clinic.chart, seen.deal, stage, wish.mapping)
    made = drafted(seen.deal, stage, clinic.chart, rules.parts, by_field, wish.filled, seen.products, marker)
    older = (Lost("notes", "older", PARTS["notes"]),) if len(seen.notes) == LATEST else ()
    lost = (*made.lost, *older)
    return Plan("copied", seen.deal, stage, "", made, lost, COPIED.format(**words), seen.tasks, seen.notes, near)


def _look(clinic: Clinic, wish: Wish, rules: Policy, known: Deal | None, *, siblings: bool) -> Seen:
    """In one read, where it is known whose deal it is; else in two."""
    deals, goods = Deals((wish.source,)), Products(wish.source)
    tasks, notes = Tasks(wish.source), Notes(wish.source)
    of_patient = DealsOf(patient_of(clinic, wish.source, known) if siblings else "")
    wants: list[Want[Any]] = [] if known else [deals]
    wants += [goods] if "products" in rules.parts else []
    wants += [tasks] if "tasks" in rules.parts else []
    wants += [notes] if "notes" in rules.parts else []
    found = _read(clinic, [*wants, of_patient] if of_patient.contact else wants)
    deal = known or _first(wish, found[deals])
    others = found[of_patient] if of_patient.contact else ()
    if siblings and deal.contact != of_patient.contact:
        of_patient = DealsOf(deal.contact)
        others = _read(clinic, [of_patient])[of_patient] if deal.contact else ()
    return Seen(
        deal,
        found[goods] if goods in wants else (),
        found[tasks] if tasks in wants else (),
        found[notes] if notes in wants else (),
        others,
    )


def patient_of(clinic: Clinic, deal: str, known: Deal | None = None) -> str:
    """Whose deal it is, as far as that is known without asking the CRM."""
    if known is not None:
        return known.contact
    with clinic.database.transaction() as session:
        state = deal_state.load(session, deal)
    return state.contact if state else ""


def _first(wish: Wish, deals: tuple[Deal, ...]) -> Deal:
    if not deals:
        raise NotFound(NO_DEAL.format(deal=wish.source))
    return deals[0]


def _read(clinic: Clinic, wants: list[Want[Any]]) -> Found:
    return clinic.records.read(*wants) if wants else Found({})


def _near_quota(clinic: Clinic) -> Text | None:
    known = quota.read(clinic.settings)
    if known is None:
        return None
    with clinic.database.transaction() as session:
        added = lineage.count_since(session, known.at)
    return quota.warning(known, added)
