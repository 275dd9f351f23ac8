"""Several deals copied by one press: what each copy would be, and what came of each. They ask the CRM."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from widget_backend.crm.asking import Deals
from widget_backend.crm.records import Deal
from widget_backend.db import scope
from widget_backend.deals.clinic import Clinic
from widget_backend.errors import AccessLost, AppError, InvalidInput, NotFound, RateLimited, Unavailable
from widget_backend.panel import acts, choosing, words
from widget_backend.panel.acts import Done
from widget_backend.panel.choosing import Prospect
from widget_backend.panel.known import DEAL
from widget_backend.robots.facts import GONE
from widget_backend.texts import Text

#: deals of one press, and the seconds after which what is left of them waits for another press
MOST: Final = 50
TIME: Final = 12.0
#: of the CRM as a whole: the next deal would meet the same
COMMON: Final = (AccessLost, RateLimited, Unavailable)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a press would do to one deal. ``title``: empty where the CRM has no such deal; ``existing``: open deals of its
    patient there, the first of which is handed out instead of a copy."""

    deal: str
    title: str
    said: Text
    existing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlooks:
    """``first``: the first deal in detail, unless it is gone; ``of``: all of them in short."""

    first: Prospect | None
    of: tuple[Outlook, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one deal: done, or why it was not."""

    deal: str
    done: Done | None = None
    fault: AppError | None = None


def chosen(told: object) -> tuple[str, ...]:
    """The deals a page has named, each once. Raises :class:`InvalidInput` for none, too many, and what is no number."""
    named = tuple(dict.fromkeys(str(one) for one in told)) if isinstance(told, list) else ()
    if not 0 < len(named) <= MOST or not all(DEAL.fullmatch(one) for one in named):
        raise InvalidInput(words.CHOOSE_DEALS.format(most=MOST))
    return named


def outlooks(clinic: Clinic, deals: Sequence[str], to: str) -> Outlooks:
    """Look at all of them in one read, and at the first one closely. Raises :class:`VendorError`, :class:`Conflict` where the
    stage (address) is gone."""
    try:
        first = choosing.prospect(clinic, deals[0], to)
    except NotFound:
        first = None
    with scope(clinic.id):
        wanted = Deals(tuple(deals[1:]))
        found = {deal.id: deal for deal in clinic.records.read(wanted)[wanted]} if deals[1:] else {}
        with clinic.database.transaction() as session:
            others = [_outlook(session, clinic, to, one, found.get(one), first) for one in deals[1:]]
    return Outlooks(first, (_of_prospect(deals[0], first), *others))


def _of_prospect(deal: str, seen: Prospect | None) -> Outlook:
    if seen is None:
        return Outlook(deal, "", GONE)
    return Outlook(deal, seen.title, _said(seen.existing) if seen.how == "copied" else seen.reason, seen.existing)


def _outlook(session: Any, clinic: Clinic, to: str, number: str, deal: Deal | None, first: Prospect | None) -> Outlook:
    if deal is None:
        return Outlook(number, "", GONE)
    if first and first.how != "copied":
        return Outlook(number, deal.title, words.SPARED)
    existing = choosing.existing(session, clinic, number, to, next(iter(deal.contacts), ""))
    return Outlook(number, deal.title, _said(existing), existing)


def _said(existing: Sequence[str]) -> Text:
    return words.HAS_ONE.format(deals=", ".join(existing)) if existing else words.NEW_ONE


def copies(
    clinic: Clinic, deals: Sequence[str], to: str, key: str, by: str, *, again: bool = False
) -> tuple[Outcome, ...]:
    """Copy one after the other until :data:`TIME` is up or the CRM is away: fewer outcomes than deals. The same call goes on
    with the others, and answers of those that are done what it answered before. Raises nothing that is of one deal alone."""
    return tuple(_until_time_is_up(clinic, deals, to, key, by, again))


def _until_time_is_up(
    clinic: Clinic, deals: Sequence[str], to: str, key: str, by: str, again: bool
) -> Iterator[Outcome]:
    end = time.monotonic() + TIME
    for deal in deals:
        try:
            yield Outcome(deal, acts.copy(clinic, deal, to, key, by, again=again))
        except COMMON as fault:
            yield Outcome(deal, fault=fault)
            return
        except AppError as fault:
            yield Outcome(deal, fault=fault)
        if time.monotonic() > end:
            return
