"""Every background task and schedule by name: the contents page of background work.

``jobs.enqueue`` names them; this module alone knows what they do. Taking back the jobs of dead workers and keeping the
queue's statistics are no tasks: each worker's own pulse does that (``jobs.pulse``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from installer import onboarding
from installer.wizard.carrying import carry_on
from installer.wizard.workshop import Workshop
from widget_backend import answers, audit, jobs
from widget_backend.clock import now
from widget_backend.config import ServerSettings
from widget_backend.crm import registry
from widget_backend.db import ALL, Database, scope
from widget_backend.deals import effect_log, routing, staffing
from widget_backend.deals.clinic import Clinics
from widget_backend.errors import AccessLost, Conflict
from widget_backend.inbox import answering, pace, processing, reconcile
from widget_backend.inbox import wiping as inbox_wiping
from widget_backend.inbox.office import Office
from widget_backend.jobs import Task
from widget_backend.requestlog import DatabaseLog
from widget_backend.robots import calls, chores, resuming
from widget_backend.security import once, tickets
from widget_backend.tenancy import installations, tokens
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.tokens import Refresher
from widget_backend.texts import Text
from widget_backend.transport import YIELDING

#: a refresh token dies of age: after 3 months at amoCRM, 180 days at Bitrix24 (amocrm.md §1.3, bitrix24.md §1.4)
IDLE: Final = {"amocrm": timedelta(days=7), "bitrix24": timedelta(days=30)}

BROKEN = Text(
    "Журнал действий нарушен: установка {installation}, запись {number} ({reason}). Остальное работает и ничего не удалено: "
    "сохраните копию базы и сообщите ответственному за безопасность.",
    "The audit is broken: installation {installation}, row {number} ({reason}). All else works and nothing was deleted: keep "
    "a copy of the database and tell whoever answers for security.",
)

#: tries of what has to be done for patients, at five minutes each: a CRM may be away for a whole night
ALL_NIGHT: Final = 100

#: vendor -> who renews the tokens of one of his installations
OAuths = Mapping[str, Callable[[InstallationInfo], Refresher]]


def tasks(database: Database, settings: ServerSettings) -> tuple[Task, ...]:
    """All tasks."""
    clinics = Clinics(
        database, lambda info, chart: registry.connected(database, settings, info, YIELDING).records(chart)
    )
    return (
        *upkeep(database, {key: partial(_oauth, database, settings) for key in registry.offered(settings)}),
        *_wizard(Workshop(database, lambda number: registry.connect(database, settings, number).structure)),
        *_inbox(clinics),
        *_robots(clinics),
        *_routing(clinics),
        *_copies(database),
        Task("installer.connect", partial(onboarding.exchange, database, settings)),
        Task("installer.announce", partial(onboarding.announce, database, settings)),
        Task("installer.standing", partial(onboarding.reread_standing, database, settings)),
        Task("installer.standings", lambda: onboarding.reread_paused(database), schedule="27 * * * *"),
        Task("installer.farewell", partial(onboarding.confirm_removal, database, settings)),
    )


def _inbox(clinics: Clinics) -> tuple[Task, ...]:
    """What CRMs tell, and what they forget to tell. A CRM that is away is asked again by the schedule."""
    desk = Office(clinics, answering.answer, calls.answer, answering.asks_patient, answering.gone)
    return (
        Task("inbox.process", partial(processing.process, desk)),
        Task("inbox.pace", partial(pace.keep, desk)),
        Task("inbox.reconcile", partial(reconcile.reconcile, desk), attempts=3),
        Task("inbox.schedule", lambda: reconcile.reconcile_all(clinics.database), schedule=reconcile.SCHEDULE),
        Task("inbox.prune", lambda: _prune_inbox(clinics.database), schedule="17 4 * * *"),
    )


def _robots(clinics: Clinics) -> tuple[Task, ...]:
    """Rules carried out, their notes, their timers."""
    return (
        Task("robots.run", partial(chores.run, clinics), attempts=ALL_NIGHT),
        Task("robots.tell", partial(chores.tell, clinics), attempts=ALL_NIGHT),
        Task("robots.ring", partial(chores.ring, clinics), attempts=ALL_NIGHT),
        Task(resuming.TASK, partial(chores.resume, clinics), attempts=6),
        Task("robots.warn", partial(chores.warn, clinics)),
        Task("robots.tick", partial(chores.tick, clinics), schedule="* * * * *"),
        Task("robots.prune", partial(chores.prune, clinics), schedule="57 3 * * *"),
    )


def _routing(clinics: Clinics) -> tuple[Task, ...]:
    """Patients sent to where they belong, and who takes them."""
    return (
        Task(routing.TASK, partial(routing.run, clinics), attempts=ALL_NIGHT),
        Task(staffing.TASK, partial(staffing.staff, clinics), attempts=6),
        Task("deals.staff_all", lambda: staffing.staff_all(clinics.database), schedule=staffing.SCHEDULE),
    )


def _wizard(shop: Workshop) -> tuple[Task, ...]:
    """Plans and runs of the wizard; a run's own tries are counted in its row."""
    return (
        Task(
            "installer.plan", lambda installation_id, purpose="apply": shop.make(installation_id, purpose), attempts=6
        ),
        Task("installer.apply", lambda installation_id, run_id: carry_on(shop, installation_id, run_id)),
        Task("installer.rollback", lambda installation_id, run_id: carry_on(shop, installation_id, run_id)),
    )


def _copies(database: Database) -> tuple[Task, ...]:
    """What was written to the CRMs does not stay readable."""
    return (Task("effects.prune", lambda: _prune_effects(database), schedule="27 4 * * *"),)


def upkeep(database: Database, oauths: OAuths) -> tuple[Task, ...]:
    """What goes on by itself. A vendor that is not in ``oauths`` is not offered here, and nobody keeps his tokens alive."""
    return (
        Task("tokens.keep_alive", lambda: _keep_alive(database, oauths), schedule="17 * * * *"),
        Task("tokens.renew", lambda installation_id: _renew(database, oauths, installation_id)),
        Task("tickets.prune", lambda: _prune_tickets(database), schedule="*/30 * * * *"),
        Task("spent.prune", lambda: _prune_spent(database), schedule="47 * * * *"),
        Task("requestlog.prune", DatabaseLog(database.engine, "").prune, schedule="7 3 * * *"),
        Task("jobs.housekeeping", lambda: _housekeep(database), schedule="37 3 * * *"),
        Task("audit.verify", lambda: _verify_audit(database), schedule="7 4 * * *"),
    )


def _keep_alive(database: Database, oauths: OAuths) -> None:
    """Every hour, for those whose week or month has passed: the tokens themselves are not renewed by the clock."""
    with database.transaction() as session:
        for vendor in oauths:
            for installation_id in tokens.idle(session, vendor, now() - IDLE[vendor]):
                name = f"{installation_id}:token"
                jobs.enqueue(session, "tokens.renew", lock=name, queueing_lock=name, installation_id=installation_id)


def _renew(database: Database, oauths: OAuths, installation_id: int) -> None:
    with database.transaction() as session:
        info = installations.get(session, installation_id)
    try:
        tokens.keep_alive(database, oauths[info.vendor](info), installation_id, now() - IDLE[info.vendor])
    except AccessLost:
        return  # the installation says so itself now, and its screen says what to do


def _oauth(database: Database, settings: ServerSettings, info: InstallationInfo) -> Refresher:
    return registry.oauth(database, settings, info.vendor, info.host)


def _prune_spent(database: Database) -> None:
    with scope(ALL), database.transaction() as session:
        once.prune(session)
        answers.prune(session)


def _prune_effects(database: Database) -> None:
    with scope(ALL), database.transaction() as session:
        effect_log.prune(session)


def _prune_inbox(database: Database) -> None:
    with scope(ALL), database.transaction() as session:
        inbox_wiping.prune(session)


def _prune_tickets(database: Database) -> None:
    with database.transaction() as session:
        tickets.prune(session)


def _housekeep(database: Database) -> None:
    with database.transaction() as session:
        jobs.housekeep(session)


def _verify_audit(database: Database) -> None:
    """A broken chain becomes a dead letter, which the operator sees. Raises :class:`Conflict`."""
    with scope(ALL), database.transaction() as session:
        _, broken = audit.verify(session)
    if broken:
        first = broken[0]
        raise Conflict(BROKEN.format(installation=first.installation_id, number=first.number, reason=first.reason))
