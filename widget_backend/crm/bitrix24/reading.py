"""What the portal has, as rows of JSON, to our remotes (bitrix24.md §4.1, §4.2, §4.5, §10). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from widget_backend.crm.bitrix24 import naming, words
from widget_backend.crm.bitrix24.client import as_map, number, rows
from widget_backend.crm.model import Attributes, Kind, Option, Remote, Value

Row = Mapping[str, Any]

_STAGE_DIRECTORY = re.compile(rf"{words.STAGES}(?:_(\d+))?")
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)


def language(about: Row, statuses: Iterable[Row]) -> str:
    """The portal's language: as it says, else by its region, else by the names it gave to its own directories."""
    said = str(about.get("LANGUAGE_ID") or "") or str(about.get("LICENSE") or "").partition("_")[0]
    if said:
        return "ru" if said.lower() in words.RUSSIAN else "en"
    own = " ".join(str(row.get("NAME_INIT") or row.get("NAME")) for row in statuses if row.get("SYSTEM") == "Y")
    return "ru" if _CYRILLIC.search(own) else "en"


def pipeline(row: Row) -> Remote:
    """One pipeline; 0 is the id of the default one (§10, 13)."""
    attributes: Attributes = {"name": str(row.get("name") or ""), "position": number(row.get("sort"))}
    return Remote(Kind.PIPELINE, str(row["id"]), attributes, fixed=row.get("isDefault") == "Y")


def stages(statuses: Iterable[Row], pipelines: Iterable[str]) -> Iterator[Remote]:
    """The stages of these pipelines, in order, out of all directories."""
    wanted = set(pipelines)
    found = [(match.group(1) or words.DEFAULT_PIPELINE, row) for row in statuses if (match := _directory(row))]
    for pipeline_id, row in sorted(found, key=lambda pair: (pair[0], number(pair[1].get("SORT")))):
        if pipeline_id in wanted:
            yield stage(row, pipeline_id)


def stage(row: Row, pipeline_id: str) -> Remote:
    """One stage. Deals speak of its code, writes of its number."""
    code, name = str(row["STATUS_ID"]), str(row.get("NAME") or "")
    attributes: Attributes = {
        "name": name,
        "position": number(row.get("SORT")),
        "colour": colour(row.get("COLOR") or as_map(row.get("EXTRA")).get("COLOR")),
        "kind": words.STAGE_KINDS.get(str(row.get("SEMANTICS") or ""), "open"),
    }
    return Remote(
        Kind.STAGE,
        code,
        attributes,
        parent=pipeline_id,
        native=str(row["ID"]),
        fixed=row.get("SYSTEM") == "Y",
        stock=is_stock(code, name),
    )


def is_stock(code: str, name: str) -> bool:
    """Whether a stage bears the code and still the name that come with a new pipeline, in Russian or English.

    In another language it counts as somebody's own: a leftover of an interrupted run then stays, which harms nobody.
    """
    plain = " ".join(name.split()).casefold().replace("ё", "е")
    return plain in words.STOCK_NAMES.get(code.rpartition(":")[2], ())


def colour(code: object) -> str:
    """Our name of a colour, or its code where it is none of ours."""
    said = str(code or "")
    return words.COLOUR_NAMES.get(said.lower(), said)


def sources(statuses: Iterable[Row]) -> Iterator[Remote]:
    """The directory of sources."""
    for row in statuses:
        if row.get("ENTITY_ID") == words.SOURCES:
            code = str(row["STATUS_ID"])
            yield Remote(
                Kind.SOURCE,
                code,
                {"name": str(row.get("NAME") or "")},
                marker=naming.source_key(code),
                native=str(row["ID"]),
                fixed=row.get("SYSTEM") == "Y",
            )


def fields(lists: Mapping[str, Iterable[Row]], entity: str, spoken: str) -> Iterator[Remote]:
    """User fields out of their lists by language: each list brings the labels of one (§14)."""
    labels: dict[str, dict[str, str]] = {}
    found: dict[str, Row] = {}
    for lang, listed in lists.items():
        for row in listed:
            found.setdefault(str(row["FIELD_NAME"]), row)
            labels.setdefault(str(row["FIELD_NAME"]), {})[lang] = label(row, lang)
    order = dict.fromkeys((spoken, *words.LANGUAGES))
    for name, row in found.items():
        yield field(row, entity, next((said for lang in order if (said := labels[name].get(lang, ""))), name))


def field(row: Row, entity: str, name: str) -> Remote:
    """One user field; deals and cards speak of its name, writes of its number."""
    code, native = str(row["FIELD_NAME"]), str(row.get("USER_TYPE_ID") or "")
    kind = words.FIELD_TYPE_NAMES.get(native, native)
    if native == "string" and number(as_map(row.get("SETTINGS")).get("ROWS")) > 1:
        kind = "long_text"
    attributes: dict[str, Value] = {
        "name": name,
        "type": kind,
        "multiple": row.get("MULTIPLE") == "Y",
    }
    if native not in words.WITHOUT_FILTER_FLAG:
        attributes["filterable"] = str(row.get("SHOW_FILTER") or "N") != "N"
    if kind == "list":
        attributes["options"] = options(row.get("LIST"))
    mark = naming.field_key(entity, code, str(row.get("XML_ID") or ""))
    return Remote(Kind.FIELD, code, attributes, entity=entity, marker=mark, native=str(row["ID"]))


def label(row: Row, lang: str) -> str:
    """What people call the field; a map of languages in some answers."""
    for name in ("EDIT_FORM_LABEL", "LIST_COLUMN_LABEL", "LIST_FILTER_LABEL"):
        said = row.get(name)
        if isinstance(said, dict):
            said = said.get(lang)
        if said:
            return str(said)
    return ""


def options(listed: object) -> tuple[Option, ...]:
    """The choices of a list, in the order they are shown."""
    ordered = sorted(rows(listed), key=lambda row: number(row.get("SORT")))
    return tuple(Option(str(r.get("XML_ID") or ""), str(r.get("VALUE") or ""), str(r["ID"])) for r in ordered)


def _directory(row: Row) -> re.Match[str] | None:
    return _STAGE_DIRECTORY.fullmatch(str(row.get("ENTITY_ID") or ""))
