"""Acts: what the panel's buttons do, each once for its form, however often it is sent. They ask the CRM."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Final

from widget_backend.crm.asking import Deals, Notify, UpdateDeal
from widget_backend.db import scope
from widget_backend.deals import copying, routing
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.errors import Conflict, InvalidInput, NotFound
from widget_backend.panel import words
from widget_backend.panel.known import DEAL
from widget_backend.panel.offers import woken
from widget_backend.robots import naming
from widget_backend.robots.calls import AWAKE, WOKEN
from widget_backend.robots.facts import GONE
from widget_backend.texts import Text

#: a form's own number: what is sent under it twice is done once
KEY: Final = re.compile(r"[0-9a-f]{20}")


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it. ``deal``: one to look at, empty for none; ``made``: whether that is a new one; ``lost``: what of the
    source it does not hold."""

    said: Text
    deal: str = ""
    lost: tuple[Text, ...] = ()
    warning: Text | None = None
    made: bool = False


def new_key() -> str:
    """For a form that is being drawn."""
    return secrets.token_hex(10)


def copy(clinic: Clinic, deal: str, to: str, key: str, by: str, *, again: bool = False) -> Done:
    """Copy to a stage (address), unless the patient has an open deal there already. ``again``: also then.

    Raises as :func:`copying.copy` does, and :class:`InvalidInput` for a form that is none of ours.
    """
    cause = _cause(key, "again" if again else "once")
    if to not in clinic.chart.stage:
        raise Conflict(words.NO_STAGE)
    copied = copying.copy(clinic, deal, to, cause, once_per_patient=not again, effects=Effects(clinic), by=by)
    return Done(copied.reason, copied.deal, copied.lost, copied.warning, copied.made)


def undo(clinic: Clinic, deal: str, by: str) -> Done:
    """Take a copy back. Raises as :func:`copying.undo` does."""
    if not DEAL.fullmatch(deal):
        raise NotFound(words.NO_COPY)
    undone = copying.undo(clinic, deal, effects=Effects(clinic), by=by)
    return Done(words.TAKEN_BACK.format(words=undone.words))


def route(clinic: Clinic, deal: str, key: str) -> Done:
    """Send the deal where it belongs. Raises as :func:`routing.route` does."""
    routed = routing.route(clinic, deal, _cause(key, "route"))
    return Done(words.ROUTED.format(reason=routed.reason), routed.into)


def wake(clinic: Clinic, deal: str, key: str) -> Done:
    """Bring a parked deal to where it is worked on, and tell its responsible person. Safe to repeat.

    Raises :class:`NotFound` where it is gone, :class:`Conflict` where it is not parked, :class:`VendorError`.
    """
    effects, cause = Effects(clinic), _cause(key, f"wake:{deal}")
    with scope(clinic.id):
        written = effects.carry_out(cause, ())
        found = clinic.records.read(wanted := Deals((deal,)))[wanted]
        if not found:
            raise NotFound(GONE)
        here = clinic.chart.stage_of_id.get(found[0].stage)
        if not written:
            to = woken(clinic.chart, here)
            if to is None:
                raise Conflict(words.NOT_PARKED)
            told = found[0].responsible or clinic.owner
            notice = (Notify(told, deal, clinic.say(WOKEN)),) if told else ()
            written = effects.carry_out(
                cause, [UpdateDeal(deal, to.id, to.pipeline_id, leaves=found[0].stage), *notice]
            )
            here = to
    if written[0].error:
        raise written[0].error
    return Done(AWAKE.format(stage=naming.quoted(naming.stage(clinic.chart, here.id if here else found[0].stage))))


def _cause(key: str, what: str) -> str:
    if not KEY.fullmatch(key):
        raise InvalidInput(words.OLD_FORM)
    return f"panel:{key}:{what}"
