"""Traces: what a write whose answer was never read has left in the CRM, by marker or sign, so that it is not sent twice.

A move is not made any more where somebody has moved the deal on meanwhile.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CreateDeal,
    Deals,
    Marked,
    Notes,
    Notify,
    StartBot,
    Tasks,
    UpdateDeal,
    Want,
    Write,
    Written,
)
from widget_backend.crm.port import Records
from widget_backend.crm.records import Deal
from widget_backend.errors import Unavailable
from widget_backend.texts import Text

#: how far the CRM's clock may be behind ours
SKEW: Final = timedelta(minutes=5)
#: belongs to the stage where a deal was closed
LOSS_REASON: Final = "field.deal.loss_reason"

UNSURE = Text(
    "Неизвестно, запустился ли бот: связь с CRM оборвалась. Второй раз он не запущен, чтобы пациент не получил сообщение "
    "дважды; остальное сделано. Посмотрите в сделке и, если бот молчит, запустите его сами.",
    "It is not known whether the bot was started: the connection to the CRM broke. It was not started again, so that the "
    "patient gets no message twice; the rest is done. Look into the deal and start the bot yourself if it is silent.",
)

W = TypeVar("W")


class Looking(Generic[W]):
    """How a kind of write is looked for: what to read, and which of what is found is its trace (empty: none)."""

    def __init__(self, want: Callable[[W, datetime], Want[Any]], trace: Callable[[W, Any], str]) -> None:
        self.want, self.trace = want, trace


def _signed(write: AddTask | AddNote | Notify, found: Sequence[Any]) -> str:
    return next((one.id for one in found if write.sign in one.text), "")


def _marked(write: CreateDeal, since: datetime) -> Marked:
    draft = write.draft
    return Marked(draft.marker, draft.contacts, since - SKEW, draft.title, draft.stage)


LOOKING: Final[Mapping[type, Looking[Any]]] = {
    CreateDeal: Looking[CreateDeal](_marked, lambda write, found: next((deal.id for deal in found), "")),
    AddTask: Looking[AddTask](lambda write, since: Tasks(write.deal), _signed),
    AddNote: Looking[AddNote](lambda write, since: Notes(write.deal), _signed),
    # where notices leave no trace, the CRM puts one with the same sign in place of the other
    Notify: Looking[Notify](lambda write, since: Tasks(write.deal), _signed),
}


@dataclass(frozen=True, slots=True)
class Traced:
    """``answers``: of writes that must not be sent again; ``changed``: what is to be sent instead of a move that was
    overtaken, nothing where nothing is left of it."""

    answers: dict[int, Written] = field(default_factory=dict)
    changed: dict[int, UpdateDeal | None] = field(default_factory=dict)


def look(records: Records, writes: Mapping[int, tuple[Write, datetime]], taken: Collection[str] = ()) -> Traced:
    """What became of these writes, in one read; those it does not name may be sent as they are.

    ``writes``: number -> the write, and when it was first tried; ``taken``: deals that other writes have made, for a CRM that
    keeps no markers and offers what is like ours. Raises :class:`VendorError`.
    """
    wants = {n: LOOKING[type(w)].want(w, since) for n, (w, since) in writes.items() if type(w) in LOOKING}
    moves = {n: w for n, (w, _) in writes.items() if isinstance(w, UpdateDeal) and w.stage and w.leaves}
    answers = {n: Written(error=unsure()) for n, (write, _) in writes.items() if isinstance(write, StartBot)}
    if not wants and not moves:
        return Traced(answers)
    moved = Deals(tuple(dict.fromkeys(move.id for move in moves.values())))
    asked: list[Want[Any]] = [*dict.fromkeys(wants.values()), *([moved] if moves else [])]
    found = records.read(*asked)
    others = set(taken)
    for n, want in wants.items():
        write, there = writes[n][0], found[want]
        if isinstance(write, CreateDeal):
            there = [deal for deal in there if deal.id not in others]
        trace = LOOKING[type(write)].trace(write, there)
        if trace:
            answers[n] = Written(id=trace)
            others |= {trace} if isinstance(write, CreateDeal) else set()
    deals: tuple[Deal, ...] = found[moved] if moves else ()
    return Traced(answers, _overtaken(moves, deals))


def _overtaken(moves: Mapping[int, UpdateDeal], deals: Sequence[Deal]) -> dict[int, UpdateDeal | None]:
    """What is left of moves whose deals stand elsewhere by now: whoever moved a deal on has taken it."""
    stands = {deal.id: deal.stage for deal in deals}
    gone_on = {n: move for n, move in moves.items() if stands.get(move.id, move.stage) not in (move.stage, move.leaves)}
    return {n: _without_move(move) for n, move in gone_on.items()}


def _without_move(move: UpdateDeal) -> UpdateDeal | None:
    fields = {address: value for address, value in move.fields.items() if address != LOSS_REASON}
    left = UpdateDeal(move.id, title=move.title, fields=fields, tags=move.tags)
    return left if left != UpdateDeal(move.id) else None


def signed(write: Write) -> Write:
    """The write with a sign or marker of its own, where it needs one and has none."""
    match write:
        case AddTask(sign="") | AddNote(sign="") | Notify(sign=""):
            return replace(write, sign=code())
        case CreateDeal(draft) if not draft.marker:
            return replace(write, draft=replace(draft, marker=code()))
        case _:
            return write


def code() -> str:
    """Eight letters and digits that no other write has; drawn, as a clinic may come back with an empty database of ours."""
    return base64.b32encode(secrets.token_bytes(5)).decode().lower()


def unsure() -> Unavailable:
    """The answer where nobody knows, and trying again may do harm."""
    return Unavailable(UNSURE, applied_unknown=True, operation="start_bot")
