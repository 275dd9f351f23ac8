"""Lights: what is known of an installation as rows, each well, worth a look or to be acted upon, with what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from widget_backend.inbox import messages
from widget_backend.panel import telling
from widget_backend.tenancy import standing
from widget_backend.texts import Text
from widget_backend.wellbeing import words
from widget_backend.wellbeing.facts import Facts

Level = Literal["ok", "look", "act"]

#: how long a pair of tokens that nobody renews lives (amocrm.md §1.3, bitrix24.md §1.4)
LIFE: Final[Mapping[str, timedelta]] = {"amocrm": timedelta(days=90), "bitrix24": timedelta(days=180)}
#: before its end
NEAR_END: Final = timedelta(days=14)
#: a clinic at work hears of its deals more often
QUIET: Final = timedelta(days=1)
#: an event and the change it tells of, by the CRM's clock and ours
SAME: Final = timedelta(minutes=5)
#: the account's memory is looked through every three minutes
LATE: Final = timedelta(minutes=10)
VERY_LATE: Final = timedelta(hours=1)
#: shares of changes that the CRM did not tell of; of fewer changes nothing can be said
FEW_LOST: Final = 0.01
MANY_LOST: Final = 0.1
ENOUGH: Final = 20
#: seconds that the oldest job waits; seconds after which no worker is alive
SLOW: Final = 120
STUCK: Final = 900
DEAD: Final = 60
#: seconds until the account may be asked at full rate again
CROWDED: Final = 60
#: a check that is so old says little where no events come
STALE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Light:
    """One row. ``said``: how it is; ``do``: what to do about it, ``None`` where nothing is; ``to``: the tab that helps."""

    key: str
    level: Level
    said: tuple[Text, ...]
    do: Text | None = None
    to: str = ""


def lights(known: Facts) -> tuple[Light, ...]:
    """All rows, in the order of the page."""
    return tuple(row(known) for row in ROWS)


def worst(shown: tuple[Light, ...]) -> Level:
    """Of all rows."""
    levels = {one.level for one in shown}
    return "act" if "act" in levels else "look" if "look" in levels else "ok"


def _access(known: Facts) -> Light:
    held = standing.SCREENS.get(known.info.status)
    if held:
        return Light("access", "act", (held[0],), held[1])
    if known.pair is None:
        return Light("access", "act", (standing.RECONNECT[0],), standing.RECONNECT[1])
    ends = known.pair.refreshed_at + LIFE.get(known.info.vendor, timedelta(days=90))
    said = (
        words.ACCESS_UNTIL.format(at=_when(known, known.pair.expires_at)),
        words.RENEWED.format(at=_when(known, known.pair.refreshed_at), ends=_when(known, ends)),
    )
    if ends - known.at < NEAR_END:
        return Light("access", "look", said, words.ACCESS_ENDS)
    return Light("access", "ok", said)


def _set_up(known: Facts) -> Light:
    if known.info.activated_at is None or not known.is_set_up:
        return Light("set_up", "look", (words.NOT_SET_UP,), words.FINISH_SET_UP, "wizard")
    return Light("set_up", "ok", (words.SET_UP.format(at=_when(known, known.info.activated_at)),))


def _events(known: Facts) -> Light:
    if not known.is_set_up:
        return Light("events", "ok", (words.LATER,))
    if known.told_at is None and known.is_fresh:
        return Light("events", "ok", (words.NO_EVENTS_YET,))
    said = words.NO_EVENTS_YET if _is_young(known) else words.NO_EVENTS
    if known.told_at is not None:
        said = words.LAST_EVENT.format(ago=_ago(known, known.told_at), at=_when(known, known.told_at))
    if known.told_at is not None and known.at - known.told_at <= QUIET:
        return Light("events", "ok", (said,))
    if _nothing_to_tell(known):
        return Light("events", "ok", (said, words.QUIET))
    return Light("events", "look", (said,), words.WHY_NO_EVENTS)


def _is_young(known: Facts) -> bool:
    """Whether it was set up within the time that events are kept."""
    since = known.info.activated_at
    return since is not None and known.at - since < messages.LIFE


def _nothing_to_tell(known: Facts) -> bool:
    """Whether the CRM's own memory, looked through just now, holds no change after its last event: nobody worked there."""
    is_known = known.looked_at is not None and known.at - known.looked_at <= LATE and known.refusal is None
    since = known.told_at or known.info.activated_at
    return is_known and (known.changed_at is None or (since is not None and known.changed_at <= since + SAME))


def _compared(known: Facts) -> Light:
    if known.is_halted:
        return Light("compared", "ok", (words.AT_REST,))
    if not known.is_set_up:
        return Light("compared", "ok", (words.LATER,))
    if known.refusal:
        since, why = known.refusal
        return Light("compared", "act", (words.REFUSED.format(at=_when(known, since)), why), words.ASK_ADMIN)
    if known.looked_at is None and known.is_fresh:
        return Light("compared", "ok", (words.COMPARED_SOON,))
    if known.looked_at is None:
        return Light("compared", "look", (words.NEVER_COMPARED,), words.WAIT_MINUTES)
    said = (words.COMPARED.format(ago=_ago(known, known.looked_at), at=_when(known, known.looked_at)),)
    late = known.at - known.looked_at
    if late > VERY_LATE:
        return Light("compared", "act", said, words.ASK_SUPPORT)
    return Light("compared", "look", said, words.WAIT_MINUTES) if late > LATE else Light("compared", "ok", said)


def _losses(known: Facts) -> Light:
    meter = known.losses
    changes = meter.told + meter.found_late
    if not changes:
        return Light("losses", "ok", (words.NO_CHANGES,))
    percent = f"{meter.share * 100:.1f}"
    share = Text(percent.replace(".", ","), percent)
    said = (words.LOST_SHARE.format(late=meter.found_late, all=changes, share=share),)
    if changes < ENOUGH or meter.share <= FEW_LOST:
        return Light("losses", "ok", said)
    return Light("losses", "act" if meter.share > MANY_LOST else "look", said, words.WHY_LOST)


def _queue(known: Facts) -> Light:
    waits, queue = known.queue.oldest_wait, known.queue
    said: tuple[Text, ...] = (words.QUEUE.format(waiting=queue.waiting, running=queue.running, unread=known.unread),)
    said += (words.OLDEST.format(seconds=int(waits)),) if queue.waiting else ()
    if queue.beat is None or queue.beat > DEAD:
        return Light("queue", "act", (*said, words.NO_WORKER), words.ASK_SUPPORT)
    if waits > STUCK:
        return Light("queue", "act", said, words.ASK_SUPPORT)
    return Light("queue", "look", said, words.WAIT_MINUTES) if waits > SLOW else Light("queue", "ok", said)


def _stopped(known: Facts) -> Light:
    if not known.stopped:
        return Light("stopped", "ok", (words.NOTHING_STOPPED,))
    return Light("stopped", "act", (words.STOPPED.format(count=known.stopped),), words.TRY_AGAIN, "journal")


def _limits(known: Facts) -> Light:
    budget, rate = known.budget, known.rate
    speed = f"{rate.per_second:g}"
    said: tuple[Text, ...] = (
        words.LIMITS.format(free=budget.free, burst=rate.burst, speed=Text(speed.replace(".", ","), speed)),
        words.LAST_HOUR.format(sent=known.sent, failed=known.failed),
    )
    wait = max(budget.held, budget.ahead - rate.burst / rate.per_second)
    if wait > 1:
        said += (words.WAITS.format(seconds=int(wait)),)
    return Light("limits", "look", said, words.CRM_BUSY) if wait > CROWDED else Light("limits", "ok", said)


def _subscriptions(known: Facts) -> Light:
    last = known.checked
    if last is None and (known.is_fresh or _events(known).level == "ok"):
        return Light("subscriptions", "ok", (words.JUST_SET_UP,))
    if last is None:
        return Light("subscriptions", "look", (words.NEVER_CHECKED,), words.CHECK_IT)
    at = _when(known, last.at)
    if last.fault:
        return Light("subscriptions", "act", (words.CHECK_FAILED.format(at=at), last.fault), words.CHECK_AGAIN)
    said: tuple[Text, ...] = (words.CHECKED.format(at=at, ms=last.milliseconds),)
    if last.missing:
        gone = words.SUBSCRIPTIONS_GONE.format(missing=last.missing, wanted=last.wanted)
        return Light("subscriptions", "act", (*said, gone), words.RESTORE, "wizard")
    said += (words.SUBSCRIPTIONS.format(wanted=last.wanted),)
    if known.at - last.at > STALE and _events(known).level != "ok":
        return Light("subscriptions", "look", said, words.CHECK_AGAIN)
    return Light("subscriptions", "ok", said)


def _rules(known: Facts) -> Light:
    if known.is_halted:
        return Light("rules", "look", (words.HALTED,), words.GO_ON, "settings")
    said = (words.RULES.format(on=known.rules - known.off - len(known.paused), off=known.off),)
    if not known.paused:
        return Light("rules", "ok", said)
    names = Text("; ".join(one.ru for one in known.paused), "; ".join(one.en for one in known.paused))
    return Light("rules", "act", (*said, words.PAUSED.format(names=names)), words.MEND_RULES, "rules")


#: row -> how it is
ROWS: Final[tuple[Callable[[Facts], Light], ...]] = (
    *(_access, _set_up, _subscriptions, _events, _compared, _losses),
    *(_queue, _stopped, _limits, _rules),
)


def _when(known: Facts, at: datetime) -> Text:
    return telling.moment(at, known.zone)


def _ago(known: Facts, at: datetime) -> Text:
    """The largest unit that fits."""
    seconds = max(0.0, (known.at - at).total_seconds())
    return next(_spans(seconds))


def _spans(seconds: float) -> Iterator[Text]:
    for size, unit in words.UNITS:
        if seconds >= size:
            yield unit.format(count=int(seconds // size))
    yield words.JUST_NOW
