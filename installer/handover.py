"""What the set-up hands over to the daily work: the chart of the account, the rules, the clinic's hours. Safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from installer.charting import chart
from installer.preset.preset import Preset
from installer.preset.ruleset import working_rules, working_tasks
from installer.workplace import Survey
from widget_backend.crm import charts
from widget_backend.crm.model import Capabilities
from widget_backend.robots import rules
from widget_backend.tenancy import installations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

#: types of the settings that the daily work asks for, by their keys
DAILY: Final = frozenset({"choice", "hours"})


def hand_over(session: Session, preset: Preset, seen: Survey, can: Capabilities) -> None:
    """In scope of the installation that was surveyed; what was handed over before is replaced."""
    charts.save(session, seen.installation_id, chart(preset, seen.snapshot, seen.bindings, can))
    told = {setting.key: setting.value for setting in preset.settings}
    works, tasks = working_rules(preset), working_tasks(preset)
    rules.replace(session, seen.installation_id, preset.key, preset.version, works, tasks, told)
    daily = {setting.key: _plain(setting.value) for setting in preset.settings if setting.type in DAILY}
    before = installations.get(session, seen.installation_id).settings.get("handed", {})
    installations.configure(session, seen.installation_id, preset=preset.key, handed=daily, **changed(before, daily))


def changed(before: Mapping[str, Any], daily: Mapping[str, Any]) -> dict[str, Any]:
    """What the set-up says otherwise than the last time: the rest may have been changed in the settings since, and stays."""
    return {key: value for key, value in daily.items() if key not in before or before[key] != value}


def _plain(value: Any) -> Any:
    """A value as JSON gives it back."""
    return list(value) if isinstance(value, tuple) else value


def take_back(session: Session, installation_id: int) -> None:
    """After a rollback nothing is done by itself any more; the clinic's own rules and what was done stay."""
    rules.replace(session, installation_id, "", "", (), ())
