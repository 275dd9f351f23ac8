"""How many deals stand in a stage, how many records hold a value: pages of deals and contacts (amocrm.md §2.5, §4.1).

Filters act only in some accounts and are ignored in others (§2.5), so each row is looked at; a page more or less is the
only difference.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence

from widget_backend.crm.amocrm.client import PAGES, Client, Row
from widget_backend.crm.amocrm.reading import stage_id
from widget_backend.crm.model import Kind, Remote

#: stages named in one request: the address of a hundred would be too long
STAGES = 40


class Counter:
    """Counts by reading; at most ``PAGES`` pages of a list."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def deals(self, stages: Sequence[Remote]) -> Mapping[str, int]:
        """Stage id -> number of deals. Where there are too many to read, 1 stands for a stage none was seen in."""
        counted: dict[str, int] = {}
        for start in range(0, len(stages), STAGES):
            counted |= self._deals_of(stages[start : start + STAGES])
        return counted

    def values(self, holders: Sequence[Remote]) -> Mapping[str, int]:
        """Field, loss reason or source id -> number of records that hold it; 1 where not all could be read."""
        of_contacts = [remote for remote in holders if remote.entity == "contact"]
        of_deals = [remote for remote in holders if remote.entity != "contact"]
        return {
            **self._values_in("leads", of_deals, {"with": "source_id,loss_reason"}),
            **self._values_in("contacts", of_contacts, {}),
        }

    def _deals_of(self, stages: Sequence[Remote]) -> dict[str, int]:
        wanted = {stage.id for stage in stages}
        found: Tally[str] = Tally()
        pages = 0
        for rows in self._client.pages("leads", "leads", _filter(stages)):
            pages += 1
            standing = (stage_id(str(row.get("pipeline_id")), row.get("status_id")) for row in rows)
            found.update(at for at in standing if at in wanted)
        least = int(pages >= PAGES)
        return {stage.id: max(found[stage.id], least) for stage in stages}

    def _values_in(self, path: str, holders: Sequence[Remote], params: Mapping[str, str]) -> dict[str, int]:
        if not holders:
            return {}
        found: Tally[tuple[Kind, str]] = Tally()
        pages = 0
        for rows in self._client.pages(path, path, params):
            pages += 1
            found.update(held for row in rows for held in _held(row))
        least = int(pages >= PAGES)
        return {remote.id: max(found[remote.kind, remote.id], least) for remote in holders}


def _filter(stages: Sequence[Remote]) -> dict[str, str]:
    return {
        f"filter[statuses][{number}][{name}]": value
        for number, stage in enumerate(stages)
        for name, value in (("pipeline_id", stage.parent), ("status_id", stage.native))
    }


def _held(row: Row) -> Iterator[tuple[Kind, str]]:
    for value in row.get("custom_fields_values") or ():
        if value.get("values"):
            yield Kind.FIELD, str(value["field_id"])
    if row.get("loss_reason_id"):
        yield Kind.LOSS_REASON, str(row["loss_reason_id"])
    if row.get("source_id"):
        yield Kind.SOURCE, str(row["source_id"])
