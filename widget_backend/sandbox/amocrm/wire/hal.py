"""HAL answers: lists with pages and links, and the short answers of batch writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from widget_backend.sandbox.amocrm.wire.query import MOST, paging
from widget_backend.sandbox.amocrm.wire.registry import NOTHING, Answer

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.wire.registry import Call

T = TypeVar("T")


def listing(
    call: Call,
    key: str,
    rows: Sequence[T],
    model: Callable[[T], dict[str, Any]],
    *,
    total: bool = False,
    most: int = MOST,
) -> Answer:
    """A page of ``rows``, already in order; an empty page is no content. ``total`` is for dictionary-like lists."""
    asked = paging(call.query, most)
    shown = rows[asked.start : asked.start + asked.limit]
    if not shown:
        return NOTHING
    links = {"self": {"href": _page_url(call, asked.page, asked.limit)}}
    if asked.start + asked.limit < len(rows):
        links["next"] = {"href": _page_url(call, asked.page + 1, asked.limit)}
    counts = {"_total_items": len(rows), "_page": asked.page, "_page_count": -(-len(rows) // asked.limit)}
    head: dict[str, Any] = counts if total else {"_page": asked.page}
    return Answer(head | {"_links": links, "_embedded": {key: [model(row) for row in shown]}})


def whole(call: Call, key: str, models: list[dict[str, Any]], status: int = 200) -> Answer:
    """All of a small dictionary in one answer, or what a batch write of one has made."""
    body = {"_total_items": len(models), "_links": call.href(call.path), "_embedded": {key: models}}
    return Answer(body, status) if models else NOTHING


def written(call: Call, key: str, models: list[dict[str, Any]]) -> Answer:
    """The answer of a batch write of records."""
    return Answer({"_links": call.href(call.path), "_embedded": {key: models}})


def _page_url(call: Call, page: int, limit: int) -> str:
    rest = [(name, value) for name, value in call.pairs if name not in ("page", "limit")]
    return f"{call.url}{call.path}?{urlencode([('page', page), ('limit', limit), *rest], safe='[]')}"
