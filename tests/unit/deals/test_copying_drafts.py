"""The draft of a copy: what goes along, what does not, and what the clinic may set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from deals_in_memory import CHART, DEAL, GOODS

from widget_backend.crm.records import Deal, FieldValues
from widget_backend.deals.copying import policy
from widget_backend.deals.copying.drafts import Drafted, drafted, rules_of
from widget_backend.deals.copying.rules import FieldRule, Rules
from widget_backend.errors import InvalidInput

SOURCE = replace(DEAL, fields={**DEAL.fields, "field.deal.loss_reason": "expensive"})
ANEW = datetime(2026, 12, 1, 9, tzinfo=UTC)


def draft(
    to: str,
    source: Deal = SOURCE,
    filled: FieldValues | None = None,
    mapping: Rules | None = None,
    **told: Any,
) -> Drafted:
    stage = CHART.stage[to]
    told_policy = policy.read({"copying": {name.rstrip("_"): value for name, value in told.items()}})
    rules = rules_of(told_policy, CHART, source, stage, mapping)
    return drafted(source, stage, CHART, told_policy.parts, rules, filled or {}, GOODS, "copy:1")


def lost(made: Drafted) -> list[tuple[str, str]]:
    return sorted((one.what, one.why) for one in made.lost)


def test_a_copy_is_the_deal_at_another_stage() -> None:
    made = draft("stage.base.base")

    copy = made.draft
    assert (copy.title, copy.stage, copy.pipeline, copy.marker) == ("Приём: Иванова", "21", "20", "copy:1")
    assert (copy.contacts, copy.company, copy.observers, copy.tags) == (("301", "302"), "401", ("8",), ("сайт",))
    assert (copy.amount, copy.currency, copy.own) == (1200000, "RUB", {"UF_CRM_OWN": "своё"})
    assert made.products == GOODS
    assert copy.fields["field.deal.doctor"] == "Петров"


def test_what_cannot_be_carried_is_told_by_its_name() -> None:
    source = replace(SOURCE, own={"UF_CRM_OWN": "своё", "left_out": ["Снимок"]})

    assert ("Снимок", "fixed") in lost(draft("stage.base.base", source))
    assert ("Снимок", "fixed") not in lost(draft("stage.base.base", source, without=["own"]))


def test_who_is_responsible_is_for_the_target_to_say() -> None:
    assert draft("stage.base.base").draft.responsible == ""


def test_the_dates_of_its_stages_are_the_sources_own() -> None:
    assert ("field.deal.at_visits_new", "cleared") in lost(draft("stage.base.base"))


def test_a_moment_that_the_target_asks_for_is_asked_for_anew() -> None:
    assert draft("stage.base.base").draft.fields["field.deal.visit_at"] == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert ("field.deal.visit_at", "cleared") in lost(draft("stage.visits.new"))


def test_a_refusal_goes_along_until_it_is_overcome() -> None:
    refused, came = replace(SOURCE, stage="14"), SOURCE

    assert draft("stage.base.base", refused).draft.fields["field.deal.loss_reason"] == "expensive"
    assert ("field.deal.loss_reason", "cleared") in lost(draft("stage.base.base", came))


def test_a_new_deal_may_be_given_values() -> None:
    filled: FieldValues = {
        "field.deal.visit_at": ANEW,
        "field.deal.title": "Новая запись",
        "field.deal.amount": 100,
        "field.deal.doctor": "Сидоров",
        "field.deal.gone": "x",
    }

    made = draft("stage.visits.booked", filled=filled)

    assert (made.draft.title, made.draft.amount) == ("Новая запись", 100)
    assert made.draft.fields["field.deal.visit_at"] == ANEW
    assert made.draft.fields["field.deal.doctor"] == "Сидоров"
    assert set(made.draft.fields) & {"field.deal.title", "field.deal.amount", "field.deal.gone"} == set()
    told = lost(made)
    assert ("field.deal.doctor", "replaced") in told
    assert ("field.deal.amount", "replaced") in told
    assert ("field.deal.gone", "gone") in told


def test_parts_a_clinic_does_not_want_are_told() -> None:
    made = draft("stage.base.base", without=["amount", "company", "observers", "tags", "products", "own"])

    copy = made.draft
    assert (copy.amount, copy.company, copy.observers, copy.tags, copy.own, made.products) == (None, "", (), (), {}, ())
    assert {what for what, why in lost(made) if why == "part"} == {
        "amount",
        "company",
        "observers",
        "own",
        "products",
        "tags",
    }


def test_the_closer_pair_of_pipelines_goes_before_the_wider_one() -> None:
    told = {
        "* > *": {"field.deal.doctor": {"how": "clear"}, "field.deal.branch": {"how": "clear"}},
        "pipeline.visits > pipeline.base": {"field.deal.doctor": {"how": "copy"}},
        "pipeline.visits > pipeline.coord": {"field.deal.branch": {"how": "copy"}},
    }

    fields = draft("stage.base.base", pairs=told).draft.fields

    assert "field.deal.doctor" in fields
    assert "field.deal.branch" not in fields


def test_what_the_clinic_sets_goes_before_what_goes_by_itself() -> None:
    told = {"* > pipeline.base": {"field.deal.at_visits_new": {"how": "copy"}}}

    assert draft("stage.base.base", pairs=told).draft.fields["field.deal.at_visits_new"] == date(2026, 11, 1)


def test_a_mapping_of_one_copy_goes_before_all() -> None:
    told = {"pipeline.visits > pipeline.base": {"field.deal.doctor": {"how": "copy"}}}

    made = draft("stage.base.base", mapping={"field.deal.doctor": FieldRule("clear")}, pairs=told)

    assert ("field.deal.doctor", "cleared") in lost(made)


def test_the_amount_is_summed_into_a_field() -> None:
    told = {"* > *": {"field.deal.amount": {"how": "sum", "into": "field.deal.paid"}}}

    made = draft("stage.base.base", pairs=told)

    assert made.draft.fields["field.deal.paid"] == 1200000
    assert made.draft.amount is None


def test_a_deal_at_a_stage_of_the_clinics_own_is_copied_too() -> None:
    assert draft("stage.base.base", replace(SOURCE, stage="32", pipeline="30")).draft.title == "Приём: Иванова"
    assert draft("stage.base.base", replace(SOURCE, stage="999", pipeline="99")).draft.title == "Приём: Иванова"


@pytest.mark.parametrize(
    ("copying", "where"),
    [
        ({"pairs": {"pipeline.visits": {}}}, "pairs / pipeline.visits"),
        ({"pairs": {"* > *": {"field.deal.doctor": {"how": "burn"}}}}, "pairs / * > * / field.deal.doctor"),
        ({"pairs": {"* > *": {"field.deal.doctor": {"how": "map"}}}}, "pairs / * > * / field.deal.doctor"),
        ({"pairs": {"* > *": {"field.deal.paid": {"how": "sum"}}}}, "pairs / * > * / field.deal.paid"),
        ({"pairs": {"* > *": {"field.deal.paid": {"whither": "x"}}}}, "pairs / * > * / field.deal.paid"),
        ({"pairs": {"* > *": {"field.contact.phone": {"how": "clear"}}}}, "pairs / * > * / field.contact.phone"),
        ({"without": ["files"]}, "without / files"),
        ({"link": "sometimes"}, "link"),
    ],
)
def test_rules_that_cannot_be_read_are_told_by_their_place(copying: dict[str, Any], where: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be read") as refused:
        policy.read({"copying": copying})

    assert where in refused.value.message.ru
