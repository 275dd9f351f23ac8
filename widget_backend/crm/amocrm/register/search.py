"""Deals found again by the marker they were created with (amocrm.md §2.5, §8: amoCRM has no keys against doubles).

The marker is the value of a text field of the preset (``fields.MARKER``). In an account without that field a deal of ours is
told by who made it (the robot), when, and what the draft was called. And what people are searched by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from widget_backend.crm.amocrm.client import Client, Row
from widget_backend.crm.amocrm.register.deals import ROBOT, WITH
from widget_backend.crm.amocrm.register.fields import MARKER, marker_of
from widget_backend.crm.amocrm.register.shelf import Shelf
from widget_backend.crm.amocrm.register.values import moment
from widget_backend.crm.asking import Marked
from widget_backend.crm.chart import Chart
from widget_backend.phones import NATIONAL, digits

#: pages of the newest deals that are looked through for one without a patient
PAGES: Final = 8


def searched(phone: str) -> tuple[str, ...]:
    """What to search a phone by, one after the other: whether the vendor looks for parts of a number or for whole ones is
    not said (amocrm.md §2.5). The part comes first, as it is in every spelling."""
    found = digits(phone)
    return (found[-NATIONAL:], found) if phone.startswith("+7") else (found,)


class Search:
    """Looks for marked deals in one account."""

    def __init__(self, client: Client, shelf: Shelf, chart: Chart) -> None:
        self._client, self._shelf, self._chart = client, shelf, chart

    def marked(self, want: Marked, of_patients: list[Row]) -> list[Row]:
        """The deals of this marker: among those of the draft's patients where it has any, else in the whole account."""
        rows = of_patients if want.near else self._anywhere(want)
        return [row for row in rows if self._fits(row, want)]

    def _anywhere(self, want: Marked) -> Iterable[Row]:
        field = self._chart.field.get(MARKER)
        if field is not None:
            params = {f"filter[custom_fields_values][{field.id}][0]": want.marker, "with": WITH}
            rows = self._shelf.filtered("leads", "leads", params)
            # a filter that is off is ignored: others come back, and ours may stand on another page
            if all(marker_of(row, self._chart) == want.marker for row in rows):
                return rows
        return self._newest(want.since) if want.since else ()

    def _newest(self, since: datetime) -> Iterator[Row]:
        order = {"order[created_at]": "desc", "with": WITH}
        for page in self._client.pages("leads", "leads", order, most=PAGES):
            for row in page:
                if (moment(row.get("created_at")) or since) < since:
                    return
                yield row

    def _fits(self, row: Row, want: Marked) -> bool:
        if MARKER in self._chart.field:
            return marker_of(row, self._chart) == want.marker
        made = moment(row.get("created_at"))
        ours = row.get("created_by") == ROBOT and bool(made and want.since and made >= want.since)
        pipeline = want.stage.partition(":")[0]
        return ours and want.title in ("", row.get("name")) and pipeline in ("", str(row.get("pipeline_id")))
