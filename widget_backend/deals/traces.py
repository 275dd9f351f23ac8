"""Traces: what a write whose answer was never read has left in the CRM, by marker or sign, so that it is not sent twice."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, Generic, TypeVar

from widget_backend.crm.asking import (
    AddNote,
    AddTask,
    CreateDeal,
    Marked,
    Notes,
    Notify,
    StartBot,
    Tasks,
    Want,
    Write,
    Written,
)
from widget_backend.crm.port import Records
from widget_backend.errors import Unavailable
from widget_backend.texts import Text

#: how far the CRM's clock may be behind ours
SKEW: Final = timedelta(minutes=5)

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


def look(
    records: Records, writes: Mapping[int, tuple[Write, datetime]], taken: Collection[str] = ()
) -> dict[int, Written]:
    """What became of those writes that must not be sent again, in one read; the others may be sent as they are.

    ``writes``: number -> the write, and when it was first tried; ``taken``: deals that other writes have made, for a CRM that
    keeps no markers and offers what is like ours. Raises :class:`VendorError`.
    """
    wants = {n: LOOKING[type(w)].want(w, since) for n, (w, since) in writes.items() if type(w) in LOOKING}
    answers = {n: Written(error=unsure()) for n, (write, _) in writes.items() if isinstance(write, StartBot)}
    if not wants:
        return answers
    found, others = records.read(*dict.fromkeys(wants.values())), set(taken)
    for n, want in wants.items():
        write, there = writes[n][0], found[want]
        if isinstance(write, CreateDeal):
            there = [deal for deal in there if deal.id not in others]
        trace = LOOKING[type(write)].trace(write, there)
        if trace:
            answers[n] = Written(id=trace)
            others |= {trace} if isinstance(write, CreateDeal) else set()
    return answers


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
