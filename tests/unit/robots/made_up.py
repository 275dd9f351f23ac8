"""Made-up rules, conditions and happenings, for laws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from widget_backend.crm.chart import Chart, ChartPipeline, ChartStage
from widget_backend.crm.records import Deal
from widget_backend.robots.conditions import UNKNOWN
from widget_backend.robots.happenings import Changed, Created, Entered, Incoming, Left
from widget_backend.robots.rule import Condition, Rule, Step, Trigger
from widget_backend.texts import Text

AT = datetime(2026, 11, 25, 9, tzinfo=UTC)
NAMES = ("a", "b", "c", "d")
STAGES = tuple(
    ChartStage(f"stage.{home}.{name}", f"{home}{name}", f"pipeline.{home}", home, kind, name, place)
    for home in ("x", "y")
    for place, (name, kind) in enumerate(zip(NAMES, ("open", "open", "won", "lost"), strict=True))
)
CHART = Chart(stages=STAGES, pipelines=(ChartPipeline("pipeline.x", "x", "X"), ChartPipeline("pipeline.y", "y", "Y")))
ADDRESSES = tuple(stage.address for stage in STAGES)
DEAL = Deal("759", "Приём", "x", "xa")


@dataclass(frozen=True)
class Known:
    """Facts by name."""

    values: Mapping[str, Any]

    def of(self, what: str) -> Any:
        return self.values.get(what, UNKNOWN)


values = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.decimals(-3, 3, places=1), st.sampled_from(["", "x", "y"])
)
facts = st.builds(Known, st.dictionaries(st.sampled_from(NAMES), values))
comparisons = st.builds(
    Condition,
    what=st.sampled_from(NAMES),
    op=st.sampled_from(["equals", "differs", "more", "less", "filled", "empty"]),
    value=st.one_of(st.booleans(), st.integers(-3, 3), st.sampled_from(["x", "y"])),
)
conditions = st.recursive(
    comparisons,
    lambda parts: st.one_of(
        st.builds(lambda some: Condition(every=tuple(some)), st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda some: Condition(some=tuple(some)), st.lists(parts, min_size=1, max_size=3)),
        st.builds(lambda one: Condition(denied=one), parts),
    ),
    max_leaves=8,
)
places = st.lists(
    st.sampled_from([*ADDRESSES, "any", "open", "won", "lost", "pipeline.x"]), min_size=1, max_size=3
).map(tuple)
steps = st.one_of(
    st.builds(
        Step, st.sampled_from(["copy_deal", "create_deal", "move_deal", "join_open_deal"]), st.sampled_from(ADDRESSES)
    ),
    st.builds(
        Step,
        st.just("move_patient_deal"),
        st.sampled_from(ADDRESSES),
        st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2).map(tuple),
    ),
    st.just(Step("copy_deal", "origin")),
    st.just(Step("add_note", text=Text("Слова", "Words"))),
)
instant = st.builds(Trigger, st.sampled_from(["created", "entered", "left"]), places)
triggers = st.one_of(
    instant,
    st.builds(Trigger, st.just("changed"), st.one_of(st.just(()), places), field=st.just("field.deal.branch")),
    st.builds(Trigger, st.just("incoming"), places, st.just(("call",))),
)


@st.composite
def rulesets(draw: Any, of: Any = triggers, most: int = 6) -> tuple[Rule, ...]:
    made = draw(st.lists(st.tuples(of, st.lists(steps, min_size=1, max_size=2)), max_size=most))
    return tuple(Rule(f"r{number}", Text("Правило", "Rule"), when, tuple(do)) for number, (when, do) in enumerate(made))


ids = st.sampled_from([stage.id for stage in STAGES])
happenings = st.one_of(
    st.builds(Created, cause=st.just("t:1"), at=st.just(AT), stage=ids),
    st.builds(Entered, cause=st.just("t:1"), at=st.just(AT), stage=ids),
    st.builds(Left, cause=st.just("t:1"), at=st.just(AT), stage=ids),
    st.builds(
        Changed, cause=st.just("f:1"), at=st.just(AT), field=st.sampled_from(["field.deal.branch", "field.deal.x"])
    ),
    st.builds(Incoming, cause=st.just("a:1"), at=st.just(AT), channel=st.sampled_from(["call", "email"])),
)
moneys = st.integers(0, 10**9) | st.none()
decimals = st.builds(Decimal, st.integers(-9, 9))
