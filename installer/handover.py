"""What the set-up hands over to the daily work: the chart of the account, the rules, the clinic's hours. Safe to repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.charting import chart
from installer.preset.preset import Preset
from installer.workplace import Survey
from widget_backend.crm import charts
from widget_backend.crm.model import Capabilities
from widget_backend.tenancy import installations

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def hand_over(session: Session, preset: Preset, seen: Survey, can: Capabilities) -> None:
    """In scope of the installation that was surveyed; what was handed over before is replaced."""
    charts.save(session, seen.installation_id, chart(preset, seen.snapshot, seen.bindings, can))
    hours = [setting.value for setting in preset.settings if setting.type == "hours"]
    installations.configure(session, seen.installation_id, preset=preset.key, working_hours=hours[0] if hours else ())
