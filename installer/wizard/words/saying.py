"""Numbers, spans and moments in words. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from installer.wizard.words import general
from installer.wizard.words.plural import counted
from widget_backend.texts import Text

MOSCOW = timezone(timedelta(hours=3), "МСК")


def changes(count: int) -> Text:
    """«42 изменения»."""
    return counted(count, general.CHANGE_NOUN)


def objects(count: int) -> Text:
    """«42 объекта»."""
    return counted(count, general.OBJECT)


def questions(count: int) -> Text:
    """«3 вопроса»."""
    return counted(count, general.QUESTION)


def names(texts: tuple[Text, ...], most: int = 6) -> Text:
    """«“A”, “B” и ещё 3»."""
    rest = len(texts) - most
    more = Text(f" и ещё {rest}", f" and {rest} more") if rest > 0 else Text("", "")
    russian, english = ("«{}»".format("», «".join(t.into(code) for t in texts[:most])) for code in ("ru", "en"))
    return Text(russian + more.ru, english.replace("«", "“").replace("»", "”") + more.en)


def span(seconds: int) -> Text:
    """«1 мин 20 с»."""
    minutes, rest = divmod(max(0, seconds), 60)
    if seconds < 1:
        return Text("меньше секунды", "less than a second")
    if not minutes:
        return Text(f"{rest}\u00a0с", f"{rest}\u00a0s")
    return Text(f"{minutes}\u00a0мин {rest:02}\u00a0с", f"{minutes}\u00a0min {rest:02}\u00a0s")


def moment(at: datetime) -> Text:
    """«22.11.2026 09:00 (МСК)»."""
    there = at.astimezone(MOSCOW)
    return Text(f"{there:%d.%m.%Y %H:%M} (МСК)", f"{at:%d %b %Y %H:%M} UTC")
