"""The page of the CRM's own robots: what can be handed over, the archive, workflows, and the way back; and robots' settings."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pytest
from api_desks import Caller, Desk, rested
from houses import BITRIX24
from sqlalchemy import text
from test_words import CYRILLIC, PAGES, texts
from werkzeug.test import TestResponse
from wizards import words_of

from widget_backend.db import scope
from widget_backend.native import robot_words, words
from widget_backend.robots import rules
from widget_backend.sandbox.bitrix24 import robots as portals_robots
from widget_backend.sandbox.bitrix24.frames import DIALOG, Opening, open_dialog
from widget_backend.sandbox.bitrix24.pages import importing
from widget_backend.security.sessions import Role
from widget_backend.texts import Text

MANAGER = 7
TASK, OTHER, WAIT, NEVER = "next_step_visits_new", "date_visits_new", "confirm", "take"


@dataclass(frozen=True)
class Page:
    """Somebody looks at it. Every request is a client of its own, as browsers are."""

    desk: Desk
    caller: Caller

    def get(self, path: str = "") -> TestResponse:
        return self._client().get(f"/office/robots{path}", headers=self._headers())

    def post(self, act: str, **form: Any) -> TestResponse:
        return self._client().post(f"/office/robots/{act}", data=form, headers=self._headers())

    def reads(self, path: str = "") -> str:
        return words_of(self.get(path).text)

    def presses(self, act: str, **form: Any) -> TestResponse:
        return self.post(act, key=key_of(self.get()), **form)

    def gives(self, *keys: str) -> TestResponse:
        return self.presses("give", rule=list(keys))

    def takes_back(self, *keys: str, way: str = "robots", **form: str) -> TestResponse:
        return self.presses("back", rule=list(keys), way=way, **form)

    def as_role(self, role: Role) -> Page:
        return replace(self, caller=self.caller.as_role(role))

    def handed(self) -> dict[str, str]:
        """Key -> way, as it is kept."""
        with scope(self.desk.number), self.desk.house.database.transaction() as session:
            return {key: how.way for key, how in rules.load(session).over.items()}

    def offered(self) -> set[str]:
        return set(re.findall(r'id="give-([a-z_0-9]+)"', self.get().text))

    def flows(self) -> list[str]:
        """Names of our workflows in the portal."""
        return [row.description for row in self.desk.house.boris.state.workflow_templates.values()]

    def _client(self) -> Any:
        return self.caller.house.app.test_client()

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.caller.session}", "HX-Request": "true"}


def key_of(page: TestResponse) -> str:
    found = re.search(r'name="key" value="([0-9a-f]{20})"', page.text)
    assert found, page.text[:2000]
    return found.group(1)


@pytest.fixture
def page(boris: Desk) -> Iterator[Page]:
    """Boris's administrator, who has handed nothing over."""
    yield Page(boris, boris.admin)
    boris.run("UPDATE robot_book SET handed = '{}', stamp = md5(random()::text)::varchar(16)")
    boris.house.boris.state.workflow_templates.clear()
    boris.house.boris.state.workflow_runs.clear()
    boris.house.boris.state.placed_robots.clear()
    boris.house.boris.state.automated_stages.clear()


@pytest.fixture
def alices(clinics: dict[str, Desk]) -> Page:
    return Page(clinics["alice"], clinics["alice"].admin)


@pytest.fixture
def claras(clinics: dict[str, Desk]) -> Iterator[Page]:
    for desk in rested(clinics["clara"]):
        yield Page(desk, desk.admin)


def test_the_page_says_what_it_is_for_and_what_stays_with_us(page: Page) -> None:
    said = page.reads()

    assert "The application carries out the rules, on any plan" in said
    assert "No rule runs twice" in said
    assert "Nothing yet: the application does it all." in said
    assert {TASK, OTHER, WAIT} <= page.offered()
    assert NEVER not in page.offered()
    assert "Only the application knows whose turn it is" in said


def test_what_is_handed_over_is_off_here_and_in_the_archive(page: Page) -> None:
    done = page.gives(TASK, OTHER)

    archive = fetched(page)
    texts_ = archive["BIZPROC_MAIN/0000.json"].decode()
    assert "Handed over: 2" in words_of(done.text)
    assert page.handed() == {TASK: "robots", OTHER: "robots"}
    assert json.loads(archive["manifest.json"])["SKIP_CLEARING"] == "Y"
    assert sorted(archive) == ["BIZPROC_MAIN/0000.json", "manifest.json"]
    assert json.loads(texts_)["DOCUMENT_STATUS"] == page.desk.reception.clinic.chart.stage["stage.visits.new"].id
    assert ("CrmCreateToDoActivity" in texts_, "SetFieldActivity" in texts_) == (True, True)
    assert "admin rule.robots" in page.desk.acts()


def taken(page: Page) -> bytes:
    """The archive, through its ticket."""
    address = re.search(r'href="([^"]+)"', page.post("download").text)
    assert address
    answer = page.desk.house.app.test_client().get(address.group(1))
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    return answer.data


def fetched(page: Page) -> dict[str, bytes]:
    """The files of the archive."""
    with zipfile.ZipFile(io.BytesIO(taken(page))) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_rule_the_portal_has_taken_over_is_carried_out_once(page: Page) -> None:
    page.gives("base_ready")
    desk, boris = page.desk, page.desk.house.boris.state
    report = importing.take(boris, taken(page))
    patient = desk.reception.patient("Анна Роботова", "+79005558801")
    deal = desk.reception.deal(patient, "stage.base.taken")
    desk.reception.settles()

    desk.reception.moves(deal, "stage.base.ready")
    desk.reception.settles()

    copies = [
        each for each in boris.items[2].values() if each["contactIds"] == [int(patient)] and each["id"] != int(deal)
    ]
    assert (report.robots, report.errors) == (1, [])
    assert [each["stageId"] for each in copies] == [desk.reception.clinic.chart.stage["stage.visits.picking"].id]


def test_a_ticket_is_good_once_and_for_its_clinic_alone(page: Page, claras: Page) -> None:
    page.gives(TASK)
    found = re.search(r'href="([^"]+)"', page.post("download").text)
    assert found
    client = page.desk.house.app.test_client()

    first, second = client.get(found.group(1)), client.get(found.group(1))

    assert (first.status_code, second.status_code) == (200, 403)
    assert claras.post("download").status_code == 422
    assert (claras.handed(), "Nothing yet" in claras.reads()) == ({}, True)


def test_a_form_that_is_sent_twice_is_done_once(page: Page) -> None:
    key, before = key_of(page.get()), page.desk.acts().count("admin rule.robots")

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda _: page.post("give", key=key, rule=[TASK]), range(2)))

    assert [one.status_code for one in sent] == [200, 200]
    assert page.desk.acts().count("admin rule.robots") == before + 1
    assert page.handed() == {TASK: "robots"}
    assert page.gives(TASK).status_code == 409


def test_robots_are_taken_back_once_a_person_has_removed_them(page: Page) -> None:
    page.gives(TASK, OTHER)

    hasty = page.takes_back(TASK)
    done = page.takes_back(TASK, removed="yes")

    assert (hasty.status_code, "else a rule would act twice" in words_of(hasty.text)) == (422, True)
    assert "Taken back: 1" in words_of(done.text)
    assert page.handed() == {OTHER: "robots"}
    assert "admin rule.back" in page.desk.acts()


def test_a_workflow_stands_in_the_portal_before_its_rule_is_off(page: Page) -> None:
    done = page.presses("flow", rule=WAIT)

    assert "was handed to a workflow" in words_of(done.text)
    assert (page.handed(), page.flows()) == ({WAIT: "flow"}, ["dental-crm:confirm"])


def test_a_double_click_puts_one_workflow_there(page: Page) -> None:
    key = key_of(page.get())

    with ThreadPoolExecutor(2) as pool:
        sent = list(pool.map(lambda _: page.post("flow", key=key, rule=WAIT), range(2)))

    assert [one.status_code for one in sent] == [200, 200]
    assert page.flows() == ["dental-crm:confirm"]


def test_a_workflow_goes_with_all_that_wait_before_its_rule_is_ours_again(page: Page) -> None:
    page.presses("flow", rule=WAIT)
    boris = page.desk.house.boris.state
    _, deal = page.desk.visit()
    page.desk.reception.hands.call(
        "bizproc.workflow.start",
        TEMPLATE_ID=next(iter(boris.workflow_templates)),
        DOCUMENT_ID=["crm", "CCrmDocumentDeal", f"DEAL_{deal}"],
    )

    done = page.takes_back(WAIT, way="flow")

    asked = "SELECT args->>'keys' FROM procrastinate_jobs WHERE task_name = 'robots.resume'"
    assert "Taken back: 1" in words_of(done.text)
    assert (page.handed(), page.flows(), boris.workflow_runs) == ({}, [], {})
    assert WAIT in page.desk.run(asked)


def test_a_portal_without_workflows_is_told_and_the_rule_stays_ours(page: Page) -> None:
    state = page.desk.house.boris.state
    state.settings.hidden_methods = frozenset({"bizproc.workflow.template.list", "bizproc.workflow.template.add"})
    try:
        refused = page.presses("flow", rule=WAIT)
    finally:
        state.settings.hidden_methods = frozenset()

    assert (refused.status_code >= 400, page.handed()) == (True, {})
    assert "Not done" in words_of(refused.text)


def test_a_rule_that_has_changed_is_told_and_none_of_anothers_is_taken(page: Page) -> None:
    page.gives(TASK)
    with scope(page.desk.number), page.desk.house.database.transaction() as session:
        rule = rules.load(session).entry[TASK].rule
        rules.save(session, page.desk.number, replace(rule, name=Text("Иначе", "Otherwise")))
    try:
        said = page.reads()
    finally:
        with scope(page.desk.number), page.desk.house.database.transaction() as session:
            rules.drop(session, page.desk.number, TASK)

    assert "The rule has changed since" in said
    assert page.takes_back("nothing", removed="yes").status_code == 409


@pytest.mark.parametrize("act", ["give", "flow", "back"])
def test_only_an_administrator_hands_over(page: Page, act: str) -> None:
    coordinator = page.as_role("coordinator")

    assert coordinator.post(act, key="0" * 20, rule=TASK).status_code == 403
    assert ("View only" in coordinator.reads(), coordinator.offered()) == (True, set())
    assert coordinator.post("download").status_code == 403


@pytest.mark.parametrize("form", [{"rule": [NEVER]}, {"rule": ["no_such"]}, {"rule": []}, {"rule": [TASK], "key": "x"}])
def test_what_cannot_be_handed_over_is_not(page: Page, form: dict[str, Any]) -> None:
    refused = page.post("give", **{"key": key_of(page.get()), **form})

    assert refused.status_code in (409, 422)
    assert page.handed() == {}


def test_amocrm_has_nobody_to_hand_rules_to(alices: Page) -> None:
    assert "There is nobody to hand rules to in this CRM" in alices.reads()
    assert alices.post("give", key="0" * 20, rule=[TASK]).status_code == 422


def test_before_the_set_up_there_is_nothing_to_hand_over(page: Page) -> None:
    with page.desk.house.database.engine.begin() as connection:
        held = connection.execute(
            text("DELETE FROM chart WHERE installation_id = :id RETURNING content, made_at"), {"id": page.desk.number}
        ).one()
    try:
        said = page.reads()
    finally:
        with page.desk.house.database.engine.begin() as connection:
            kept = {"id": page.desk.number, "content": json.dumps(held.content), "made_at": held.made_at}
            connection.execute(
                text("INSERT INTO chart (installation_id, content, made_at) VALUES (:id, :content, :made_at)"), kept
            )

    assert "There are no rules yet" in said


# settings of our robots in the portal's designer


def dialog(desk: Desk, code: str, user: int = 1, **values: Any) -> Opening:
    """What the portal posts into the frame of a robot's settings."""
    state = desk.house.boris.state
    robot = portals_robots.find(state, BITRIX24.client_id, code)
    assert robot
    options = {
        "code": code,
        "activity_name": "A10000_10000_10000_10000",
        "properties": robot.fields.get("PROPERTIES") or [],
        "current_values": values or [],
        "document_type": ["crm", "CCrmDocumentDeal", "DEAL"],
        "document_fields": {},
        "template": [],
    }
    return open_dialog(state, robot, user, options)


def starts(answer: TestResponse) -> str:
    found = re.search(r'<div id="wizard"[^>]* hx-get="([^"]+)"', answer.text)
    assert found, answer.text[:500]
    return found.group(1).replace("&amp;", "&")


@pytest.mark.parametrize("code", ["route_patient", "copy_deal", "check_fields", "wake_deal"])
def test_each_robot_has_a_page_of_its_own(page: Page, code: str) -> None:
    opened = page.desk.house.opened(dialog(page.desk, code))

    assert (opened.status_code, starts(opened)) == (200, f"/office/robots/settings/{code}")
    assert robot_words.ROBOTS[code][1].en in page.reads(f"/settings/{code}")


def test_what_is_set_now_is_chosen_by_its_name(page: Page) -> None:
    opened = page.desk.house.opened(dialog(page.desk, "copy_deal", stage="stage.coord.new"))

    shown = page._client().get(starts(opened), headers=page._headers()).text
    assert re.findall(r'<option value="([^"]+)" selected', shown) == ["stage.coord.new"]
    assert "Координаторы / " in shown


def chosen(page: Page, told: str) -> list[str]:
    """What is selected where this is what the robot was set to."""
    return re.findall(r'<option value="([^"]+)" selected', page.get(f"/settings/wake_deal?stage={told}").text)


def test_what_was_written_by_hand_is_understood_where_it_is_clear(page: Page) -> None:
    stage = page.desk.reception.clinic.chart.stage["stage.visits.new"]

    assert chosen(page, stage.id) == chosen(page, "Приемы / Новая заявка") == [stage.address]
    assert chosen(page, "Взято в работу") == []


def test_what_is_gone_is_told(page: Page) -> None:
    assert "“stage.gone.new” was chosen before and is no more" in page.reads("/settings/copy_deal?stage=stage.gone.new")


def test_fields_are_ticked_by_name(page: Page) -> None:
    shown = page.get("/settings/check_fields?fields=field.deal.visit_at,field.deal.none").text

    assert re.findall(r'value="([^"]+)" data-property="fields" checked', shown) == ["field.deal.visit_at"]
    assert "field.deal.none" in words_of(shown)


@pytest.mark.parametrize(
    "changed",
    [
        {"PLACEMENT": "DEFAULT"},
        {"PLACEMENT_OPTIONS": "{}"},
        {"PLACEMENT_OPTIONS": "[" * 5000},
        {"PLACEMENT_OPTIONS": json.dumps({"code": "wake_deal"})},
        {"PLACEMENT_OPTIONS": json.dumps({"code": "copy_deal", "document_type": ["crm", "CCrmDocumentLead", "LEAD"]})},
    ],
)
def test_what_is_no_dialog_of_this_robot_is_refused(page: Page, changed: dict[str, str]) -> None:
    opened = page.desk.house.opened(dialog(page.desk, "copy_deal"), **changed)

    assert (opened.status_code, "app-session" in opened.text) == (404, False)


def test_a_foreign_frame_and_an_unknown_robot_open_nothing(page: Page, claras: Page) -> None:
    ours = dialog(page.desk, "copy_deal", MANAGER)
    forged = page.desk.house.opened(ours, APPLICATION_TOKEN="0" * 32)
    unknown = page.desk.house.opened(replace(ours, url=ours.url.replace("copy_deal", "drop_deal")))

    answered = page.desk.house.opened(ours)
    assert (forged.status_code, unknown.status_code) == (403, 404)
    assert page.get("/settings/drop_deal").status_code == 404
    assert f"frame-ancestors {page.desk.house.boris.url}" in answered.headers["Content-Security-Policy"]
    assert ours.fields["PLACEMENT"] == DIALOG


def test_every_text_is_said_in_both_languages() -> None:
    said = [one for module in (words, robot_words) for value in vars(module).values() for one in texts(value)]

    assert [one for one in said if not CYRILLIC.search(one.ru) or CYRILLIC.search(one.en)] == []
    assert [t for t in said if set(re.findall(r"{\w+}", t.ru)) != set(re.findall(r"{\w+}", t.en))] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.name.startswith("robot")], ids=lambda file: file.stem)
def test_a_template_names_only_words_that_exist(file: Any) -> None:
    found = file.read_text(encoding="utf-8")

    assert [name for name in re.findall(r"\bn\.([A-Z_]+)", found) if not hasattr(words, name)] == []
    assert [name for name in re.findall(r"\brs\.([A-Z_]+)", found) if not hasattr(robot_words, name)] == []
