"""What is known here of a deal, read in one transaction; the CRM is not asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from widget_backend.clock import now
from widget_backend.crm import charts
from widget_backend.crm.chart import Chart, ChartStage
from widget_backend.deals import deal_state, routing, stage_history
from widget_backend.deals.clinic import ZONE, team
from widget_backend.deals.copying import lineage
from widget_backend.deals.copying.lineage import Family
from widget_backend.deals.deal_state import DealState
from widget_backend.deals.routing import Decision
from widget_backend.deals.stage_history import Transition
from widget_backend.robots import firing_log, rules, timers
from widget_backend.robots.firing_log import Firing
from widget_backend.robots.rules import Rulebook
from widget_backend.robots.timers import Timer
from widget_backend.texts import Text

#: the CRM's number of a deal, as the API takes it too
DEAL: Final = re.compile(r"[1-9][0-9]{0,14}")
#: runs of robots that one deal's page looks at
RUNS = 60


@dataclass(frozen=True)
class Known:
    """``chart``: ``None`` before the set-up; ``states``: of all deals of the family; ``runs``: the newest first; ``named``:
    what the rules of ``runs`` were called then; ``team``: user -> name."""

    deal: str
    at: datetime
    zone: ZoneInfo
    chart: Chart | None
    states: Mapping[str, DealState]
    steps: Sequence[Transition]
    family: Family
    decisions: Sequence[Decision]
    runs: Sequence[Firing]
    named: Mapping[int, Text]
    timers: Sequence[Timer]
    book: Rulebook
    team: Mapping[str, str]

    @property
    def state(self) -> DealState | None:
        """The deal as it was last read."""
        return self.states.get(self.deal)

    @property
    def stage(self) -> ChartStage | None:
        """Where the deal stands, if that is a stage of the chart."""
        return self.chart.stage_of_id.get(self.state.stage) if self.chart and self.state else None

    @property
    def is_empty(self) -> bool:
        """Nothing was ever heard of the deal."""
        return not (self.state or self.steps or self.family.ties or self.decisions)


def read(session: Any, settings: Mapping[str, Any], deal: str) -> Known:
    """All of it, in scope. ``settings``: of the installation."""
    family = lineage.tree(session, deal)
    runs = firing_log.runs(session, deal=deal, limit=RUNS)
    return Known(
        deal,
        now(),
        ZoneInfo(str(settings.get("time_zone", ZONE))),
        charts.load(session),
        deal_state.load_all(session, [*family.deals, deal]),
        stage_history.history(session, deal),
        family,
        routing.decisions(session, deal),
        runs,
        names_of(session, runs),
        timers.waiting(session, deal=deal, limit=5),
        rules.load(session),
        names(settings),
    )


def names(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """User -> name, of those the clinic or its CRM has told us of."""
    told = {member.user: member.name for member in team(settings.get("team", ())) if member.name}
    return {**settings.get("people", {}), **told}


def names_of(session: Any, runs: Sequence[Firing]) -> Mapping[int, Text]:
    """Version of a rule -> what it was called then."""
    found = rules.names_of(session, {run.rule_id for run in runs})
    return {run.rule_id: found.get(run.rule_id, Text(run.rule_key, run.rule_key)) for run in runs}
