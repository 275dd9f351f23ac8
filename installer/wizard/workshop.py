"""What the wizard's jobs work with: the database, and a way to the CRM of an installation. Plans are made here."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from installer.handover import hand_over
from installer.preflight import preflight
from installer.wizard import draft as drafts
from installer.wizard import listing, plans
from installer.wizard.draft import Draft
from installer.wizard.plans import Purpose, SavedPlan
from installer.workplace import Survey, Workplace
from widget_backend.clock import now
from widget_backend.crm.model import Access
from widget_backend.crm.port import Structure
from widget_backend.db import Database
from widget_backend.deals import staffing
from widget_backend.errors import AppError, VendorError
from widget_backend.tenancy import installations
from widget_backend.texts import Text

log = logging.getLogger(__name__)

UNEXPECTED = Text(
    "Непредвиденная ошибка {code}. В CRM ничего не менялось: нажмите «Проверить снова». Если повторится, пришлите нам "
    "этот код.",
    "Unexpected error {code}. Nothing was changed in the CRM: press “Check again”. If it happens again, send us this code.",
)

#: installation -> its CRM, with a token good for now. Raises :class:`AccessLost`.
Connect = Callable[[int], Structure]


@dataclass(frozen=True, slots=True)
class Workshop:
    """Every method runs in scope of its installation and outside a transaction, for it asks the CRM."""

    database: Database
    connect: Connect

    def place(self, installation_id: int, draft: Draft, only: Collection[str] = ()) -> Workplace:
        """Where plans of this draft are made. Raises :class:`InvalidInput` for a draft that makes no preset."""
        preset = draft.configured()
        with self.database.transaction() as session:
            info = installations.get(session, installation_id)
        return Workplace(
            self.database,
            self.connect(installation_id),
            preset,
            info.vendor,
            info.host,
            draft.choices,
            installation_id,
            frozenset(only),
        )

    def make(self, installation_id: int, purpose: Purpose) -> None:
        """Make the plan that was asked for. A CRM that is away raises, to be tried again; any other fault is told."""
        with self.database.transaction() as session:
            draft, saved = drafts.load(session), plans.load(session, purpose)
        try:
            place = self.place(installation_id, draft)
            self.keep(place, place.resurvey(purpose), draft, saved, self._access(place, draft, saved))
        except AppError as fault:
            passing = isinstance(fault, VendorError) and fault.retry != "never"
            with self.database.transaction() as session:
                plans.fail(session, saved, fault.message, final=not passing)
            if passing:
                raise
        except (OperationalError, InterfaceError):
            raise  # our own database is away: the queue tries again
        except Exception:
            code = secrets.token_hex(4)
            log.exception("a plan ended unexpectedly code=%s installation=%s", code, installation_id)
            with self.database.transaction() as session:
                plans.fail(session, saved, UNEXPECTED.format(code=code), final=True)
            raise

    def keep(
        self, place: Workplace, seen: Survey, draft: Draft, saved: SavedPlan, access: Access | None = None
    ) -> None:
        """Keep this survey as the plan to show. ``saved``: the one before, whose askings it answers."""
        known = access or known_access(saved)
        can = place.structure.capabilities
        checks = preflight(seen.plan, seen.snapshot, known, can) if known else ()
        content: dict[str, Any] = listing.content(seen, checks, known, can)
        made = replace(saved, state="ready", fits=draft.mark, checksum=seen.plan.checksum, content=content)
        with self.database.transaction() as session:
            plans.store(session, seen.installation_id, made, listing.files(seen.plan))
            if saved.purpose == "apply" and not seen.plan.writes:
                hand_over(session, draft.configured(), seen, can)
                staffing.ask(session, seen.installation_id)

    def _access(self, place: Workplace, draft: Draft, saved: SavedPlan) -> Access | None:
        """Asked anew unless just the choices have changed."""
        young = saved.made_at is not None and now() - saved.made_at < plans.FRESH
        if saved.purpose == "rollback":
            return None
        if young and saved.fits and saved.fits != draft.mark:
            return known_access(saved) or place.structure.access()
        return place.structure.access()


def known_access(saved: SavedPlan) -> Access | None:
    """What the CRM said of our key when it was last asked."""
    told = saved.content["access"] if saved.content else None
    if not told:
        return None
    tariff = listing.text(told["plan"]) if told["plan"] else None
    return Access(**{**told, "missing_scopes": tuple(told["missing_scopes"]), "plan": tariff})
