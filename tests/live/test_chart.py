"""After the set-up the application knows what its words mean in the clinic's CRM."""

from __future__ import annotations

from wizards import Person

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.db import scope


def chart_of(person: Person) -> Chart:
    with scope(person.house.of(person.crm).id), person.house.database.transaction() as session:
        found = charts.load(session)
    assert found is not None
    return found


def test_every_stage_of_the_preset_is_known_by_its_id(clinic: Person) -> None:
    chart = chart_of(clinic)

    assert len(chart.stage) == 27
    assert {chart.stage["stage.visits.came"].kind, chart.stage["stage.visits.missed"].kind} == {"won", "lost"}
    assert all(stage.id and stage.pipeline_id for stage in chart.stage.values())
    assert chart.stage_of_id[chart.stage["stage.coord.new"].id].pipeline == "pipeline.coord"


def test_the_currency_of_the_account_is_known(clinic: Person) -> None:
    assert chart_of(clinic).currency == "RUB"


def test_the_clinics_own_stages_are_known_too(clinic: Person) -> None:
    chart = chart_of(clinic)

    assert any(not stage.address for stage in chart.stages)


def test_fields_and_their_options_are_known_by_our_keys(clinic: Person) -> None:
    chart = chart_of(clinic)
    kind = chart.field["field.deal.visit_type"]

    assert kind.type == "list"
    assert kind.option_key(kind.option_id("primary")) == "primary"
    assert kind.option_id("repeat") not in ("", kind.option_id("primary"))
    assert chart.field["field.deal.source"].options != ()
    assert chart.field["field.contact.visit_count"].type == "number"
    assert "field.deal.at_visits_came" in chart.field
