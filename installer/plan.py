"""Plan: the rows between a preset and a CRM, in order of execution, with a checksum and the reasons to be careful."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from widget_backend.crm.encoding import digest, encode_all
from widget_backend.crm.model import Account, Action, Change, Kind
from widget_backend.errors import InvalidInput
from widget_backend.texts import Text

FORMAT = "dental-crm/plan/1"
#: the rows that do something, to the CRM or in our books
ACTING = (Action.CREATE, Action.UPDATE, Action.DELETE, Action.ADOPT, Action.FORGET)

NO_PLAN = Text(
    "Этот файл — не план. Ничего не сделано: сохраните план командой «dental-crm plan … --out plan.json».",
    "This file is no plan. Nothing was done: save a plan with “dental-crm plan … --out plan.json”.",
)
EDITED = Text(
    "План изменён после того, как его сохранили: строки файла не сходятся с его контрольной суммой. Ничего не сделано: "
    "сохраните план заново командой «dental-crm plan … --out plan.json».",
    "The plan was altered after it was saved: the file's rows do not fit its checksum. Nothing was done: save the plan again "
    "with “dental-crm plan … --out plan.json”.",
)


@dataclass(frozen=True, slots=True)
class Guard:
    """A reason why the plan is carried out only with ``--force``."""

    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class Plan:
    """``changes`` in order of execution. ``preset`` is key, ``version`` and ``digest`` of what it was made from."""

    preset: str
    version: str
    digest: str
    vendor: str
    account: Account
    changes: tuple[Change, ...]
    guards: tuple[Guard, ...] = ()
    purpose: str = "apply"
    matched: int = 0

    @property
    def writes(self) -> tuple[Change, ...]:
        """The rows that send something to the CRM."""
        return tuple(change for change in self.changes if change.writes)

    @property
    def questions(self) -> tuple[Change, ...]:
        """The rows a person must decide."""
        return tuple(change for change in self.changes if change.action is Action.CONFLICT)

    @property
    def adoptions(self) -> tuple[Change, ...]:
        """The clinic's own objects that the preset would take over."""
        return tuple(change for change in self.changes if change.action is Action.ADOPT)

    @property
    def is_settled(self) -> bool:
        """Nothing to write and nothing to ask: then the plan is «nothing to do»."""
        return not self.writes and not self.questions

    def count(self, action: Action) -> int:
        """How many rows of this kind; manual steps already done are not counted."""
        return sum(change.action is action and not change.done for change in self.changes)

    @property
    def checksum(self) -> str:
        """The same for the same wishes in the same state of the CRM, and for no other."""
        rows = [identity(change) for change in self.changes if change.action in ACTING]
        return _checksum(self.preset, self.digest, self.vendor, self.account.key, rows)


def identity(change: Change) -> list[Any]:
    """What makes two rows the same row."""
    remote = change.remote.id if change.remote else ""
    return [change.action.value, change.address, remote, encode_all(change.before), encode_all(change.after)]


def is_within(fresh: Plan, approved: Plan) -> bool:
    """Whether a plan made again on the way asks for nothing that was not approved: then the work may go on."""
    agreed = {(c.action, c.address) for c in approved.changes}
    created = {c.address for c in approved.changes if c.action is Action.CREATE}
    return all(
        (change.action, change.address) in agreed or change.address in created or is_leftover(change)
        for change in fresh.writes
    )


def is_leftover(change: Change) -> bool:
    """Whether the row drops an automatic stage of a pipeline we have just made."""
    return change.action is Action.DELETE and change.remote is not None and change.remote.stock


def sort_changes(changes: list[Change]) -> tuple[Change, ...]:
    """Order of execution: by kind downwards for what is made, upwards for what is removed, as written otherwise."""
    rank = {kind: number for number, kind in enumerate(Kind)}
    kept = [change for change in changes if change.action is not Action.DELETE]
    removed = [change for change in changes if change.action is Action.DELETE]
    kept.sort(key=lambda change: rank[change.kind])
    removed.sort(key=lambda change: -rank[change.kind])
    return (*kept, *removed)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """What a plan file says of itself. ``account`` is the key and name of whose CRM it was made for."""

    checksum: str
    preset: str
    version: str
    digest: str
    vendor: str
    account: str
    account_name: str


def read_plan(content: str) -> SavedPlan:
    """A plan file, whole and as it was saved. Raises :class:`InvalidInput`."""
    try:
        data: Mapping[str, Any] = json.loads(content)
        if data["format"] != FORMAT:
            raise InvalidInput(NO_PLAN)
        preset, account = data["preset"], data["account"]
        saved = SavedPlan(
            *(data["checksum"], preset["key"], preset["version"], preset["digest"]),
            *(account["vendor"], account["key"], account["name"]),
        )
        rows = [_identity(row) for row in data["rows"] if row["action"] in ACTING]
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise InvalidInput(NO_PLAN) from fault
    if saved.checksum != _checksum(saved.preset, saved.digest, saved.vendor, saved.account, rows):
        raise InvalidInput(EDITED)
    return saved


def _identity(row: Mapping[str, Any]) -> list[Any]:
    """:func:`identity` of a row of a plan file."""
    return [row["action"], row["address"], row["remote_id"] or "", row["before"], row["after"]]


def _checksum(preset: str, digest_: str, vendor: str, account: str, rows: list[list[Any]]) -> str:
    return digest([preset, digest_, vendor, account, rows])
