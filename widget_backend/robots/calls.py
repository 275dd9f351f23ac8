"""Calls: the robots that the clinic places on stages itself, and the CRM calls: they answer with what their step returns.

The same call told twice is answered once. A rule of the clinic's own may answer a call too. Robots that the clinic has put in
each other's way end like rules that do: a deal that robots alone have led here goes no further.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from widget_backend.clock import now
from widget_backend.crm.asking import CallBack, Deals, DealsOf, Notify, UpdateDeal, Write
from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.crm.records import Deal, FieldValue, RobotCall
from widget_backend.db import scope
from widget_backend.deals import copying, own_marks, stage_history
from widget_backend.deals.clinic import Clinic
from widget_backend.deals.effects import Effects
from widget_backend.deals.routing.routing import route
from widget_backend.errors import AppError, Conflict, NotFound, RateLimited, Unavailable
from widget_backend.robots import firings, naming
from widget_backend.robots.facts import GONE
from widget_backend.robots.happenings import Called, of_call
from widget_backend.texts import Text

NO_STAGE = Text(
    "Этап «{stage}» не найден. Ничего не изменено: откройте настройку робота и выберите этап.",
    "The stage “{stage}” was not found. Nothing was changed: open the robot's settings and choose a stage.",
)
NO_DEAL = Text(
    "У пациента нет открытой сделки. Ничего не сделано: запустите бота в сделке.",
    "The patient has no open deal. Nothing was done: start the bot in a deal.",
)
MANY_DEALS = Text(
    "У пациента несколько открытых сделок, и неизвестно, о какой речь. Ничего не сделано: запустите бота в сделке.",
    "The patient has several open deals, and it is not known which is meant. Nothing was done: start the bot in a deal.",
)
NO_ROBOT = Text(
    "Робота «{robot}» в приложении нет. Ничего не изменено: уберите его с этапа или обновите приложение.",
    "The application has no robot “{robot}”. Nothing was changed: take it off the stage or update the application.",
)
COMPLETE = Text("Все обязательные поля заполнены.", "All required fields are filled in.")
MISSING = Text("Не заполнено: {fields}.", "Not filled in: {fields}.")
AWAKE = Text("Сделка переведена на {stage}.", "The deal was moved to {stage}.")
STANDS = Text("Сделка уже на {stage}.", "The deal is at {stage} already.")
WOKEN = Text("Отложенная сделка снова в работе", "A parked deal is back at work")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a robot returns. ``writes``: what it does besides, sent before the answer; ``hop``: of those;
    ``failed``: it could not do what it is for."""

    values: Mapping[str, str] = field(default_factory=dict)
    words: Text = field(default=Text("", ""))
    writes: tuple[Write, ...] = ()
    hop: int = 0
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A call being answered. ``cause``: by which what it does is done once."""

    clinic: Clinic
    call: RobotCall
    deal: Deal
    effects: Effects

    @property
    def cause(self) -> str:
        """Of all it does."""
        return f"call:{self.call.key}"[:150]


def answer(clinic: Clinic, call: RobotCall) -> None:
    """Do what the robot is for and give its result back. Safe to repeat.

    What cannot be done is the answer, in words: a CRM that waits is never left waiting. Raises :class:`VendorError` where it
    is to be tried again. No transaction may be open.
    """
    with scope(clinic.id):
        key = f"call:{call.key}"[:150]
        if Effects(clinic).carry_out(key, ()):
            return
        reply = _reply(clinic, call)
        if reply is None:
            return
        told = CallBack(call.reply, reply.values, clinic.say(reply.words), reply.failed)
        back = (told,) if call.reply else ()
        Effects(clinic, reply.hop).carry_out(key, [*reply.writes, *back])


def _reply(clinic: Clinic, call: RobotCall) -> Reply | None:
    """``None`` where rules of the clinic's own answer, in their jobs."""
    try:
        deal = _deal(clinic, call)
        hop, endless = _hop(clinic, deal)
        fired = _fire(clinic, call, deal, hop)
        if call.code in ROBOTS and endless:
            return Reply(words=endless, failed=True)
        if call.code in ROBOTS:
            effects = Effects(clinic, hop + 1)
            return replace(ROBOTS[call.code](Call(clinic, call, deal, effects)), hop=effects.hop)
    except (RateLimited, Unavailable):
        raise
    except AppError as error:
        return Reply(words=error.message, failed=True)
    return None if fired else Reply(words=NO_ROBOT.format(robot=call.code), failed=True)


def _deal(clinic: Clinic, call: RobotCall) -> Deal:
    """The deal it is about; of a bot that talks to a patient, his open one. Raises :class:`NotFound`, :class:`Conflict`."""
    wanted = Deals((call.deal,)) if call.deal else DealsOf(call.contact)
    found = clinic.records.read(wanted)[wanted]
    if not found:
        raise NotFound(GONE if call.deal else NO_DEAL)
    if len(found) > 1:
        raise Conflict(MANY_DEALS)
    return found[0]


def _fire(clinic: Clinic, call: RobotCall, deal: Deal, hop: int) -> int:
    """Rules that wait for this robot; how many."""
    with clinic.database.transaction() as session:
        return firings.raise_all(session, clinic.id, deal, (of_call(call, now(), hop),))


def _hop(clinic: Clinic, deal: Deal) -> tuple[int, Text | None]:
    """How many robots led here, and why it ends here if it does. A robot that stands on a stage goes on with the chain that
    brought the deal there; the CRM may call it before it tells of the deal itself."""
    with clinic.database.transaction() as session:
        steps = stage_history.history(session, deal.id)
        here = steps[-1] if steps and steps[-1].to_stage == deal.stage else None
        came = here or own_marks.coming(session, deal.id, deal.stage, "" if steps else deal.marker)
        hop = came.hop if came else 0
        return hop, firings.endless(session, deal.id, hop)


def release(clinic: Clinic, called: Called) -> None:
    """Let a CRM go on that waited for rules, whatever became of them: an answer they gave before stands."""
    if called.reply:
        Effects(clinic).carry_out(f"{called.cause}:released"[:150], [CallBack(called.reply)])


def _route_patient(call: Call) -> Reply:
    routed = route(call.clinic, call.deal, call.cause, effects=call.effects)
    return Reply({"visit_type": routed.kind, "reason": call.clinic.say(routed.reason)}, routed.reason)


def _copy_deal(call: Call) -> Reply:
    stage = _stage(call)
    copied = copying.copy(call.clinic, call.deal, stage.address, call.cause, effects=call.effects)
    return Reply({"deal_id": copied.deal}, copied.reason)


def _check_fields(call: Call) -> Reply:
    missing = missing_fields(call.clinic.chart, call.deal, call.call.given.get("fields", ""))
    words = MISSING.format(fields=", ".join(missing)) if missing else COMPLETE
    return Reply({"complete": "N" if missing else "Y", "missing": ", ".join(missing)}, words)


def missing_fields(chart: Chart, deal: Deal, chosen: str = "") -> tuple[str, ...]:
    """Names of the fields that are empty, of those that the deal's stage requires, or of ``chosen`` ones: addresses or names,
    separated by commas. Pure."""
    stage, named = chart.stage_of_id.get(deal.stage), {part.strip() for part in chosen.split(",") if part.strip()}
    here = stage.address if stage else ""
    asked = [one for one in chart.fields_of("deal") if not named.isdisjoint({one.address, one.name})]
    required = asked if named else [one for one in chart.fields_of("deal") if here and here in one.required_at]
    return tuple(one.name for one in required if _is_empty(deal.fields.get(one.address)))


def _is_empty(value: FieldValue) -> bool:
    return value is None or value in ("", ())


def _wake_deal(call: Call) -> Reply:
    stage = _stage(call)
    where = naming.quoted(naming.stage(call.clinic.chart, stage.id))
    if call.deal.stage == stage.id:
        return Reply(words=STANDS.format(stage=where))
    told = call.deal.responsible or call.clinic.owner
    notice = (Notify(told, call.deal.id, call.clinic.say(WOKEN)),) if told else ()
    moved = UpdateDeal(call.deal.id, stage.id, stage.pipeline_id, leaves=call.deal.stage)
    return Reply(words=AWAKE.format(stage=where), writes=(moved, *notice))


def _stage(call: Call) -> ChartStage:
    """The stage the clinic filled in: an address, the CRM's id, or its name. Raises :class:`Conflict`."""
    given = call.call.given.get("stage", "").strip()
    chart = call.clinic.chart
    by_name = [each for each in chart.stages if given in (each.name, naming.stage(chart, each.id))]
    found = chart.stage.get(given) or chart.stage_of_id.get(given) or (by_name[0] if len(by_name) == 1 else None)
    if found is None or not found.address:
        raise Conflict(NO_STAGE.format(stage=given))
    return found


ROBOTS: Final[Mapping[str, Callable[[Call], Reply]]] = {
    "route_patient": _route_patient,
    "copy_deal": _copy_deal,
    "check_fields": _check_fields,
    "wake_deal": _wake_deal,
}
