"""One mistake at a time: what a person is told, and the line they are sent to."""

from pathlib import Path

import pytest

from installer import preset as presets

FIXTURES = Path(__file__).parents[2] / "fixtures" / "presets"

#: in the smallest sound file: what is changed into what, then the line, the path and the words of the complaint
SMALL = [
    ("schema: 1", "schema: '1'", 1, "schema", "a whole number without quotation marks is needed"),
    ("schema: 1", "schema: true", 1, "schema", "a whole number without quotation marks is needed"),
    ("schema: 1\n", "", 1, "schema", "a required key is missing"),
    ("schema: 1", "schema: 0", 1, "schema", "must be 1"),
    ("key: sound", "key: sound\nkey: other", 3, "key", "the key is already given on line 2"),
    ("version: 1.0.0", "version: 1", 3, "version", "a text is needed"),
    ("version: 1.0.0", "version: 1.0", 3, "version", "a version is like 1.0.0"),
    ("{ru: Проба, en: Trial}", "Проба", 4, "name", "both languages are needed: {ru: …, en: …}"),
    ("{ru: Проба, en: Trial}", "[Проба]", 4, "name", "both languages are needed"),
    ("{ru: Проба, en: Trial}", "", 4, "name", "no value: give one or remove the key"),
    ("{ru: Проба, en: Trial}", "{ru: Проба}", 4, "name.en", "a required key is missing"),
    ("{ru: Проба, en: Trial}", "{ru: Проба, en: ' '}", 4, "name.en", "the text is blank"),
    ("{ru: Проба, en: Trial}", "{ru: Проба, en: true}", 4, "name.en", "a text is needed"),
    ("{ru: Проба, en: Trial}", "{ru: А, как Б, en: A}", 4, "name.как Б", "unknown key; if it is part of a text with"),
    ("en: Trial}", 'en: "A\\tB\\0"}', 4, "name.en", "a control character is not allowed"),
    ("en: Trial}", 'en: "A\\nB"}', 4, "name", "a name is one line"),
    ("default: false", "default: нет", 7, "settings[0].default", "the type boolean needs: true or false"),
    ("default: false", "default: [a]", 7, "settings[0].default", "the type boolean needs: true or false"),
    ("default: false", "default: {a: b}", 7, "settings[0].default", "a text, number or boolean is needed"),
    ("type: boolean", "type: span", 7, "settings[0].default", "the type span needs: a span like 15m, 4h, 3d"),
    ("type: boolean", "type: flag", 7, "settings[0].type", "must be one of: text, number, boolean, span"),
    ("pipelines:\n  - key", "pipelines:\n    key", 8, "pipelines", "a list is needed: items with «- », or [a, b]"),
    ("    stages:", "    stagse:", 11, "pipelines[0].stagse", "unknown key; did you mean “stages”?"),
    ("key: sales", "key: appointments_of_all", 9, "pipelines[0].key", "longer than 12 characters"),
    ("key: new,", "key: new_from_website,", 12, "pipelines[0].stages[0].key", "longer than 14 characters"),
    ("key: new,", "key: New,", 12, "pipelines[0].stages[0].key", "a key is small latin letters, 0-9, _"),
    ("key: new,", 'key: "new\\n",', 12, "pipelines[0].stages[0].key", "a key is small latin letters, 0-9, _"),
    ("key: new,", "key: 1,", 12, "pipelines[0].stages[0].key", "a text is needed"),
    ("key: won,", "key: new,", 13, "pipelines[0].stages[1].key", "the key “new” is already taken on line 12"),
    (
        "{ru: Успех, en: Won}",
        "{ru: новая, en: W}",
        13,
        "pipelines[0].stages[1].name",
        "the name “новая” is already there",
    ),
    ("{ru: Новая, en: New}", "{ru: А, en: " + "a" * 51 + "}", 12, "pipelines[0].stages[0].name", "longer than 50 char"),
    ("kind: won", "kind: success", 13, "pipelines[0].stages[1].kind", "must be one of: open, won, lost"),
    ("kind: won", "kind: open", 11, "pipelines[0].stages", "the pipeline has no won stage"),
    ("kind: lost", "kind: won", 14, "pipelines[0].stages[2].kind", "a second won stage"),
    ("kind: lost", "kind: open", 11, "pipelines[0].stages", "the pipeline has no lost stage"),
    (
        "en: New}}",
        "en: New}, task: call}",
        12,
        "pipelines[0].stages[0].task",
        "“call” does not fit here; write: task.key",
    ),
    ("en: New}}", "en: New}, task: task.call}", 12, "pipelines[0].stages[0].task", "the file has no “task.call”"),
    (
        "en: New}}",
        "en: New}, stuck_after: 2w}",
        12,
        "pipelines[0].stages[0].stuck_after",
        "a span is like 15m, 4h or 3d",
    ),
    ("en: New}}", "en: New}, colour: crimson}", 12, "pipelines[0].stages[0].colour", "must be one of: light_yellow"),
    ("en: New}}", "en: New}, source: [one]}", 12, "pipelines[0].stages[0].source[0]", "an id is like S1-F05"),
]

#: the same in the file that speaks every word of the rules
RULES = [
    ("stages: [any]", "stages: []", "rules[0].when.stages", "the list is empty: it needs at least one item"),
    ("stages: [any]", "stages: [all]", "rules[0].when.stages[0]", "“all” does not fit here; write: stage.pipeline.stage"),
    ("stages: [stage.sales.new]}\n    do: [{action: close", "stages: [stage.sale.new]}\n    do: [{action: close",
     "rules[5].when.stages[0]", "the file has no “stage.sale.new”; did you mean “stage.sales.new”?"),
    ("on: created", "on: born", "rules[2].when.on", "must be one of: created, entered, left"),
    ("on: left, stages", "on: left, fact: visit_booked, stages", "rules[5].when.fact", "“left” cannot have it; it has: stages"),
    (", channels: [call, message, email]", "", "rules[8].when.channels", "“incoming” needs it"),
    ("channels: [call, message, email]", "channels: [fax]", "rules[8].when.channels[0]", "must be one of: call, message"),
    ("span: of_stage, working_hours: false}", "span: soon}", "rules[6].when.span", "“soon” does not fit here; write: set"),
    ("span: setting.limit", "span: setting.place", "rules[9].when.span", "a setting of type span is needed"),
    ("span: setting.limit", "span: of_stage", "rules[9].when.span", "of_stage belongs to a rule with per_stage: true"),
    ("field: field.deal.due, span: 3d", "field: field.deal.note, span: 3d", "rules[10].when.field", "a date field is needed"),
    ("what: patient.is_primary, is: equals, value: true", "what: patient.is_primary, is: more, value: 1",
     "rules[2].if[0].any[0].is", "only numbers can be more or less"),
    ("what: patient.is_primary, is: equals, value: true", "what: patient.is_primary, is: equals, value: yes",
     "rules[2].if[0].any[0].value", "“yes” does not fit here, needed: true or false"),
    ("what: patient.completed_visits, is: more, value: 1", "what: patient.completed_visits, is: more, value: many",
     "rules[2].if[0].any[1].all[0].value", "“more” compares numbers"),
    ("what: visit.branch, is: differs, value: Центр", "what: visit.branch, is: differs", "rules[2].if[2].value",
     "“differs” has nothing to compare with"),
    ("what: field.deal.branch, is: filled", "what: field.deal.branch, is: filled, value: a", "rules[2].if[4].value",
     "“filled” needs no value"),
    ("what: field.deal.due, is: empty", "what: field.deal.due, is: equals, value: today", "rules[7].if[0].is",
     "a date can only be filled or empty"),
    ("what: field.deal.reason, is: equals, value: dear", "what: field.deal.reason, is: equals, value: cheap",
     "rules[4].if[0].value", "the field has no option “cheap”; it has: dear"),
    ("not: {what: field.contact.cured, is: equals, value: true}", "not: {is: empty}", "rules[2].if[1].not",
     "one of these is needed: what, all, any, not"),
    ("value: pipeline.sales}", "value: pipeline.sale}", "rules[2].if[3].value", "the file has no “pipeline.sale”"),
    ("action: clear_field", "action: erase", "rules[4].do[1].action", "must be one of: copy_deal"),
    ("to: setting.place", "to: setting.limit", "rules[3].do[0].to", "a setting of type stage is needed"),
    ("to: stage.sales.lost}", "to: stage.spare.won}", "rules[10].do[0].to", "a setting switches the pipeline of this stage"),
    ("field.deal.note: visit.doctor}", "field.deal.nothing: 1}", "rules[3].do[0].set.field.deal.nothing",
     "the file has no “field.deal.nothing”"),
    ("field.deal.due: today", "field.deal.due: soon", "rules[3].do[0].set.field.deal.due", "“soon” does not fit here"),
    ("field.deal.score, value: 1", "field.deal.note, value: 1", "rules[7].do[0].field", "only a number field can be added to"),
    ("once_per_patient: true", "once_per_patient: 1", "rules[3].do[0].once_per_patient", "true or false without quotation"),
    ("who: mover", "who: boss", "rules[11].do[0].who", "must be one of: responsible, mover, head"),
    ("bot: setting.bot", "bot: setting.limit", "rules[8].do[2].bot", "a setting of type text is needed"),
    ("robot: robot.route", "robot: robot.rout", "rules[14].when.robot", "the file has no “robot.rout”; did you mean"),
    ("returns: {visit_type: primary}", "returns: {type: primary}", "rules[14].do[0].returns.type", "the robot does not return"),
    ("en: 'New: {patient}'", "en: 'New: {who}'", "rules[2].do[0].text.en", "there is no placeholder {who}"),
    ("only_if: extra\n    stages", "only_if: limit\n    stages", "pipelines[2].only_if", "“limit”: the key of a boolean"),
    ("deadline: setting.limit", "deadline: tomorrow", "task_templates[0].deadline", "“tomorrow” does not fit here"),
    ("deadline: field.deal.due", "deadline: field.deal.note", "task_templates[1].deadline", "a date field is needed"),
    ("default: stage.base.kept", "default: stage.base.keep", "settings[2].default", "the file has no “stage.base.keep”"),
    ("default: stage.base.kept", "default: stage.spare.new", "settings", "The setting “place”: there is no stage"),
    ("['mon-fri 09:00-20:00']", "[always]", "settings[1].default", "the type hours needs: a list like"),
    ("default: [Центр, {ru: Север, en: North}]", "default: []", "settings[4].default", "the type list needs: a non-empty list"),
    ("{ru: Север, en: North}", "{ru: Север}", "settings[4].default.en", "a required key is missing"),
    ("options_from: setting.branches", "options_from: setting.limit", "fields.deal[3].options_from", "a setting of type list"),
    ("options_from: loss_reasons", "options: []", "fields.deal[4].options", "the list is empty"),
    ("{key: at, name: {ru: Дата, en: Date}", "{key: at, name: {ru: Дата, en: " + "D" * 99 + "}", "fields.deal[6].name",
     "with pipeline and stage the name is over 100 characters"),
    ("{key: at,", "{key: stage_dates,", "fields.deal[6].key", "the key of a per-stage field is over 10 characters"),
    ("{ru: Оценка, en: Score}", "{ru: Оценка, en: Due}", "fields.deal[1].name", "the name “Due” is already there on line 41"),
]  # fmt: skip


def complaint(name, old, new):
    """What is said of a file in which ``old`` was written as ``new``."""
    text = (FIXTURES / name).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(presets.InvalidPreset) as caught:
        presets.loads(text.replace(old, new, 1), name)
    return caught.value.problems


@pytest.mark.parametrize(("old", "new", "line", "path", "words"), SMALL)
def test_a_mistake_is_told_with_its_line_and_what_to_do(old, new, line, path, words):
    found = {(problem.line, problem.path): problem.message for problem in complaint("sound.yaml", old, new)}

    assert found[line, path].en.startswith(words)
    assert found[line, path].ru != found[line, path].en


@pytest.mark.parametrize(("old", "new", "path", "words"), RULES)
def test_a_rule_an_engine_could_not_carry_out_is_refused(old, new, path, words):
    found = {problem.path: problem.message for problem in complaint("every_word.yaml", old, new)}

    assert found[path].en.startswith(words)
    assert found[path].ru != found[path].en


@pytest.mark.parametrize("key", ["pipelines", "stages"])
def test_a_preset_without_pipelines_or_stages_is_refused(key):
    text = (FIXTURES / "sound.yaml").read_text(encoding="utf-8")

    with pytest.raises(presets.InvalidPreset) as caught:
        presets.loads(text[: text.index(f"{key}:")] + f"{key}: []\n", "sound.yaml")

    assert [problem.message.en for problem in caught.value.problems] == [
        "the list is empty: it needs at least one item"
    ]


def test_a_second_document_is_refused():
    text = (FIXTURES / "sound.yaml").read_text(encoding="utf-8")

    with pytest.raises(presets.InvalidPreset) as caught:
        presets.loads(f"{text}---\n{text}", "sound.yaml")

    (problem,) = caught.value.problems
    assert (problem.line, problem.message.en) == (15, "a file must hold one document: remove “---” and what follows")
