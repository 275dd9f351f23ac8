"""Preflight: rights, plan, limits and clashes, said before the first write. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from installer import wording
from installer.matching import normal
from installer.plan import Plan
from widget_backend.crm.model import Access, Action, Capabilities, Kind, Snapshot
from widget_backend.texts import Text

Level = Literal["ok", "warning", "stop"]


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what was looked at and what came of it. ``stop`` ends the run before anything is written."""

    code: str
    level: Level
    message: Text


def preflight(plan: Plan, snapshot: Snapshot, access: Access, capabilities: Capabilities) -> tuple[Check, ...]:
    """All checks of one plan."""
    return (
        *_rights(access),
        *_scopes(access),
        *_plan(access),
        *_robots(plan, access),
        *_limits(plan, snapshot, capabilities),
        *_clashes(plan, snapshot),
    )


def _rights(access: Access) -> Iterator[Check]:
    if access.admin is False:
        yield Check(
            "rights",
            "stop",
            Text(
                "У этого ключа нет прав администратора CRM: менять воронки и поля ему нельзя. Ничего не сделано: создайте "
                "ключ под администратором и повторите.",
                "This key has no rights of a CRM administrator: it may not change pipelines and fields. Nothing was done: "
                "make a key as an administrator and repeat.",
            ),
        )
    elif access.admin is None:
        yield Check(
            "rights",
            "warning",
            Text(
                "CRM не сказала, есть ли права администратора",
                "the CRM does not tell whether the key is an administrator's",
            ),
        )
    else:
        yield Check("rights", "ok", Text("права администратора есть", "administrator rights are there"))


def _scopes(access: Access) -> Iterator[Check]:
    if access.missing_scopes:
        scopes = ", ".join(access.missing_scopes)
        yield Check(
            "scopes",
            "stop",
            Text(
                f"Ключу не хватает прав доступа: {scopes}. Ничего не сделано: добавьте их в настройках ключа и повторите.",
                f"The key lacks scopes: {scopes}. Nothing was done: add them in the key's settings and repeat.",
            ),
        )
    else:
        yield Check("scopes", "ok", Text("нужные разделы API открыты", "the API sections needed are open"))


def _robots(plan: Plan, access: Access) -> Iterator[Check]:
    asked = any(change.kind is Kind.ROBOT and change.writes for change in plan.changes)
    if asked and access.robots is False:
        yield Check(
            "robots",
            "warning",
            Text(
                "на этом тарифе нет роботов: всё остальное установится, правила будет выполнять само приложение",
                "this plan has no robots: the rest is installed, the application runs the rules itself",
            ),
        )


def _plan(access: Access) -> Iterator[Check]:
    if access.plan is not None:
        yield Check("plan", "ok", Text(f"тариф: {access.plan.ru}", f"plan: {access.plan.en}"))


def _limits(plan: Plan, snapshot: Snapshot, capabilities: Capabilities) -> Iterator[Check]:
    """Pipelines and fields of the account, stages of the fullest pipeline: what is there, what comes, what may be."""
    for kind, name in ((Kind.PIPELINE, "pipelines"), (Kind.STAGE, "stages"), (Kind.FIELD, "fields")):
        there, more = _room(kind, plan, snapshot)
        if more:
            yield _limit(kind, name, there, more, capabilities.limits.get(name))


def _room(kind: Kind, plan: Plan, snapshot: Snapshot) -> tuple[int, int]:
    """How many there are and how many more come, in the place where it is tightest."""
    there: Counter[str] = Counter()
    more: Counter[str] = Counter()
    pipelines = {c.address: c.remote.id for c in plan.changes if c.kind is Kind.PIPELINE and c.remote is not None}
    for remote in snapshot.remotes:
        there[remote.parent if kind is Kind.STAGE else ""] += remote.kind is kind
    for change in plan.changes:
        if change.kind is kind and change.action is Action.CREATE and change.resource is not None:
            more[pipelines.get(change.resource.parent, change.resource.parent) if kind is Kind.STAGE else ""] += 1
    fullest = max(more, key=lambda place: there[place] + more[place], default="")
    return there[fullest], more[fullest]


def _limit(kind: Kind, name: str, there: int, more: int, limit: int | None) -> Check:
    word = wording.PLURALS[kind]
    if limit is None:
        known = Text("предел тарифа CRM не сообщает", "the CRM does not tell the plan's limit")
    else:
        known = Text(f"из {limit}", f"of {limit}")
    if limit is None or there + more <= limit:
        said = Text(
            f"{word.ru.lower()}: {there} + {more}, {known.ru}", f"{word.en.lower()}: {there} + {more}, {known.en}"
        )
        return Check(name, "ok", said)
    return Check(
        name,
        "stop",
        Text(
            f"{word.ru}: предел этого аккаунта {limit}, есть {there}, нужно ещё {more}. Ничего не сделано: удалите "
            "лишнее или смените тариф и повторите.",
            f"{word.en}: this account's limit is {limit}, there are {there}, {more} more are needed. Nothing was "
            "done: remove what is not needed or change the plan and repeat.",
        ),
    )


def _clashes(plan: Plan, snapshot: Snapshot) -> Iterator[Check]:
    """A field, pipeline or stage of the same name that will stand beside ours."""
    names = Counter((r.kind, r.entity, r.parent, normal(r.name)) for r in snapshot.remotes)
    for change in plan.changes:
        resource = change.resource
        if change.action is not Action.CREATE or resource is None or change.kind not in (Kind.PIPELINE, Kind.FIELD):
            continue
        if names[change.kind, resource.entity, "", normal(resource.name)]:
            kind = wording.KINDS[change.kind]
            yield Check(
                "clash",
                "warning",
                Text(
                    f"{kind.ru} «{resource.name}» у вас уже есть (другого вида или оставлена рядом): будет две",
                    f"you already have a {kind.en} “{resource.name}” (of another nature, or left beside): there will be two",
                ),
            )
