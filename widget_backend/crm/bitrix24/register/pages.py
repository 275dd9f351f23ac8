"""What happened since a moment, page by page: moves by the portal's own memory of them, deals by when they last changed
(bitrix24.md §3.5, §4.3).

Stage history remembers the moves inside a deal's present pipeline only: what is missing here is found among the changed deals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from widget_backend.crm.bitrix24 import words
from widget_backend.crm.bitrix24.client import Inner
from widget_backend.crm.bitrix24.register import deals, timeline
from widget_backend.crm.bitrix24.register.moments import moment, spoken
from widget_backend.crm.bitrix24.register.questions import items
from widget_backend.crm.bitrix24.register.reader import Reader
from widget_backend.crm.bitrix24.register.talks import PAGE, UNCOUNTED
from widget_backend.crm.chart import Chart
from widget_backend.crm.records import Deal, Move

Row = Mapping[str, Any]

_BY_CHANGE = {"updatedTime": "ASC", "id": "ASC"}


def moves(reader: Reader, since: datetime, deal: str = "") -> Iterator[Sequence[Move]]:
    """The oldest first; ids of the memory grow with time. ``deal``: of this one only."""
    last = ""
    while True:
        (reply,) = reader.ask([_history(since, last, deal)])
        listed = reply.listed("items")
        found = [move for row in listed if (move := timeline.move(row)) is not None]
        if found:
            yield tuple(found)
        if len(listed) < PAGE or str(listed[-1].get("ID")) == last:
            return
        last = str(listed[-1].get("ID"))


def changed(reader: Reader, chart: Chart, since: datetime) -> Iterator[Sequence[Deal]]:
    """The longest unchanged first. Hundreds may share a second: the rest of the last one and what is later are asked for
    together."""
    (reply,) = reader.ask([_changed({">=updatedTime": spoken(since)})])
    listed, more = _page(reply.listed("items"))
    seen: set[tuple[str, object]] = set()
    while fresh := [row for row in listed if (str(row["id"]), row.get("updatedTime")) not in seen]:
        seen |= {(str(row["id"]), row.get("updatedTime")) for row in fresh}
        yield tuple(deals.deal(row, chart) for row in fresh)
        at = moment(listed[-1].get("updatedTime"))
        if not more or at is None:
            return
        same = _changed({"=updatedTime": spoken(at), ">id": listed[-1]["id"]})
        rest, later = (reply.listed("items") for reply in reader.ask([same, _changed({">updatedTime": spoken(at)})]))
        listed, more = _page(rest) if len(rest) >= PAGE else _page([*rest, *later], len(later))


def _page(listed: Sequence[Row], full: int | None = None) -> tuple[Sequence[Row], bool]:
    """Rows, and whether there may be more behind them."""
    return [row for row in listed if "id" in row], (len(listed) if full is None else full) >= PAGE


def _changed(condition: Mapping[str, Any]) -> Inner:
    return items(words.DEAL, condition, _BY_CHANGE)


def _history(since: datetime, last: str, deal: str) -> Inner:
    condition = {
        ">=CREATED_TIME": spoken(since),
        **({">ID": last} if last else {}),
        **({"OWNER_ID": deal} if deal else {}),
    }
    params = {"entityTypeId": words.DEAL, "order": {"ID": "ASC"}, "filter": condition, "start": UNCOUNTED}
    return Inner("crm.stagehistory.list", params)
