"""Rules in the words of a portal's own automation, and the archive that brings them to its stages."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from native_samples import CLIENT, STAGES, TASKS, chart, ground, note, rule
from portal_import import Portal, Wiped

from widget_backend.crm.bitrix24.native import PortalNative, archive
from widget_backend.crm.native import Ground
from widget_backend.errors import InvalidInput
from widget_backend.robots import grammar
from widget_backend.robots.rule import Condition, Rule, Step, TaskTemplate
from widget_backend.texts import Text

sys.path.insert(0, str(Path(__file__).parents[2] / "robots"))

from clinic_of_preset import chart_of, preset_of
from made_up import rulesets

from installer import preset as presets

NATIVE = PortalNative()
IDS = {stage.id for stage in STAGES}
CAME = Step("move_deal", to="stage.visits.came")


def imported(*rules: Rule, on: Ground | None = None) -> Portal:
    """The portal after an administrator has imported the archive of these rules."""
    here = on or ground()
    return Portal({stage.id for stage in here.chart.stages}).imports(NATIVE.pack(rules, here).content)


def robots(*rules: Rule, stage: str = "C5:NEW") -> list[dict[str, Any]]:
    return [robot for chain in imported(*rules).automation[stage] for _, _, robot in chain]


def reasons(of: Rule, on: Ground | None = None) -> str:
    said = NATIVE.say(of, on or ground())
    assert said.ways == ()
    return "; ".join(one.en for one in said.reasons)


# what robots say


def test_a_task_is_a_to_do_of_the_responsible_person() -> None:
    (robot,) = robots(rule())

    assert robot == {
        "Type": "CrmCreateToDoActivity",
        "Title": "Позвонить",
        "Subject": "Позвонить",
        "Description": "Позвоните пациенту",
        "Deadline": '=workdateadd({=System:Now},"4h")',
        "Responsible": ["{=Document:ASSIGNED_BY_ID}"],
        "AutoComplete": "N",
    }


@pytest.mark.parametrize(
    ("step", "type_", "properties"),
    [
        (CAME, "CrmChangeStatusActivity", {"TargetStatus": "C5:WON"}),
        (
            Step("move_deal", to="stage.base.base"),
            "CrmChangeDealCategoryActivity",
            {"CategoryId": "9", "StageId": "C9:NEW"},
        ),
        (
            Step("set_field", field="field.deal.at_new", value="today"),
            "SetFieldActivity",
            {"FieldValue": {"UF_CRM_DEAL_AT_NEW": "{=System:Now}"}},
        ),
        (
            Step("set_field", field="field.deal.channel", value="site"),
            "SetFieldActivity",
            {"FieldValue": {"UF_CRM_DEAL_CHANNEL": "site"}},
        ),
        (
            Step("set_field", field="field.deal.budget", value=15000),
            "SetFieldActivity",
            {"FieldValue": {"UF_CRM_DEAL_BUDGET": "15000|RUB"}},
        ),
        (
            Step("set_field", field="field.deal.urgent", value=True),
            "SetFieldActivity",
            {"FieldValue": {"UF_CRM_DEAL_URGENT": "Y"}},
        ),
        (
            Step("clear_field", field="field.deal.visit_at"),
            "SetFieldActivity",
            {"FieldValue": {"UF_CRM_DEAL_VISIT_AT": ""}},
        ),
        (
            Step("notify", who="responsible", text=Text("Ждёт", "Waits")),
            "SocNetMessageActivity",
            {"MessageText": "Ждёт", "MessageUserTo": ["{=Document:ASSIGNED_BY_ID}"]},
        ),
        (
            Step("notify", who="head", text=Text("Ждёт", "Waits")),
            "CrmControlNotifyActivity",
            {"MessageText": "Ждёт", "ToHead": "Y"},
        ),
        (note(), "CrmTimelineCommentAdd", {"CommentText": "Внимание"}),
        (
            Step("copy_deal", to="stage.base.base"),
            "rest_" + hashlib.md5(f"{CLIENT}@copy_deal".encode(), usedforsecurity=False).hexdigest(),
            {"stage": "stage.base.base", "UseSubscription": "N"},
        ),
    ],
)
def test_a_step_is_a_robot(step: Step, type_: str, properties: dict[str, Any]) -> None:
    (robot,) = robots(rule(step))

    assert robot["Type"] == type_
    assert robot == {**robot, **properties}


@pytest.mark.parametrize(
    ("when", "wait", "guarded"),
    [
        ({"on": "stuck", "span": "4h"}, '=workdateadd({=System:Now},"4h")', False),
        ({"on": "stuck", "span": "30m", "working_hours": False}, '=dateadd({=System:Now},"30i")', False),
        (
            {"on": "before", "span": "1d", "field": "field.deal.visit_at"},
            '=dateadd({=Document:UF_CRM_DEAL_VISIT_AT},"-1d")',
            True,
        ),
        (
            {"on": "after", "span": "2d", "field": "field.deal.visit_at"},
            '=dateadd({=Document:UF_CRM_DEAL_VISIT_AT},"2d")',
            True,
        ),
        ({"on": "reached", "field": "field.deal.visit_at"}, "{=Document:UF_CRM_DEAL_VISIT_AT}", True),
    ],
)
def test_a_wait_is_a_pause_and_no_date_is_no_deed(when: dict[str, Any], wait: str, guarded: bool) -> None:
    (((said, conditions, _),),) = imported(rule(note(), **when)).automation["C5:NEW"]

    assert said == wait
    assert [(one["field"], one["operator"]) for one in conditions] == (
        [("UF_CRM_DEAL_VISIT_AT", "!empty")] if guarded else []
    )


@pytest.mark.parametrize(
    ("conditions", "asked"),
    [
        ((Condition("field.deal.channel", "equals", "site"),), [("UF_CRM_DEAL_CHANNEL", "=", "site", 0)]),
        ((Condition("field.deal.urgent", "differs", True),), [("UF_CRM_DEAL_URGENT", "!=", "Y", 0)]),
        ((Condition("field.deal.urgent", "equals", False),), [("UF_CRM_DEAL_URGENT", "!=", "Y", 0)]),
        ((Condition("field.deal.amount", "filled"),), [("OPPORTUNITY", "!empty", "", 0)]),
        ((Condition("deal.amount", "more", 1000),), [("OPPORTUNITY", ">", "1000", 0)]),
        ((Condition(denied=Condition("field.deal.visit_at", "filled")),), [("UF_CRM_DEAL_VISIT_AT", "empty", "", 0)]),
        (
            (Condition(some=(Condition("field.deal.channel", "equals", "site"), Condition("deal.amount", "less", 5))),),
            [("UF_CRM_DEAL_CHANNEL", "=", "site", 1), ("OPPORTUNITY", "<", "5", 1)],
        ),
        (
            (
                Condition(
                    every=(Condition("deal.amount", "more", 1), Condition("field.deal.channel", "differs", "site"))
                ),
            ),
            [("OPPORTUNITY", ">", "1", 0), ("UF_CRM_DEAL_CHANNEL", "!=", "site", 0)],
        ),
    ],
)
def test_conditions_are_asked_by_codes_that_every_portal_has(
    conditions: tuple[Condition, ...], asked: list[tuple[str, str, str, int]]
) -> None:
    (((_, found, _),),) = imported(rule(note(), conditions=conditions)).automation["C5:NEW"]

    assert [(one["field"], one["operator"], one["value"], one["joiner"]) for one in found] == asked


def test_a_changed_field_is_a_trigger_where_it_only_moves_the_deal() -> None:
    portal = imported(
        rule(CAME, on="changed", stages=("stage.visits.new", "stage.visits.booked"), field="field.deal.visit_at")
    )

    (trigger,) = portal.triggers["C5:WON"]
    assert (trigger["CODE"], trigger["APPLY_RULES"]["fields"]) == ("FIELD_CHANGED", ["UF_CRM_DEAL_VISIT_AT"])
    assert [one[0]["value"] for one in trigger["APPLY_RULES"]["Condition"]["items"]] == ["C5:NEW", "C5:DENT_BOOKED"]
    assert portal.automation == {}


def test_rules_of_a_stage_stand_side_by_side_and_those_that_move_the_deal_last() -> None:
    first, second = rule(CAME, key="moves"), rule(note(), key="notes")

    chains = imported(first, second).automation["C5:NEW"]

    assert [[robot["Type"] for _, _, robot in chain] for chain in chains] == [
        ["CrmTimelineCommentAdd"],
        ["CrmChangeStatusActivity"],
    ]


def test_a_clinics_own_stage_in_the_default_pipeline_is_a_stage_too() -> None:
    assert set(imported(rule(note(), stages=("open",))).automation) == {"C5:NEW", "C5:DENT_BOOKED", "C9:NEW", "NEW"}


def test_words_are_those_of_the_portals_language() -> None:
    portal = imported(rule(note()), on=ground(chart=chart(language="en")))

    assert portal.automation["C5:NEW"][0][0][2]["CommentText"] == "Look"


# what they cannot say


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (rule(on="created"), "cannot tell a new deal from a moved one"),
        (rule(on="left"), "no robots for a deal that leaves"),
        (rule(on="incoming", channels=("call",)), "a patient got in touch"),
        (rule(on="mis", fact="visit_booked"), "visits in the MIS"),
        (rule(on="button", label=Text("Да", "Yes")), "the card's button"),
        (rule(on="robot", robot="robot.x"), "the call of a robot"),
        (rule(stages=("stage.gone.new",)), "no stages of this rule"),
        (rule(CAME, note()), "stop once the deal is moved"),
        (rule(Step("move_deal", to="stage.gone.new")), "no stage “stage.gone.new”"),
        (rule(Step("copy_deal", to=grammar.ORIGIN)), "where the deal came from"),
        (rule(Step("copy_deal", to="stage.base.base", once_per_patient=True)), "one copy for each patient"),
        (
            rule(Step("copy_deal", to="stage.base.base", filled=(("field.deal.urgent", True),))),
            "fills in a copy's fields",
        ),
        (rule(Step("create_deal", to="stage.base.base")), "without doubles"),
        (rule(Step("set_responsible", who="responsible")), "whose turn it is"),
        (rule(Step("create_task", task="task.talk")), "the manager"),
        (rule(Step("create_task", task="task.call", who="mover")), "who moved the deal"),
        (rule(Step("create_task", task="task.none")), "no task “task.none”"),
        (rule(Step("set_field", field="field.contact.ltv", value=1)), "does not see the contact's field"),
        (rule(Step("set_field", field="field.deal.theirs", value="site")), "made by hand in the CRM"),
        (rule(Step("set_field", field="field.deal.gone", value=1)), "no field “field.deal.gone”"),
        (rule(Step("set_field", field="field.deal.at_new", value="visit.start")), "the date and time of the visit"),
        (rule(Step("set_field", field="field.deal.source", value="site")), "cannot compare the field"),
        (rule(note("{patient} ждёт")), "characters that the CRM would take"),
        (rule(note("=dateadd(1)")), "characters that the CRM would take"),
        (rule(note("<b>важно</b>")), "characters that the CRM would take"),
        (rule(note(), name="{=System:Now}"), "characters that the CRM would take"),
        (rule(note(), conditions=(Condition("patient.is_primary", "equals", True),)), "the patient is new"),
        (rule(note(), conditions=(Condition("field.deal.visit_at", "equals", "x"),)), "cannot compare"),
        (rule(note(), conditions=(Condition("field.deal.budget", "more", 1),)), "cannot compare"),
        (
            rule(
                note(),
                conditions=(Condition(some=(Condition("deal.amount", "filled"),)), Condition("deal.amount", "filled")),
            ),
            "conditions of several groups",
        ),
        (
            rule(
                Step("set_field", field="field.deal.urgent", value=True),
                note(),
                conditions=(Condition("field.deal.urgent", "differs", True),),
            ),
            "changes a field that it asks about",
        ),
        (
            rule(note(), on="before", span="1d", field="field.deal.visit_at", stages=("pipeline.visits",)),
            "would act twice",
        ),
        (rule(note(), on="changed", field="field.deal.visit_at"), "only move the deal"),
        (
            rule(Step("move_deal", to="stage.base.base"), on="changed", field="field.deal.visit_at"),
            "only move the deal",
        ),
    ],
)
def test_what_a_robot_cannot_say_stays_with_us_and_says_why(of: Rule, why: str) -> None:
    assert why in reasons(of)


def test_without_an_application_nothing_rests_on_its_robots() -> None:
    copies = rule(Step("copy_deal", to="stage.base.base"))

    assert "not installed in this CRM" in reasons(copies, ground(client=""))
    assert "not installed in this CRM" in reasons(copies, ground(chart=chart(names={})))


def test_a_field_that_other_rules_watch_is_not_written_behind_their_back() -> None:
    marks = rule(Step("set_field", field="field.deal.urgent", value=True))

    assert "take the robot's writing for a person's" in reasons(marks, ground(watched=frozenset({"field.deal.urgent"})))


def test_all_reasons_are_said_at_once() -> None:
    said = reasons(
        rule(Step("create_task", task="task.talk"), conditions=(Condition("patient.is_primary", "equals", True),))
    )

    assert "the manager" in said
    assert "the patient is new" in said


def test_where_a_robot_differs_is_told() -> None:
    (remark,) = NATIVE.say(rule(), ground()).remarks

    assert remark.en == "working time is counted by the portal's calendar, not the clinic's"


# the archive


def test_the_same_rules_are_the_same_bytes() -> None:
    first, second = (NATIVE.pack([rule(), rule(note(), key="b")], ground()) for _ in range(2))

    assert first == second
    assert (first.robots, first.triggers, first.stages) == (2, 0, 1)


def test_a_rule_that_cannot_be_said_makes_no_archive() -> None:
    with pytest.raises(InvalidInput, match="cannot be handed to the CRM"):
        NATIVE.pack([rule(on="left")], ground())


def test_there_is_no_archive_of_nothing() -> None:
    with pytest.raises(InvalidInput, match="no rule was chosen"):
        NATIVE.pack([], ground())


@pytest.mark.parametrize("size", range(1444, 1461))
def test_no_file_is_of_a_size_the_vendor_avoids(size: int) -> None:
    plain = _files(NATIVE.pack([rule(note("А" * 10))], ground()).content)["BIZPROC_MAIN/0000.json"]
    text = "А" * 10 + "x" * (size - len(plain))

    grown = _files(NATIVE.pack([rule(note(text))], ground()).content)["BIZPROC_MAIN/0000.json"]

    assert len(grown) > 1460
    assert len(json.loads(grown)["TMP_HASH"]) == 128


def _files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def _zip(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return target.getvalue()


def spoilt(change: Callable[[dict[str, bytes]], object]) -> bytes:
    """A good archive, spoilt."""
    asks = (Condition("deal.amount", "filled"),)
    files = _files(
        NATIVE.pack([rule(note(), conditions=asks), rule(CAME, key="b", on="stuck", span="1d")], ground()).content
    )
    change(files)
    return _zip(files)


def edited(name: str, *pairs: tuple[str, str]) -> Callable[[dict[str, bytes]], object]:
    def change(files: dict[str, bytes]) -> None:
        text = files[name].decode()
        for before, after in pairs:
            assert before in text, before
            text = text.replace(before, after)
        files[name] = text.encode()

    return change


MANIFEST, MAIN = "manifest.json", "BIZPROC_MAIN/0000.json"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (edited(MANIFEST, ('"SKIP_CLEARING":"Y"', '"SKIP_CLEARING":"N"')), "would clear the CRM"),
        (edited(MANIFEST, (',"SKIP_CLEARING":"Y"', "")), "would clear the CRM"),
        (edited(MANIFEST, ('"METADATA":{}', '"METADATA":{},"DISABLE_CLEAR_FULL":"Y"')), "DISABLE_CLEAR_FULL"),
        (edited(MANIFEST, ('["bizproc_crm"]', '["crm","bizproc_crm"]')), "USES"),
        (edited(MANIFEST, ('"METADATA":{}', '"METADATA":{"crm":{"enableRole":true}}')), "METADATA"),
        (lambda files: files.pop(MANIFEST), "no manifest.json"),
        (lambda files: files.update({MANIFEST: b"\xef\xbb\xbf{}"}), "no JSON"),
        (lambda files: files.update({"CRM_STATUS/DEAL_STAGE_90001.json": b"{}"}), "does not belong here"),
        (lambda files: files.update({"CRM_ITEMS_DEAL/0.json": b"{}"}), "does not belong here"),
        (lambda files: files.update({"REST_APPLICATION/0.json": b"{}"}), "does not belong here"),
        (lambda files: files.update({"BIZPROC_MAIN/1.json": files[MAIN]}), "does not belong here"),
        (lambda files: files.update({"BIZPROC_MAIN/0001.json": files[MAIN]}), "is there twice"),
        (edited(MAIN, ('"DOCUMENT_STATUS":"C5:NEW"', '"DOCUMENT_STATUS":"C90001:NEW"')), "no stage C90001:NEW"),
        (edited(MAIN, ('"TargetStatus":"C5:WON"', '"TargetStatus":"C7:WON"')), "no stage C7:WON"),
        (edited(MAIN, ('"AUTO_EXECUTE":8', '"AUTO_EXECUTE":1')), "wrong key AUTO_EXECUTE"),
        (edited(MAIN, ('"DOCUMENT_FIELDS":[]', '"DOCUMENT_FIELDS":{"UF_X":{}}')), "wrong key TEMPLATE_DATA"),
        (edited(MAIN, ('"ORIGIN_ID":null', '"ORIGIN_ID":null,"SETTINGS":1')), "wrong key SETTINGS"),
        (edited(MAIN, ("CrmTimelineCommentAdd", "CodeActivity")), "“CodeActivity” is not on the white list"),
        (edited(MAIN, ("CrmChangeStatusActivity", "rest_x")), "“rest_x” is not on the white list"),
        (edited(MAIN, ('"CommentText"', '"Text"')), "lacks the property CommentText"),
        (edited(MAIN, ('"TargetStatus"', '"ExecuteCode":"1","TargetStatus"')), "may not: ExecuteCode"),
        (edited(MAIN, ("{=Document:ASSIGNED_BY_ID}", "user_1")), "names the user user_1"),
        (edited(MAIN, ("ParallelActivity", "SequenceActivity")), "not as it should: ParallelActivity"),
        (edited(MAIN, ('"truecondition":"1"', '"mixedcondition":[]')), "not as it should: IfElseBranchActivity"),
        (edited(MAIN, ("IfElseBranchActivity", "SequenceActivity")), "not as it should: IfElseActivity"),
    ],
)
def test_no_archive_leaves_that_might_do_harm(change: Callable[[dict[str, bytes]], object], said: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        archive.checked(spoilt(change), chart())

    assert "nothing was changed in the CRM" in refused.value.message.en
    assert said in refused.value.message.en


def test_what_is_no_zip_is_no_archive() -> None:
    with pytest.raises(InvalidInput, match="no zip archive"):
        archive.checked(b"PK no", chart())


def test_the_reader_of_these_tests_would_see_the_crm_wiped() -> None:
    with pytest.raises(Wiped):
        Portal(IDS).imports(spoilt(edited(MANIFEST, ('"SKIP_CLEARING":"Y"', '"SKIP_CLEARING":"N"'))))


# laws


def real(key: str, **given_: Any) -> tuple[tuple[Rule, ...], Ground]:
    """A preset in a portal: pipelines 5, 9, 14 … as nothing in the preset says."""
    preset, plain = preset_of(key, **given_), chart_of(key, **given_)
    numbers = {one.id: str(4 * int(one.id) + 1) for one in plain.pipelines}
    stages = tuple(
        replace(s, id=f"C{numbers[s.pipeline_id]}:DENT_{s.id}", pipeline_id=numbers[s.pipeline_id])
        for s in plain.stages
    )
    pipelines = tuple(replace(one, id=numbers[one.id]) for one in plain.pipelines)
    fields = tuple(replace(one, id=f"UF_CRM_{one.entity.upper()}_{n}") for n, one in enumerate(plain.fields))
    works = presets.working_rules(preset)
    tasks = {f"task.{task.key}": task for task in presets.working_tasks(preset)}
    named = {"robot.copy_deal": "copy_deal"}
    here = replace(plain, stages=stages, pipelines=pipelines, fields=fields, names=named)
    return works, Ground(here, tasks, frozenset(r.when.field for r in works if r.when.on == "changed"), CLIENT)


@pytest.mark.parametrize(
    ("key", "given_", "packed"),
    [("dental", {}, 46), ("dental", {"warmup": True}, 55), ("dental-ident", {}, 10)],
)
def test_a_preset_is_imported_whole_at_the_real_stages(key: str, given_: dict[str, Any], packed: int) -> None:
    works, here = real(key, **given_)
    sayable = [one for one in works if "robots" in NATIVE.say(one, here).ways]

    portal = imported(*sayable, on=here)

    chains = {(stage, chain[0][2]["Title"]) for stage, found in portal.automation.items() for chain in found}
    meant = {
        (place.id, one.name.ru)
        for one in sayable
        for address in one.when.stages
        for place in [here.chart.stage[address]]
    }
    assert len(sayable) == packed
    assert chains == meant
    assert all(NATIVE.say(one, here).reasons for one in works if one not in sayable)


@settings(max_examples=60)
@given(rulesets(), st.booleans())
def test_any_rules_are_refused_with_a_reason_or_imported_at_their_stages(rules: tuple[Rule, ...], known: bool) -> None:
    from made_up import CHART

    here = Ground(replace(CHART, names={"robot.copy_deal": "x"}), TASKS, client=CLIENT if known else "")
    sayable = [one for one in rules if "robots" in NATIVE.say(one, here).ways]

    assert all(NATIVE.say(one, here).reasons for one in rules if one not in sayable)
    if sayable:
        portal = imported(*sayable, on=here)
        assert portal.automation or portal.triggers


WORDS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)


@settings(max_examples=60)
@given(WORDS, WORDS)
def test_no_words_of_a_clinic_become_a_command_of_the_portal(title: str, text: str) -> None:
    tasks = {"task.call": TaskTemplate("call", Text(title or "x", "x"), Text(text, "x"), "1d")}
    calls = rule(name=title)

    if NATIVE.say(calls, ground(tasks=tasks)).ways:
        imported(calls, on=ground(tasks=tasks))
