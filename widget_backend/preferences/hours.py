"""Hours: when the clinic works and by which clock; terms of tasks and of deals that wait are counted in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from widget_backend.deals.clinic import HOURS, ZONE
from widget_backend.fields import Field
from widget_backend.preferences import forms, versions, words
from widget_backend.preferences.forms import Form, Sent, Wrong
from widget_backend.tenancy import installations
from widget_backend.texts import Language, Text
from widget_backend.zones import ZONES, city


def form(settings: Mapping[str, Any], language: Language, sent: Sent | None = None, version: str = "") -> Form:
    """The form as kept, or as it was sent."""
    lines, zone = _kept(settings)
    if sent is None:
        return _form(forms.hours_in(language, lines), zone, versions.version([*lines, zone]), {})
    return _form(forms.one(sent, "hours"), forms.one(sent, "zone"), version, _problems(sent))


def save(session: Any, installation_id: int, sent: Sent, version: str) -> Text:
    """Keep the hours, in the caller's transaction. Raises :class:`Wrong`, :class:`Stale`."""
    problems = _problems(sent)
    if problems:
        raise Wrong(problems)
    lines, zone = _kept(installations.get(session, installation_id).settings)
    versions.check([*lines, zone], version)
    typed, chosen = forms.lines(sent, "hours"), forms.one(sent, "zone")
    installations.configure(session, installation_id, working_hours=typed, time_zone=chosen)
    return words.HOURS_SAVED


def _kept(settings: Mapping[str, Any]) -> tuple[Sequence[str], str]:
    return list(settings.get("working_hours", HOURS)), str(settings.get("time_zone", ZONE))


def _problems(sent: Sent) -> dict[str, Text]:
    found, typed = {}, forms.lines(sent, "hours")
    if not typed or not forms.are_hours(typed):
        found["hours"] = words.NO_HOURS
    if forms.one(sent, "zone") not in available_timezones():
        found["zone"] = words.NO_ZONE
    return found


def _form(typed: str, zone: str, version: str, wrong: Mapping[str, Text]) -> Form:
    extra = ((zone, city(zone)),) if zone and zone not in ZONES and zone in available_timezones() else ()
    fields = (
        Field("hours", words.HOURS, "long", typed, error=wrong.get("hours"), hint=words.HOURS_HINT),
        Field("zone", words.ZONE, "choice", zone, ((None, (*ZONES.items(), *extra)),), wrong.get("zone")),
    )
    return Form(fields, version, wrong)
