"""Whether a row of the page of health is well, worth a look or to be acted upon, and what it says to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from widget_backend.budget import Standing
from widget_backend.config import Rate
from widget_backend.inbox.losses import LossMeter
from widget_backend.jobs import Queue
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.tenancy.tokens import Tokens
from widget_backend.texts import Text
from widget_backend.wellbeing import lights, words
from widget_backend.wellbeing.checking import Checked
from widget_backend.wellbeing.facts import Facts
from widget_backend.wellbeing.lights import Light

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
WHY = Text("CRM отказала.", "The CRM refused.")


def ago(**span: float) -> datetime:
    return NOW - timedelta(**span)


INFO = InstallationInfo(
    *(7, "bitrix24", "b1", "boris.example", "https://boris.example", "active", "ru", {}),
    *("token", ago(days=9), NOW, ago(days=8), None),
)
PAIR = Tokens("a", "r", NOW + timedelta(hours=1), ago(minutes=20), 3)
WELL = Facts(
    *(NOW, INFO, ZoneInfo("Europe/Moscow"), True, PAIR, ago(minutes=2), ago(minutes=1), None),
    *(LossMeter(500, 1), 0, Queue(1, 1, 0.4, 1.0), 0, Standing(0.0, 0.0, 50), Rate(2.0, 50), 120, 0, 30, 2, ()),
    *(Checked(ago(hours=2), 140, None, 5, 0), ago(minutes=2)),
)
#: nobody works in the CRM: it tells nothing, and comparing finds nothing
IDLE: dict[str, Any] = {"told_at": None, "changed_at": None, "losses": LossMeter(0, 0)}


def light(key: str, **changed: Any) -> Light:
    """One row, where all is well but for this."""
    return next(one for one in lights.lights(replace(WELL, **changed)) if one.key == key)


def test_where_all_is_well_there_is_nothing_to_do() -> None:
    shown = lights.lights(WELL)

    assert [one.key for one in shown] == list(words.NAMES)
    assert {(one.level, one.do) for one in shown} == {("ok", None)}
    assert lights.worst(shown) == "ok"


@pytest.mark.parametrize(
    ("key", "changed", "level"),
    [
        ("access", {"info": replace(INFO, status="reconnect")}, "act"),
        ("access", {"info": replace(INFO, status="paused")}, "act"),
        ("access", {"pair": None}, "act"),
        ("access", {"pair": replace(PAIR, refreshed_at=ago(days=170))}, "look"),
        ("set_up", {"info": replace(INFO, activated_at=None)}, "look"),
        ("set_up", {"is_set_up": False}, "look"),
        ("subscriptions", {"checked": None}, "ok"),
        ("subscriptions", {"checked": None, "told_at": None}, "look"),
        ("subscriptions", {"checked": Checked(NOW, 90, WHY)}, "act"),
        ("subscriptions", {"checked": Checked(NOW, 90, None, 5, 1)}, "act"),
        ("subscriptions", {"checked": Checked(ago(days=8), 90, None, 5, 0)}, "ok"),
        ("subscriptions", {"checked": Checked(ago(days=8), 90, None, 5, 0), "told_at": ago(hours=25)}, "look"),
        ("events", {"told_at": None}, "look"),
        ("events", {"told_at": ago(hours=25)}, "look"),
        ("events", {"told_at": None, "is_set_up": False}, "ok"),
        ("events", {"told_at": ago(hours=60), "changed_at": ago(hours=60)}, "ok"),
        ("events", {"told_at": ago(hours=60), "changed_at": ago(hours=59)}, "look"),
        ("events", {**IDLE, "looked_at": ago(minutes=11)}, "look"),
        ("events", {**IDLE, "refusal": (ago(hours=1), WHY)}, "look"),
        ("compared", {"looked_at": None}, "look"),
        ("compared", {"looked_at": ago(minutes=11)}, "look"),
        ("compared", {"looked_at": ago(minutes=61)}, "act"),
        ("compared", {"refusal": (ago(hours=1), WHY)}, "act"),
        ("compared", {"looked_at": None, "is_set_up": False}, "ok"),
        ("losses", {"losses": LossMeter(0, 0)}, "ok"),
        ("losses", {"losses": LossMeter(1, 10)}, "ok"),
        ("losses", {"losses": LossMeter(95, 5)}, "look"),
        ("losses", {"losses": LossMeter(80, 20)}, "act"),
        ("queue", {"queue": Queue(9, 6, 121.0, 1.0)}, "look"),
        ("queue", {"queue": Queue(9, 6, 901.0, 1.0)}, "act"),
        ("queue", {"queue": Queue(0, 0, 0.0, None)}, "act"),
        ("queue", {"queue": Queue(0, 0, 0.0, 61.0)}, "act"),
        ("stopped", {"stopped": 3}, "act"),
        ("limits", {"budget": Standing(26.0, 0.0, 0)}, "ok"),
        ("limits", {"budget": Standing(90.0, 0.0, 0)}, "look"),
        ("limits", {"budget": Standing(0.0, 61.0, 50)}, "look"),
        ("rules", {"paused": (Text("Копия", "Copy"),)}, "act"),
        ("rules", {"info": replace(INFO, settings={"halted": {"by": "7"}})}, "look"),
        ("compared", {"info": replace(INFO, settings={"halted": {"by": "7"}}), "looked_at": ago(days=2)}, "ok"),
    ],
)
def test_a_row_says_how_it_is(key: str, changed: dict[str, Any], level: str) -> None:
    shown = light(key, **changed)

    assert shown.level == level
    assert (shown.do is None) == (level == "ok")


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (ago(seconds=30), "just now"),
        (ago(minutes=59), "59 min ago"),
        (ago(hours=23), "23 h ago"),
        (ago(days=3), "3 d ago"),
    ],
)
def test_how_long_ago_is_told_in_the_largest_unit(at: datetime, said: str) -> None:
    assert f"The last event {said}:" in light("events", told_at=at).said[0].en


def test_a_clinic_that_is_well_looks_well_though_nobody_has_worked_yet_or_pressed_anything() -> None:
    shown = lights.lights(replace(WELL, **IDLE, checked=None, info=replace(INFO, activated_at=ago(hours=15))))

    assert {one.key: one.level for one in shown if one.level != "ok"} == {}
    assert "There was no event yet" in [said.en for one in shown for said in one.said]


def test_of_a_clinic_just_set_up_nothing_is_missed_yet() -> None:
    fresh = {"info": replace(INFO, activated_at=ago(minutes=5)), "told_at": None, "looked_at": None, "checked": None}

    assert [light(key, **fresh).level for key in ("events", "compared", "subscriptions")] == ["ok", "ok", "ok"]


def test_the_worst_row_counts() -> None:
    look, act = Light("a", "look", ()), Light("b", "act", ())

    assert (lights.worst((look,)), lights.worst((look, act))) == ("look", "act")


def test_a_share_is_told_in_the_words_of_each_language() -> None:
    said = light("losses", losses=LossMeter(97, 3)).said[0]

    assert ("3,0 %" in said.ru, "3.0 %" in said.en) == (True, True)
