"""Loops of rules are found before they run: all of them, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from clinic_of_preset import chart_of, preset_of
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up import CHART, instant, rulesets

from installer import preset as presets
from widget_backend.crm.chart import ChartStage
from widget_backend.robots import cycles
from widget_backend.robots.cycles import Moment, Ways
from widget_backend.robots.matching import covers
from widget_backend.robots.rule import Rule, Step, Trigger
from widget_backend.texts import Text


def rule(key: str, on: str, stage: str, *do: Step) -> Rule:
    return Rule(key, Text("Правило", "Rule"), Trigger(on, (stage,)), do)


def by_force(found: Ways, home: Moment, path: tuple[Moment, ...]) -> Iterator[tuple[Moment, ...]]:
    """Every way that comes back to where it began, without meeting itself before."""
    for end in found.get(path[-1], {}):
        if end == home:
            yield (*path, home)
        elif end not in path:
            yield from by_force(found, home, (*path, end))


#: no four rules over eight stages act so often and then come to rest
ENDLESS = 1500


class Played:
    """One patient's deals, and rules without conditions that answer each step of them, one by one. As in the product, a deal
    that stands elsewhere by now is not pulled back."""

    def __init__(self, rules: tuple[Rule, ...], stages: list[str]) -> None:
        self.rules, self.deals, self.acted = rules, list(stages), 0
        told = [("created", 0), ("entered", 0), ("created", 1), ("entered", 1)]
        self.queue = [(on, deal, stages[deal], stages[deal]) for on, deal in told]

    def plays(self) -> int:
        while self.queue and self.acted < ENDLESS:
            on, deal, stage, self.met = self.queue.pop(0)
            for one in self.rules:
                if one.when.on == on and covers(one.when, CHART.stage_of_id[stage]):
                    self.acted += 1
                    met = self.met
                    for step in one.do:
                        self.act(step, deal)
                    self.met = met
        return self.acted

    def act(self, step: Step, deal: int) -> None:
        if step.action in ("copy_deal", "create_deal"):
            home = CHART.stage_of_id[self.deals[deal]].pipeline_id
            away = next(stage for stage in CHART.stages if stage.pipeline_id != home)
            self.deals.append(away.id if step.to == "origin" else CHART.stage[step.to].id)
            self.queue += [(on, len(self.deals) - 1, self.deals[-1], self.deals[-1]) for on in ("created", "entered")]
        elif step.action == "move_deal" and self.deals[deal] == self.met:
            self.met = self.move(deal, step.to)
        elif step.action == "move_patient_deal":
            for other, stage in enumerate(self.deals):
                if CHART.stage_of_id[stage].address in step.out_of:
                    self.move(other, step.to)
        elif step.action == "join_open_deal":
            home = CHART.stage[step.to].pipeline_id
            hosts = [n for n, at in enumerate(self.deals) if n != deal and CHART.stage_of_id[at].pipeline_id == home]
            for host in hosts[:1]:
                self.move(host, step.to)

    def move(self, deal: int, to: str) -> str:
        before, after = self.deals[deal], CHART.stage[to].id
        if before != after:
            self.deals[deal] = after
            self.queue += [("left", deal, before, after), ("entered", deal, after, after)]
        return after


def guilty(rules: tuple[Rule, ...]) -> set[str]:
    found = cycles.ways(rules, CHART)
    circles = [circle for home in found for circle in by_force(found, home, (home,))]
    steps = [step for circle in circles for step in pairwise(circle)]
    return {key for start, end in steps for key in found[start][end]}


@settings(max_examples=150)
@given(rulesets(instant, 4))
def test_every_loop_that_a_search_by_force_finds_is_found_and_no_other(rules: tuple[Rule, ...]) -> None:
    assert set(cycles.looping(rules, CHART)) == guilty(rules)


@settings(max_examples=200)
@given(rulesets(instant, 4), st.sampled_from(CHART.stages), st.sampled_from(CHART.stages))
def test_where_no_loop_is_found_every_chain_ends(rules: tuple[Rule, ...], first: ChartStage, other: ChartStage) -> None:
    acted = Played(rules, [first.id, other.id]).plays()

    assert acted < ENDLESS or cycles.looping(rules, CHART) != ()


def test_a_copy_to_its_own_stage_never_ends() -> None:
    again = rule("again", "entered", "stage.x.a", Step("copy_deal", "stage.x.a"))

    assert cycles.looping((again,), CHART) == ("again",)


def test_a_move_to_where_the_deal_stands_ends_at_once() -> None:
    assert cycles.looping((rule("stay", "entered", "stage.x.a", Step("move_deal", "stage.x.a")),), CHART) == ()


def test_two_rules_that_send_a_deal_to_and_fro_are_both_named() -> None:
    there = rule("there", "entered", "stage.x.a", Step("move_deal", "stage.x.b"))
    back = rule("back", "entered", "stage.x.b", Step("move_deal", "stage.x.a"))
    aside = rule("aside", "entered", "stage.y.a", Step("move_deal", "stage.x.a"))

    assert cycles.looping((there, back, aside), CHART) == ("there", "back")


def test_what_time_or_people_bring_about_begins_no_loop() -> None:
    stuck = Rule(
        "stuck", Text("Правило", "Rule"), Trigger("stuck", ("stage.x.a",), span="1h"), (Step("move_deal", "stage.x.b"),)
    )
    back = rule("back", "entered", "stage.x.b", Step("move_deal", "stage.x.a"))

    assert cycles.looping((stuck, back), CHART) == ()


@pytest.mark.parametrize(("key", "given_"), [("dental", {}), ("dental", {"warmup": True}), ("dental-ident", {})])
def test_the_presets_rules_never_loop(key: str, given_: dict[str, Any]) -> None:
    rules = presets.working_rules(preset_of(key, **given_))

    assert cycles.looping(rules, chart_of(key, **given_)) == ()
