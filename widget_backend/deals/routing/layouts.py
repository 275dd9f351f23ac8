"""Layouts: how a preset's pipelines share enquiries: where they arrive, where each kind is worked, what takes a second one.

Addresses only; a preset without these pipelines has no layout, and its deals stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from widget_backend.crm.chart import Chart

#: stages of «Первичные» and «Повторные», which are the same (S0-46), while the visit is still ahead
TWINS: Final = ("new", "taken", "booked")


@dataclass(frozen=True, slots=True)
class Layout:
    """``intake``: where an enquiry without a deal starts. ``arrivals``: nobody has taken the deal there yet, so it may join
    another. ``moves``: kind -> stage -> where a deal of that kind goes. ``hosts``: stages whose open deal takes a second
    enquiry, the best first -> where that deal goes then, empty to stay. ``closed``: arrival -> where a joined deal is closed.
    ``own``: pipelines whose deals take a second enquiry whatever the clinic has chosen (Q-16)."""

    intake: str
    arrivals: tuple[str, ...]
    hosts: Mapping[str, str]
    closed: Mapping[str, str]
    own: tuple[str, ...]
    moves: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    role: str = "administrator"


#: seed 001: one pipeline of visits, parked patients beside it (Q-16, S1-29, S1-48)
DENTAL: Final = Layout(
    intake="stage.visits.new",
    arrivals=("stage.visits.new",),
    hosts={
        "stage.visits.confirmed": "",
        "stage.visits.booked": "",
        "stage.visits.picking": "",
        "stage.visits.taken": "",
        "stage.base.taken": "",
        "stage.base.attention": "",
        "stage.base.treatment": "stage.base.attention",
        "stage.base.base": "stage.base.attention",
        "stage.revival.taken": "",
        "stage.revival.active": "",
        "stage.revival.returned": "stage.revival.active",
        "stage.revival.never": "stage.revival.active",
        "stage.warmup.taken": "",
        "stage.warmup.active": "",
        "stage.warmup.new": "stage.warmup.active",
        "stage.visits.new": "",
    },
    closed={"stage.visits.new": "stage.visits.missed"},
    own=("pipeline.visits",),
)
#: seed 000: all arrive in the technical pipeline, and go to one of two (S0-34…S0-37, S0-48, S0-49)
IDENT: Final = Layout(
    intake="stage.tech.new",
    arrivals=("stage.tech.new", "stage.primary.new", "stage.repeat.new"),
    hosts=dict.fromkeys(
        (
            *("stage.repeat.booked", "stage.primary.booked", "stage.repeat.taken", "stage.primary.taken"),
            *("stage.repeat.new", "stage.primary.new", "stage.tech.new"),
        ),
        "",
    ),
    closed={
        "stage.tech.new": "stage.tech.sorted",
        "stage.primary.new": "stage.primary.lost",
        "stage.repeat.new": "stage.repeat.lost",
    },
    own=("pipeline.tech", "pipeline.primary", "pipeline.repeat"),
    moves={
        "primary": {"stage.tech.new": "stage.primary.new"}
        | {f"stage.repeat.{stage}": f"stage.primary.{stage}" for stage in TWINS},
        "repeat": {"stage.tech.new": "stage.repeat.new"}
        | {f"stage.primary.{stage}": f"stage.repeat.{stage}" for stage in TWINS},
    },
)
LAYOUTS: Final = (IDENT, DENTAL)


def layout_of(chart: Chart, stage: str = "") -> Layout | None:
    """The layout a deal at this stage (address) belongs to; for an enquiry without a deal the clinic's."""
    if stage:
        pipeline = pipeline_of(stage)
        return next((one for one in LAYOUTS if pipeline in one.own), None)
    return next((one for one in LAYOUTS if one.intake in chart.stage), None)


def pipeline_of(stage: str) -> str:
    """The address of a stage's pipeline."""
    return f"pipeline.{stage.split('.')[1]}" if stage else ""
