"""Places: the stages of an account by pipeline, as lists to choose from. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from widget_backend.crm.chart import Chart

#: (pipeline's name, ((address, name), …))
Groups: TypeAlias = tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def places(chart: Chart) -> Groups:
    """Stages that rules can name."""
    return tuple(_groups(chart))


def _groups(chart: Chart) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for pipeline in sorted(chart.pipelines, key=lambda one: one.position):
        inside = [stage for stage in chart.stages if stage.pipeline_id == pipeline.id and stage.address]
        if inside:
            ordered = sorted(inside, key=lambda stage: stage.position)
            yield pipeline.name, tuple((stage.address, stage.name) for stage in ordered)
