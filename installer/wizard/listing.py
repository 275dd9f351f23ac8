"""A plan as the wizard keeps it: rows in both languages, counts, guards and checks as JSON. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from installer.plan import Plan
from installer.preflight import Check
from installer.rendering import Row, as_json, built_in_names, names_of, rows
from installer.workplace import Survey
from widget_backend.crm.model import Access, Action, Capabilities, Change, Kind
from widget_backend.texts import Language, Text

LANGUAGES: tuple[Language, ...] = ("ru", "en")


def content(seen: Survey, checks: Sequence[Check], access: Access | None, can: Capabilities) -> dict[str, Any]:
    """What a page needs of a survey."""
    plan, account = seen.plan, seen.snapshot.account
    return {
        "account": {"name": account.name, "language": account.language, "url": account.url},
        "preset": plan.preset,
        "counts": {action.value: plan.count(action) for action in Action},
        "settled": plan.is_settled,
        "guards": [{"code": guard.code, **words(guard.message)} for guard in plan.guards],
        "checks": [{"code": check.code, "level": check.level, **words(check.message)} for check in checks],
        "access": None if access is None else asdict(access),
        "rows": _rows(plan, names_of(plan, seen.snapshot), can),
        "pipelines": _pipelines(plan, seen),
    }


def files(plan: Plan) -> dict[str, Any]:
    """The plan to take away, per language."""
    return {language: as_json(plan, language) for language in LANGUAGES}


def words(text: Text) -> dict[str, str]:
    """A text as JSON."""
    return {"ru": text.ru, "en": text.en}


def text(data: Mapping[str, str]) -> Text:
    """The inverse of :func:`words`."""
    return Text(data["ru"], data["en"])


def _rows(plan: Plan, names: dict[str, str], can: Capabilities) -> list[dict[str, Any]]:
    ordered = sorted(plan.changes, key=lambda change: list(Kind).index(change.kind))
    listed = (rows(plan, language, {**built_in_names(can, language), **names}) for language in LANGUAGES)
    said = zip(ordered, *listed, strict=True)
    return [_row(change, russian, english) for change, russian, english in said]


def _row(change: Change, russian: Row, english: Row) -> dict[str, Any]:
    owner = change.resource or change.remote
    # of what is not there every attribute differs, and none of it need be said
    pairs = zip(russian.differences, english.differences, strict=False) if change.before else ()
    return {
        "action": change.action.value,
        "kind": change.kind.value,
        "address": change.address,
        "entity": owner.entity if owner else "",
        "pipeline": pipeline_of(change.kind, change.address),
        "title": change.title,
        "symbol": russian.symbol,
        "done": change.done,
        "note": words(Text(russian.note, english.note)),
        "differences": [
            {
                "name": words(Text(ru.name, en.name)),
                "before": words(Text(ru.before, en.before)),
                "after": words(Text(ru.after, en.after)),
            }
            for ru, en in pairs
        ],
    }


def pipeline_of(kind: Kind, address: str) -> str:
    """The pipeline a row stands under: «stage.visits.new» under «pipeline.visits»; none for what belongs to all."""
    name = address.split(".")
    if kind in (Kind.PIPELINE, Kind.STAGE) and len(name) > 1:
        return f"pipeline.{name[1]}"
    return f"pipeline.{name[2]}" if kind is Kind.CARD and address.startswith("card.deal.") else ""


def _pipelines(plan: Plan, seen: Survey) -> list[dict[str, str]]:
    """Our pipelines that are there, with the CRM's own ids, for links."""
    found = []
    for change in plan.changes:
        if change.kind is Kind.PIPELINE and change.action is not Action.FORGET:
            known = seen.bindings.get(change.address)
            remote_id = change.remote.id if change.remote else known.remote_id if known else ""
            if remote_id:
                found.append({"address": change.address, "title": change.title, "id": remote_id})
    return found
