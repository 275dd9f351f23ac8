"""The robots' jobs: what each does with an installation's number. An account that is held up loses nothing: its work waits."""

from __future__ import annotations

from sqlalchemy.orm import Session

from widget_backend.clock import now
from widget_backend.crm.asking import Notify
from widget_backend.db import ALL, scope
from widget_backend.deals import routing
from widget_backend.deals.clinic import Clinics
from widget_backend.deals.effects import Effects
from widget_backend.errors import AccessLost, NotFound
from widget_backend.robots import calls, firing_log, firings, resuming, rules, running, timers, why
from widget_backend.robots.happenings import Called
from widget_backend.tenancy import installations, standing
from widget_backend.tenancy.standing import HeldUp
from widget_backend.texts import Text

PAUSED = Text("Правило «{rule}». {why}", "The rule “{rule}”. {why}")


def run(clinics: Clinics, installation_id: int, firing_id: int) -> None:
    """Carry out a firing."""
    try:
        clinic = clinics.open(installation_id)
    except HeldUp as held:
        with clinics.database.transaction() as session:
            firing_log.hold(session, firing_id, held.message)
        return
    running.run(clinic, firing_id)


def tell(clinics: Clinics, installation_id: int, cause_id: int) -> None:
    """After all rules that answer have been tried: note at the deal what they did, and let a CRM that waited go on. What is
    held up is told when it has been done."""
    with clinics.database.transaction() as session:
        told = firing_log.of_cause(session, cause_id)
    if not told or any(firing.state == "held" for firing in told):
        return
    try:
        clinic = clinics.open(installation_id)
        if isinstance(told[0].happening, Called) and told[0].happening.robot not in calls.ROBOTS:
            calls.release(clinic, told[0].happening)
        why.tell(clinic, cause_id)
    except (HeldUp, AccessLost):
        with clinics.database.transaction() as session:
            if installations.get(session, installation_id).status != "closed":
                firings.tell(session, installation_id, told[0].deal, cause_id, now() + routing.SHUT)


def ring(clinics: Clinics, installation_id: int, timer_id: int) -> None:
    """See whether a timer's moment has come."""
    try:
        timers.ring(clinics.open(installation_id), timer_id)
    except (HeldUp, AccessLost):
        with clinics.database.transaction() as session:
            timers.unring(session, timer_id)


def resume(clinics: Clinics, installation_id: int, keys: list[str], after: str) -> None:
    """Look at the deals that stand where rules wait that are ours again. Held up, they wait until something happens to them."""
    try:
        resuming.resume(clinics.open(installation_id), keys, after)
    except (HeldUp, AccessLost):
        return


def warn(clinics: Clinics, installation_id: int, rule_id: int, deal_id: str) -> None:
    """Tell the owner that a rule has paused, once for each time it does."""
    with clinics.database.transaction() as session:
        try:
            key = rules.version(session, rule_id).rule.key
        except NotFound:
            return
        entry, stamp = rules.load(session).entry.get(key), rules.load(session).stamp
    if entry is None or entry.paused is None:
        return
    try:
        clinic = clinics.open(installation_id)
        if clinic.owner:
            text = clinic.say(PAUSED.format(rule=entry.rule.name, why=entry.paused))
            Effects(clinic).carry_out(f"paused:{rule_id}:{stamp}", [Notify(clinic.owner, deal_id, text)])
    except (HeldUp, AccessLost):
        return  # the page of rules says it


def tick(clinics: Clinics) -> None:
    """Every minute: ring what is due, and go on with what waited for its account."""
    with scope(ALL):
        while True:
            with clinics.database.transaction() as session:
                rung = timers.tick(session, now())
            if rung < timers.BATCH:
                break
        with clinics.database.transaction() as session:
            held = [number for number in firing_log.held_up(session) if _is_active(session, number)]
    for installation_id in held:
        with scope(installation_id), clinics.database.transaction() as session:
            firings.revive(session, installation_id)


def prune(clinics: Clinics) -> None:
    """Once a day: what is too old to be asked about."""
    with scope(ALL), clinics.database.transaction() as session:
        firing_log.prune(session)
        timers.prune(session)
        rules.prune(session, firing_log.versions(session))


def _is_active(session: Session, installation_id: int) -> bool:
    info = installations.get(session, installation_id)
    return info.status == "active" and not standing.is_halted(info)
