"""Names of stages, pipelines and fields as the account has them, for what people read."""

from __future__ import annotations

from widget_backend.crm.chart import Chart
from widget_backend.texts import Text


def stage(chart: Chart, remote_id: str) -> str:
    """«Приемы / Новая заявка»."""
    found = chart.stage_of_id.get(remote_id)
    if found is None:
        return f"№ {remote_id}"
    home = next((one.name for one in chart.pipelines if one.id == found.pipeline_id), "")
    return f"{home} / {found.name}" if home else found.name


def place(chart: Chart, address: str) -> str:
    """The same, of a stage of ours."""
    return stage(chart, chart.stage[address].id) if address in chart.stage else address


def field(chart: Chart, address: str) -> str:
    """A field's name."""
    return chart.field[address].name if address in chart.field else address


def option(chart: Chart, address: str, key: str) -> str:
    """The label of an option of a list."""
    options = chart.field[address].options if address in chart.field else ()
    return next((one.label for one in options if one.key == key), key)


def quoted(words: str) -> Text:
    """The same in both languages: the account's own name."""
    return Text(f"«{words}»", f"“{words}”")
