"""Firings: rules answer what happens to a deal, each cause once, in the order of the rules.

Everything robots do to one deal is done one by one: its jobs share a lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from widget_backend import jobs
from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.records import Deal
from widget_backend.deals import own_marks, stage_history
from widget_backend.errors import NotFound
from widget_backend.robots import firing_log, matching, rules, standing
from widget_backend.robots.firing_log import State
from widget_backend.robots.happenings import Happening
from widget_backend.robots.rules import Entry
from widget_backend.texts import Text

#: robots that may set each other off in a row
HOPS: Final = 7
#: why an enquiry was closed that went on in another deal of the patient
REASON: Final = "field.deal.loss_reason"
DUPLICATE: Final = "duplicate"
#: steps of one deal within an hour after which robots leave it alone: they and those of the CRM send it about
WHIRL: Final = 200
HOUR: Final = timedelta(hours=1)
WHIRLS = Text(
    "Остановлено: за час сделка сменила этап больше {count} раз. Сделанное сохранено: роботы CRM и правила гоняют её по кругу, "
    "выключите одно из двух; через час правила снова заработают для неё сами.",
    "Stopped: the deal changed its stage more than {count} times within an hour. What is done stays: robots of the CRM and "
    "rules send it about, switch one of them off; in an hour rules work for it again by themselves.",
)
TOO_LONG = Text(
    f"Остановлено: роботы запустили друг друга {HOPS} раз подряд. Сделанное сохранено, дальше цепочка не пойдёт: проверьте "
    "правила, которые переводят и копируют эту сделку.",
    f"Stopped: robots set each other off {HOPS} times in a row. What is done stays, the chain goes no further: check the "
    "rules that move and copy this deal.",
)


def raise_all(session: Session, installation_id: int, deal: Deal, happenings: Sequence[Happening]) -> int:
    """Let the rules that answer fire, in their order, each once per cause; how many are new. Safe to repeat.

    In scope, in the caller's transaction, with the jobs that carry them out.
    """
    chart, book = charts.load(session), rules.load(session)
    if chart is None or not book.entries:
        return 0
    lacks = {rule.key: why for rule in book.rules if (why := standing.lack(rule, chart))}
    for entry in rules.pause(session, installation_id, lacks):
        jobs.enqueue(session, "robots.warn", installation_id=installation_id, rule_id=entry.id, deal_id=deal.id)
    made = 0
    for cause in dict.fromkeys(each.cause for each in happenings):
        ours = [each for each in happenings if each.cause == cause and not _is_rest(session, deal, each)]
        answers = {
            rule.key: number
            for number, each in enumerate(ours)
            for rule in matching.match(
                book.timed(None) if each.on == "due" else book.answering(each.at), each, deal, chart
            )
        }
        entries = [entry for entry in book.entries if entry.rule.key in answers]
        if entries:
            made += _raise(
                session, installation_id, deal, ours, [(one, answers[one.rule.key]) for one in entries], lacks
            )
    return made


def is_closed_as_duplicate(deal: Deal) -> bool:
    """Whether the deal's enquiry goes on in another one."""
    return deal.fields.get(REASON) == DUPLICATE


def _is_rest(session: Session, deal: Deal, happening: Happening) -> bool:
    """A deal that was joined to another one and closed is at rest: its closing is nobody's refusal. So is what a person took
    back by us."""
    if is_closed_as_duplicate(deal) or happening.hop == own_marks.TAKEN_BACK:
        return True
    if happening.firing is None:
        return False
    try:
        closed_by = firing_log.get(session, happening.firing)
        rule = rules.version(session, closed_by.rule_id).rule
    except NotFound:
        return False
    return closed_by.deal == deal.id and any(step.action == "join_open_deal" for step in rule.do)


def _raise(
    session: Session,
    installation_id: int,
    deal: Deal,
    happenings: Sequence[Happening],
    entries: Sequence[tuple[Entry, int]],
    lacks: Mapping[str, Text],
) -> int:
    cause_id = firing_log.open_cause(session, installation_id, deal, happenings)
    made, hops = 0, {happenings[number].hop for _, number in entries}
    ends = {hop: endless(session, deal.id, hop) for hop in hops}
    for entry, number in entries:
        stopped = ends[happenings[number].hop]
        why = stopped or lacks.get(entry.rule.key)
        state: State = "stopped" if stopped else "paused" if why else "due"
        firing_id = firing_log.open_firing(session, installation_id, cause_id, entry, number, why, state)
        if firing_id is not None:
            made += 1
            if state == "due":
                start(session, installation_id, firing_id, deal.id)
    if made:
        tell(session, installation_id, deal.id, cause_id)
    return made


def endless(session: Session, deal: str, hop: int) -> Text | None:
    """Why robots leave a deal alone: it would never come to rest. ``None`` where it does."""
    if hop >= HOPS:
        return TOO_LONG
    return WHIRLS.format(count=WHIRL) if stage_history.count_since(session, deal, now() - HOUR) > WHIRL else None


def start(session: Session, installation_id: int, firing_id: int, deal: str) -> None:
    """Have a firing carried out, after all that waits for the same deal."""
    jobs.enqueue(
        session,
        "robots.run",
        lock=deal_lock(installation_id, deal),
        queueing_lock=f"{installation_id}:firing:{firing_id}",
        installation_id=installation_id,
        firing_id=firing_id,
    )


def tell(session: Session, installation_id: int, deal: str, cause_id: int, at: datetime | None = None) -> None:
    """Have told what a cause set off, after all of it has been tried: its job is of the same lock."""
    lock = deal_lock(installation_id, deal)
    jobs.enqueue(session, "robots.tell", lock=lock, at=at, installation_id=installation_id, cause_id=cause_id)


def deal_lock(installation_id: int, deal: str) -> str:
    """What robots do to one deal is done one by one."""
    return f"{installation_id}:deal:{deal}"


def revive(session: Session, installation_id: int) -> int:
    """Start what was held up while the account could not be changed; how many there were. In scope."""
    held = firing_log.release(session)
    for firing in held:
        start(session, installation_id, firing.id, firing.deal)
    for deal, cause_id in dict.fromkeys((firing.deal, firing.cause_id) for firing in held):
        tell(session, installation_id, deal, cause_id)
    return len(held)


def again(session: Session, installation_id: int, firing_id: int) -> None:
    """Try a firing anew that failed, or whose rule had paused. In scope. Raises :class:`NotFound`."""
    start(session, installation_id, firing_id, firing_log.get(session, firing_id).deal)
