"""A rule is told as people would write it, and read back as it was."""

from __future__ import annotations

import pytest
from clinic_of_preset import preset_of

from installer import preset as presets
from widget_backend.robots.reading import own
from widget_backend.robots.reading.telling import told
from widget_backend.robots.rule import Condition, Rule, Step, Trigger
from widget_backend.texts import Text

RULE = Rule(
    "back_to_work",
    Text("Снова в работе", "Back to work"),
    Trigger("stuck", ("stage.base.base",), span="4h", working_hours=False),
    (
        Step("create_deal", to="stage.coord.new", filled=(("field.deal.source", "site"),), once_per_patient=True),
        Step("add_note", text=Text("Вот", "Here")),
    ),
    (
        Condition(some=(Condition("deal.amount", "more", 1000), Condition("field.deal.branch", "is_empty"))),
        Condition(denied=Condition("field.deal.branch", value="north")),
    ),
)


def test_what_is_as_usual_is_left_out() -> None:
    assert told(RULE) == {
        "key": "back_to_work",
        "name": {"ru": "Снова в работе", "en": "Back to work"},
        "when": {"on": "stuck", "stages": ["stage.base.base"], "span": "4h", "working_hours": False},
        "if": [
            {
                "any": [
                    {"what": "deal.amount", "is": "more", "value": 1000},
                    {"what": "field.deal.branch", "is": "is_empty"},
                ]
            },
            {"not": {"what": "field.deal.branch", "value": "north"}},
        ],
        "do": [
            {
                "action": "create_deal",
                "to": "stage.coord.new",
                "set": {"field.deal.source": "site"},
                "once_per_patient": True,
            },
            {"action": "add_note", "text": {"ru": "Вот", "en": "Here"}},
        ],
    }


@pytest.mark.parametrize("key", ["dental", "dental-ident"])
def test_every_rule_of_a_preset_comes_back_as_it_was(key: str) -> None:
    rules = presets.working_rules(preset_of(key))

    assert [own.read(told(rule)) for rule in rules] == list(rules)
