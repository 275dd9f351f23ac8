"""The copy dialog: where a deal can go, what a copy would be, and whether there is one already."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from widget_backend.crm.chart import Chart, ChartPipeline
from widget_backend.deals import copying, deal_state
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.copying import Preview, lineage
from widget_backend.panel import telling, words
from widget_backend.panel.known import Known
from widget_backend.robots import naming
from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Places:
    """Pipelines of ours with their open stages: (pipeline's name, ((address, name), …)). ``chosen``: what is offered first."""

    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    chosen: str


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a copy would be. ``existing``: open deals of the patient in that pipeline; ``moves``: name and value of what goes
    along; ``stays``: what does not."""

    how: str
    reason: Text
    moves: tuple[tuple[Text, Text], ...]
    stays: tuple[Text, ...]
    links: tuple[Text, ...]
    existing: tuple[str, ...]
    warning: Text | None
    title: str = ""


def places(known: Known, wanted: str = "") -> Places:
    """Where the deal can be copied: another pipeline before its own. Pure."""
    chart = known.chart or Chart()
    here = known.stage.pipeline_id if known.stage else ""
    ordered = sorted(chart.pipelines, key=lambda one: (one.id == here, one.position))
    groups = tuple((one.name, stages) for one in ordered if one.address and (stages := _stages(chart, one)))
    all_of = [address for _, stages in groups for address, _ in stages]
    return Places(groups, wanted if wanted in all_of else next(iter(all_of), ""))


def _stages(chart: Chart, pipeline: ChartPipeline) -> tuple[tuple[str, str], ...]:
    inside = [s for s in chart.stages if s.pipeline_id == pipeline.id and s.kind == "open" and s.address]
    return tuple((stage.address, stage.name) for stage in sorted(inside, key=lambda stage: stage.position))


def prospect(clinic: Clinic, deal: str, to: str) -> Prospect:
    """Look at the deal in the CRM. Raises as :func:`copying.preview` does."""
    seen = copying.preview(clinic, deal, to)
    with clinic.database.transaction() as session:
        found = existing(session, clinic, deal, to, next(iter(seen.draft.contacts), "") if seen.draft else "")
    links = tuple(_links(seen)) if seen.draft else ()
    moves, title = tuple(_moves(seen, clinic.chart, clinic.zone)), seen.draft.title if seen.draft else ""
    return Prospect(seen.how, seen.reason, moves, seen.lost, links, found, seen.warning, title)


def existing(session: Any, clinic: Clinic, deal: str, to: str, contact: str) -> tuple[str, ...]:
    """Open deals of the patient there, as far as is known here; copies that nobody has told us of yet among them."""
    target = clinic.chart.stage[to].pipeline_id
    there = [one for one in deal_state.open_deals_of(session, contact) if one.contact == contact] if contact else []
    found = [one.deal for one in there if one.pipeline == target and one.deal != deal]
    made = [tie for tie in lineage.tree(session, deal).ties if tie.source == deal and tie.state == "done"]
    copies = [tie.deal for tie in made if tie.how == "copied" and _is_in(clinic.chart, tie.target, target)]
    read = deal_state.load_all(session, copies)
    return tuple(dict.fromkeys([*found, *(copy for copy in copies if copy not in read)]))


def _is_in(chart: Chart, stage: str, pipeline: str) -> bool:
    return stage in chart.stage and chart.stage[stage].pipeline_id == pipeline


def _moves(seen: Preview, chart: Chart, zone: ZoneInfo) -> Iterator[tuple[Text, Text]]:
    draft = seen.draft
    if draft is None:
        return
    yield words.NAME, telling.plain(draft.title)
    if draft.amount:
        yield words.AMOUNT, telling.plain(telling.amount(draft.amount, draft.currency))
    for address, value in draft.fields.items():
        if value not in (None, "", ()):
            yield telling.plain(naming.field(chart, address)), telling.value(value, address, chart, zone)
    if draft.tags:
        yield words.TAGS, telling.plain(", ".join(draft.tags))
    for name, count in ((words.PRODUCTS, seen.products), (words.TASKS, seen.tasks), (words.NOTES, seen.notes)):
        if count:
            yield name, telling.plain(str(count))


def _links(seen: Preview) -> Iterator[Text]:
    contacts = seen.draft.contacts if seen.draft else ()
    yield from (words.PATIENT_LINK.format(contact=contact) for contact in contacts)
    if not contacts:
        yield words.NO_PATIENT
    yield words.BOTH_LINK
