"""Effects: what is written to a clinic's records is written once, whatever breaks on the way.

A key's writes are kept before they are sent; a repeat of the key sends only what has left no trace, or answers from the
log. ::

    made, = Effects(clinic, hop=1, firing=12).carry_out("f:12:0", [AddNote("759", "…")])
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from widget_backend.crm.asking import CreateDeal, StartBot, UpdateContact, UpdateDeal, Write, Written
from widget_backend.crm.records import FieldValues
from widget_backend.db import scope
from widget_backend.deals import effect_log, own_marks
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effect_log import Effect
from widget_backend.deals.traces import SKEW, Traced, look, signed
from widget_backend.deals.turns import turn
from widget_backend.errors import Missing, RateLimited, Rejected, Unsupported

#: refusals that the same write would only meet again
FINAL: Final = (Rejected, Missing, Unsupported)


@dataclass(frozen=True, slots=True)
class Effects:
    """Writes to one clinic's records. ``hop``: how many robots led here; ``firing``: whose effects these are."""

    clinic: Clinic
    hop: int = 0
    firing: int | None = None

    def carry_out(self, key: str, writes: Sequence[Write]) -> tuple[Written, ...]:
        """Carry out once, in this order; one answer per write, also where the CRM refuses it. ``key``: up to 200 characters,
        unique to the installation.

        What a key first meant stays: a repeat is answered for the first writes, whatever it brings, and one without writes
        finishes what was begun. Raises :class:`VendorError` where the key has to be tried again. No transaction may be open.
        """
        with scope(self.clinic.id), turn(self.clinic, f"effect:{key}"):
            effects, again = self._begun(key, writes)
            if not all(effect.written for effect in effects):
                effects = self._settled(key, [effect for effect in effects if not effect.written], again)
            return tuple(effect.written or Written() for effect in effects)

    def _begun(self, key: str, writes: Sequence[Write]) -> tuple[Sequence[Effect], bool]:
        """What the key means, and whether some of it may be in the CRM already."""
        with self.clinic.database.transaction() as session:
            known = effect_log.of_key(session, key)
            if known or not writes:
                return known, True
            meant = [signed(write) for write in writes]
            self._mark(session, meant)
            return effect_log.keep(session, self.clinic.id, key, meant, self.hop, self.firing), False

    def _settled(self, key: str, open_ones: Sequence[Effect], again: bool) -> Sequence[Effect]:
        """Send what is not there yet, and book each answer. Raises what is to be tried again, after booking the rest."""
        writes: Mapping[int, Write] = {effect.position: effect.write for effect in open_ones}
        if again:
            tried = {effect.position: (writes[effect.position], effect.begun_at) for effect in open_ones if effect.sent}
            traced = look(self.clinic.records, tried, self._made_since(min(effect.begun_at for effect in open_ones)))
            overtaken = [writes[n] for n in traced.changed]
            writes, told = _left(writes, traced)
            with self.clinic.database.transaction() as session:
                effect_log.close(session, key, told)
                effect_log.note_sent(session, key, tuple(writes))
                self._unmark(session, overtaken)
                # whoever comes to finish it need not know how it came about
                whose = replace(self, hop=open_ones[0].hop, firing=open_ones[0].firing)
                whose._mark(session, tuple(writes.values()))
        answers = self._sent(key, writes) if writes else {}
        final = {n: written for n, written in answers.items() if not written.error or isinstance(written.error, FINAL)}
        with self.clinic.database.transaction() as session:
            effect_log.close(session, key, final)
            self._unmark(session, [writes[n] for n, written in final.items() if written.error])
            effects = effect_log.of_key(session, key)
        for written in answers.values():
            if written.error and not isinstance(written.error, FINAL):
                raise written.error
        return effects

    def _made_since(self, moment: datetime) -> Collection[str]:
        """The deals that other effects have made about then."""
        with self.clinic.database.transaction() as session:
            return effect_log.made_since(session, CreateDeal.__name__, moment - 2 * SKEW)

    def _sent(self, key: str, writes: Mapping[int, Write]) -> Mapping[int, Written]:
        try:
            return dict(zip(writes, self.clinic.records.write(list(writes.values())), strict=True))
        except RateLimited:
            if [type(write) for write in writes.values()] == [StartBot]:
                # nobody could look for it later, and it certainly was not started
                with self.clinic.database.transaction() as session:
                    effect_log.note_sent(session, key, tuple(writes), sent=False)
            raise

    def _mark(self, session: Session, writes: Sequence[Write]) -> None:
        """Let the echoes of what is about to be sent be known as ours."""
        for echo in filter(None, map(_echo, writes)):
            deal, stage, fields, marker = echo.deal, echo.stage, echo.fields, echo.marker
            own_marks.leave(session, self.clinic.id, deal, stage, fields, self.hop, self.firing, marker)

    def _unmark(self, session: Session, writes: Sequence[Write]) -> None:
        """What is refused has no echo."""
        for echo in filter(None, map(_echo, writes)):
            own_marks.withdraw(session, echo.deal, echo.stage, echo.fields)


def _left(writes: Mapping[int, Write], traced: Traced) -> tuple[dict[int, Write], dict[int, Written]]:
    """What is still to be sent, and what became of the rest."""
    changed = {n: traced.changed.get(n, write) for n, write in writes.items() if n not in traced.answers}
    done = {n: Written(id=getattr(writes[n], "id", "")) for n, write in changed.items() if write is None}
    return {n: write for n, write in changed.items() if write is not None}, traced.answers | done


@dataclass(frozen=True, slots=True)
class _Echo:
    """What the CRM will tell us of a write of our own."""

    deal: str = ""
    stage: str = ""
    fields: FieldValues = field(default_factory=dict)
    marker: str = ""


def _echo(write: Write) -> _Echo | None:
    match write:
        case UpdateDeal():
            built_in = {"field.deal.title": write.title, "field.deal.responsible": write.responsible}
            given = {address: value for address, value in built_in.items() if value}
            return _Echo(write.id, write.stage, {**write.fields, **given})
        case UpdateContact():
            return _Echo(f"contact:{write.id}", fields=write.fields)
        case CreateDeal(draft):
            return _Echo(marker=draft.marker)
        case _:
            return None
