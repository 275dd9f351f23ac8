"""Offers: what can be done with a deal from its panel now, and which of it first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.deals.copying.lineage import Copy
from widget_backend.deals.copying.undoing import TIME
from widget_backend.deals.routing.layouts import LAYOUTS, layout_of
from widget_backend.panel import words
from widget_backend.panel.known import Known
from widget_backend.robots import naming
from widget_backend.texts import Text

Action = Literal["copy", "route", "wake", "undo"]

#: where a parked deal is worked on again (S0-63, S0-67, S1-29, S1-48)
WAKES: Final[Mapping[str, str]] = {
    **{stage: to for layout in LAYOUTS for stage, to in layout.hosts.items() if to},
    "stage.comeback.later": "stage.comeback.taken",
    "stage.checkup.later": "stage.checkup.taken",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """One button. ``deal``: whose copy it undoes; ``primary``: the one to press first."""

    action: Action
    label: Text
    hint: Text | None = None
    primary: bool = False
    deal: str = ""


def offers(known: Known) -> tuple[Offer, ...]:
    """The buttons of a deal, the first one first; none for a deal that is gone, or before the set-up."""
    if known.chart is None or (known.state and known.state.gone):
        return ()
    waking, routing = list(_wake(known)), list(_route(known))
    first: Action = "wake" if waking else "route" if routing and not known.decisions else "copy"
    copying = Offer("copy", words.COPY)
    main = [
        Offer(one.action, one.label, one.hint, one.action == first, one.deal) for one in (*waking, *routing, copying)
    ]
    return (*sorted(main, key=lambda one: not one.primary), *_undo(known))


def woken(chart: Chart, stage: ChartStage | None) -> ChartStage | None:
    """Where a deal that is parked at this stage is worked on; ``None`` where it is not parked."""
    return chart.stage.get(WAKES.get(stage.address, "")) if stage else None


def _wake(known: Known) -> Iterator[Offer]:
    to = woken(known.chart or Chart(), known.stage)
    if to is not None:
        stage = naming.stage(known.chart or Chart(), to.id)
        yield Offer("wake", words.WAKE, words.WAKE_HINT.format(stage=stage))


def _route(known: Known) -> Iterator[Offer]:
    """Where enquiries arrive; a deal nobody has read yet may be one."""
    stage = known.stage
    is_open = known.state is None or known.state.kind == "open"
    if is_open and (stage is None or (stage.address and layout_of(known.chart or Chart(), stage.address))):
        yield Offer("route", words.ROUTE_IT, words.ROUTE_HINT)


def _undo(known: Known) -> Iterator[Offer]:
    for tie in known.family.ties:
        left = minutes_left(tie, known.at)
        if left and known.deal in (tie.source, tie.deal):
            label = words.UNDO_MOVE if tie.how == "moved" else words.UNDO.format(deal=tie.deal)
            yield Offer("undo", label, words.UNDO_LEFT.format(minutes=left), deal=tie.deal)


def minutes_left(tie: Copy, at: datetime) -> int:
    """How long a copy can still be undone, in minutes begun; 0 where it cannot."""
    if tie.state != "done" or tie.how not in ("copied", "moved") or tie.made_at is None:
        return 0
    left = (tie.made_at + TIME - at).total_seconds()
    return max(0, -int(-left // 60))
