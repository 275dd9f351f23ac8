"""What the account has, as rows of JSON, to our remotes (amocrm.md §2.6, §3, §4.10, §5.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from widget_backend.crm.amocrm import words
from widget_backend.crm.amocrm.client import Row, embedded
from widget_backend.crm.model import Account, Attributes, Kind, Option, Remote, Section, Value

_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def account(row: Row, url: str) -> Account:
    """Whose account it is; the language is told by its country, else by the names of its task types."""
    names = " ".join(str(kind.get("name", "")) for kind in embedded(row, "task_types"))
    russian = row.get("country") in words.RUSSIAN_COUNTRIES or bool(_CYRILLIC.search(names))
    language = "ru" if russian else "en"
    return Account(str(row["id"]), str(row.get("name") or ""), language, url, str(row.get("currency") or ""))


def task_types(row: Row) -> Iterator[Remote]:
    """Task types out of the account's answer."""
    for kind in embedded(row, "task_types"):
        yield _named(Kind.TASK_TYPE, kind, fixed=True)


def pipelines(rows: Iterable[Row]) -> Iterator[Remote]:
    """Pipelines with their stages; archived ones are out of use and left out."""
    for row in rows:
        if not row.get("is_archive"):
            yield pipeline(row)
            yield from (stage(status, str(row["id"])) for status in statuses(row))


def pipeline(row: Row) -> Remote:
    """One pipeline."""
    return _named(Kind.PIPELINE, row, position=_number(row.get("sort")))


def statuses(row: Row) -> list[Row]:
    """The stages of a pipeline that deals of ours may stand in, in order: without «Неразобранное»."""
    usable = [status for status in embedded(row, "statuses") if status.get("type") != words.UNSORTED_TYPE]
    return sorted(usable, key=lambda status: _number(status.get("sort")))


def standing(row: Row) -> dict[str, int]:
    """Numbers of all stages of a pipeline but won and lost, «Неразобранное» among them: what a place is told by."""
    usual = [status for status in embedded(row, "statuses") if status.get("id") not in words.FINAL]
    return {stage_id(str(row["id"]), status["id"]): _number(status.get("sort")) for status in usual}


def stage(row: Row, pipeline_id: str) -> Remote:
    """One stage. The vendor sets colour and place of 142 and 143, so these are not told."""
    native = int(row["id"])
    name = str(row.get("name") or "")
    kind = words.FINAL.get(native, "open")
    attributes: dict[str, Value] = {"name": name, "kind": kind}
    if kind == "open":
        attributes |= {"position": _number(row.get("sort")), "colour": colour(row.get("color"))}
    return Remote(
        Kind.STAGE,
        stage_id(pipeline_id, native),
        attributes,
        parent=pipeline_id,
        native=str(native),
        fixed=kind != "open",
        stock=kind != "open" and name.strip().casefold() in words.STOCK_NAMES,
    )


def stage_id(pipeline_id: str, status_id: object) -> str:
    """142 and 143 are in every pipeline, so a stage is told by both (§11, 10)."""
    return f"{pipeline_id}:{status_id}"


def colour(code: object) -> str:
    """Our name of a colour, or its code where it is none of ours."""
    low = str(code or "").lower()
    return words.COLOUR_NAMES.get(low, low)


def loss_reason(row: Row) -> Remote:
    """One reason of loss; they are common to all pipelines."""
    return _named(Kind.LOSS_REASON, row)


def tag(row: Row, entity: str) -> Remote:
    """One tag; each entity has its own."""
    return _named(Kind.TAG, row, entity)


def groups(rows: Iterable[Row], entity: str) -> Iterator[Remote]:
    """Tabs of fields somebody made; those of the vendor (main, statistics, goods) take no part."""
    for row in rows:
        if not row.get("is_predefined") and row.get("id") not in words.STOCK_GROUPS:
            yield group(row, entity)


def group(row: Row, entity: str) -> Remote:
    """One tab of fields."""
    return _named(Kind.GROUP, row, entity, position=_number(row.get("sort")))


def field(row: Row, entity: str) -> Remote:
    """One field. A type we have no word for keeps the vendor's."""
    native = str(row.get("type") or "")
    kind = words.FIELD_TYPE_NAMES.get(native, native)
    attributes: dict[str, Value] = {
        "type": kind,
        "group": None if row.get("group_id") in words.MAIN_GROUPS else str(row["group_id"]),
        "required_at": tuple(
            stage_id(str(at["pipeline_id"]), at["status_id"]) for at in row.get("required_statuses") or ()
        ),
    }
    if kind == "list":
        attributes |= {"multiple": native == words.MULTIPLE_LIST, "options": options(row)}
    code = str(row.get("code") or "")
    ours = code.upper().startswith(words.CODE_PREFIX)
    return _named(
        Kind.FIELD,
        row,
        entity,
        marker=code[len(words.CODE_PREFIX) :].lower() if ours else "",
        fixed=native == words.TRACKING or bool(row.get("is_predefined")) or row.get("is_deletable") is False,
        **attributes,
    )


def options(row: Row) -> tuple[Option, ...]:
    """The choices of a list, in the order they are shown."""
    enums = sorted(row.get("enums") or (), key=lambda enum: _number(enum.get("sort")))
    return tuple(Option(str(e.get("code") or ""), str(e.get("value") or ""), str(e["id"])) for e in enums)


def card(entity: str, fields: Sequence[Row], tabs: Sequence[Row]) -> Remote:
    """The card as its tabs tell it: the main one has no title, an unread one has its id for a title."""
    titles = {str(tab["id"]): str(tab.get("name") or "") for tab in tabs}
    order = ["", *(str(tab["id"]) for tab in sorted(tabs, key=lambda tab: _number(tab.get("sort"))))]
    placed: dict[str, list[str]] = {key: [] for key in order if key not in words.MAIN_GROUPS or key == ""}
    for row in sorted(fields, key=lambda row: _number(row.get("sort"))):
        key = "" if row.get("group_id") in words.MAIN_GROUPS else str(row["group_id"])
        placed.setdefault(key, []).append(str(row["id"]))
    sections = tuple(Section(titles.get(key, key), tuple(ids)) for key, ids in placed.items())
    return Remote(Kind.CARD, entity, {"sections": sections}, entity=entity, fixed=True)


def subscription(row: Row) -> Remote:
    """One webhook of ours, known by the end of its address. ``settings`` is a list, or a map in some answers (§5.1)."""
    said = row.get("settings") or ()
    settings = {code for code, on in said.items() if on} if isinstance(said, dict) else set(said)
    events = tuple(event for event, codes in words.EVENTS.items() if settings.issuperset(codes))
    address = str(row.get("destination") or "")
    marker = address.rpartition("/")[2]
    return Remote(Kind.SUBSCRIPTION, str(row["id"]), {"events": events}, marker=marker, native=address)


def source(row: Row) -> Remote:
    """One source of our integration; others are not shown to us (§4.10)."""
    return _named(Kind.SOURCE, row, marker=str(row.get("external_id") or ""))


def _named(
    kind: Kind, row: Row, entity: str = "", *, marker: str = "", fixed: bool = False, **attributes: Value
) -> Remote:
    said: Attributes = {"name": str(row.get("name") or ""), **attributes}
    return Remote(kind, str(row["id"]), said, entity=entity, marker=marker, fixed=fixed)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
