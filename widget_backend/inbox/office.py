"""Office: all that working on messages needs, put together once per process by ``tasks``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from widget_backend.crm.records import Contact, Deal, RobotCall
from widget_backend.db import Database
from widget_backend.deals.clinic import Clinic, Clinics
from widget_backend.deals.stage_history import Observed
from widget_backend.inbox.told import PatientChanged, Touch


@dataclass(frozen=True, slots=True)
class Seen:
    """A deal as it was just read, and what of it is new. ``patient``: read only where it is asked for. ``touches``: the
    patient got in touch; ``changes``: fields of the patient that others than us changed."""

    deal: Deal
    observed: Observed
    patient: Contact | None = None
    touches: tuple[Touch, ...] = ()
    changes: tuple[PatientChanged, ...] = ()


class Answer(Protocol):
    """What follows from what was seen, in the transaction that makes it seen; how many robots it sets off."""

    def __call__(self, session: Session, clinic: Clinic, seen: Seen) -> int: ...  # noqa: D102


#: carry out a robot's call, with no transaction open; safe to repeat
AnswerCall = Callable[[Clinic, RobotCall], object]


def no_patient(session: Session) -> bool:
    """Nobody asks for patients' fields."""
    return False


@dataclass(frozen=True, slots=True)
class Office:
    """``asks_patient``: whether what follows needs the patient's fields; ``gone``: what follows when a deal is gone."""

    clinics: Clinics
    answer: Answer
    answer_call: AnswerCall
    asks_patient: Callable[[Session], bool] = no_patient
    gone: Callable[[Session, Clinic, str], object] = lambda session, clinic, deal: None
    #: changes are left to the CRM's own events for so long
    grace: timedelta = timedelta(seconds=60)

    @property
    def database(self) -> Database:
        """Where all of it is stored."""
        return self.clinics.database
