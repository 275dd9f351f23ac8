"""What each screen shows in each of its states, to whom, in which language; and what it refuses."""

from __future__ import annotations

import re

import pytest
from houses import House
from sqlalchemy import text
from wizards import Person, arrived, checksum_of, during, form_of, json_of, moved_on, runs, words_of

from installer.routes import streaming
from installer.wizard import plans, wiping
from widget_backend.db import scope
from widget_backend.sandbox.faults import Fault
from widget_backend.tenancy import installations
from widget_backend.texts import Text

PICKING = "stage.visits.picking"


@pytest.fixture(params=["boris", "alice"])
def admin(request: pytest.FixtureRequest, house: House) -> Person:
    """Boris on Bitrix24 and Alice on amoCRM, each at the first screen."""
    return arrived(house, getattr(house, request.param))


@pytest.fixture
def boris(house: House) -> Person:
    return arrived(house, house.boris)


def test_the_first_screen_is_a_skeleton_until_the_crm_was_read(house: House) -> None:
    person = Person(house, house.boris, _session(house))

    waiting = person.get("/wizard").text
    house.works()
    ready = words_of(person.get("/wizard").text)

    assert 'class="making"' in waiting
    assert "Права администратора есть" in ready
    assert "Тариф: Стандартный" in ready
    assert "Ограничение CRM: 9999 запросов в секунду" in ready


def _session(house: House) -> str:
    page = house.installs(house.boris)
    found = re.search(r'name="app-session" content="([^"]+)"', page.text)
    assert found is not None
    return found.group(1)


def test_a_crm_that_does_not_answer_is_said_while_it_is_tried_again(house: House) -> None:
    boris = arrived(house, house.boris)
    house.boris.faults.plan(Fault(0, "http_502"))

    boris.post("/wizard/check")
    house.works()

    assert "CRM пока не отвечает, пробуем ещё раз сами" in words_of(boris.get("/wizard/access").text)


def test_a_crm_that_stays_away_is_an_error_with_a_button(house: House) -> None:
    boris = arrived(house, house.boris)
    house.boris.faults.plan(Fault(0, "http_502"))
    boris.post("/wizard/check")
    house.works()
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE wizard_plan SET asked_at = asked_at - interval '5 minutes'"))

    shown = boris.get("/wizard/access").text

    assert "Проверить не удалось" in words_of(shown)
    assert 'hx-post="/wizard/check"' in shown


def test_a_user_without_rights_in_the_crm_is_told_what_is_missing(house: House) -> None:
    person = Person(house, house.boris, _session(house))
    house.boris.state.users[1].admin = False
    house.works()

    shown = person.get("/wizard/access").text

    assert 'id="next"' not in shown
    assert "нет прав администратора CRM" in words_of(shown)


def test_the_choices_are_filled_in_and_one_click_accepts_them_all(admin: Person) -> None:
    shown = admin.get("/wizard/choices").text
    admin.chooses()

    assert {"Филиалы клиники", "Лечащие врачи", "Услуги", "Рабочие часы клиники"} <= set(
        re.findall(r">([^<>]+)</label>", shown)
    )
    assert "пн-пт 09:00-20:00" in shown
    assert "Применить:" in words_of(admin.get("/wizard/plan").text)


def test_accepting_what_is_there_does_not_read_the_crm_again(boris: Person) -> None:
    boris.crm.faults.plan()

    boris.plans()

    assert boris.crm.faults.log == []


@pytest.mark.parametrize(
    ("setting", "field"), [("branches", "Филиал"), ("doctors", "Лечащий врач"), ("services", "Услуга")]
)
def test_what_a_clinic_names_becomes_options_of_the_field(admin: Person, setting: str, field: str) -> None:
    admin.plans(**{f"set.{setting}": "Первое\nВторое"})
    admin.applies()
    admin.house.works()

    assert admin.hands.options(field) == ["Первое", "Второе"]


def test_a_doctor_who_comes_later_is_added_and_nobody_is_lost(admin: Person) -> None:
    admin.plans(**{"set.doctors": "Вера Образцова"})
    admin.applies()
    admin.house.works()

    plan = words_of(admin.plans(**{"set.doctors": "Вера Образцова\nПётр Примеров"}))
    admin.applies()
    admin.house.works()

    assert "Применить: 1 изменение" in plan
    assert admin.hands.options("Лечащий врач") == ["Вера Образцова", "Пётр Примеров"]


def test_a_skipped_stage_and_field_are_not_made_and_their_rules_are_named(admin: Person) -> None:
    taken = [a for a in form_of(admin.get("/wizard/choices").text)["take"] if a not in (PICKING, "field.deal.doctor")]
    page = words_of(admin.plans(**{"take": taken, "set.booking_stage": "stage.visits.new"}))
    admin.applies()
    admin.house.works()

    assert "не будут работать правила" not in page
    assert runs(admin.house) == ["done"]
    assert "Подбираем время" not in admin.hands.pipelines()["Приемы"]
    assert "Лечащий врач" not in admin.hands.fields("deal")


def test_rules_that_rest_on_what_is_skipped_are_named_on_the_plan(boris: Person) -> None:
    taken = [a for a in form_of(boris.get("/wizard/choices").text)["take"] if a != "field.contact.in_treatment"]

    page = words_of(boris.plans(take=taken))

    assert "Из-за пропущенного не будут работать правила" in page


def test_a_skipped_stage_that_a_setting_needs_is_said_and_nothing_is_lost(boris: Person) -> None:
    taken = [a for a in form_of(boris.get("/wizard/choices").text)["take"] if a != PICKING]

    refused = boris.chooses(**{"take": taken, "set.branches": "Центр"})

    assert refused.status_code == 422
    assert "он пропущен или его воронка выключена" in words_of(refused.text)
    assert "Центр" in form_of(refused.text)["set.branches"][0]


def test_a_wrong_answer_is_said_beside_its_field(boris: Person) -> None:
    refused = boris.chooses(**{"set.working_hours": "с утра до вечера"})

    assert refused.status_code == 422
    assert 'id="set.working_hours-wrong"' in refused.text
    assert 'aria-invalid="true"' in refused.text


def test_another_preset_brings_its_own_questions(boris: Person) -> None:
    shown = boris.get("/wizard/choices?preset=dental-ident").text

    assert "Направления" in shown
    assert 'value="dental-ident" checked' in shown


def test_answers_to_another_presets_questions_are_kept(boris: Person) -> None:
    answers = form_of(boris.get("/wizard/choices?preset=dental-ident").text)

    boris.post("/wizard/choices", **{**answers, "set.branches": "Центр"})

    kept = form_of(boris.get("/wizard/choices").text)
    assert (kept["preset"], kept["set.branches"]) == (["dental-ident"], ["Центр"])


def test_answers_to_the_questions_of_a_preset_that_was_left_are_not_taken_for_those_of_the_new_one(
    boris: Person,
) -> None:
    answers = form_of(boris.get("/wizard/choices").text)

    boris.post("/wizard/choices", **{**answers, "preset": "dental-ident", "set.branches": "Центр"})

    kept = form_of(boris.get("/wizard/choices").text)
    assert (kept["preset"], kept["set.branches"]) == (["dental-ident"], ["Основной филиал"])


def test_a_form_says_whether_its_answers_are_kept(boris: Person) -> None:
    kept, other = boris.get("/wizard/choices").text, boris.get("/wizard/choices?preset=dental-ident").text
    wrong = boris.chooses(**{"set.working_hours": "с утра до вечера"}).text

    assert [" data-unsaved" in page for page in (kept, other, wrong)] == [False, True, True]
    assert "data-guard" in kept


def test_the_plan_says_that_nothing_was_written_and_counts(admin: Person) -> None:
    shown = words_of(admin.plans())

    assert "Ничего ещё не записано." in shown
    assert re.search(r"\d+ создать 0 изменить 0 оставить 0 решить", shown)
    assert "Только изменения" in shown


def test_the_plan_is_grouped_by_pipeline(admin: Person) -> None:
    shown = admin.plans()

    groups = re.findall(r'<span class="group-title">([^<]+)</span>', shown)
    assert groups[:4] == ["Приемы", "База пациентов", "Координаторы", "Реанимация"]
    assert {"Сделка", "Контакт", "Источники"} <= set(groups)
    assert "Сделки и контакты подписка" in words_of(shown)
    assert "subscription." not in words_of(shown)


def test_a_plan_with_nothing_to_do_says_so(admin: Person) -> None:
    admin.sets_up()

    shown = admin.plans()

    assert "Делать нечего" in words_of(shown)
    assert 'id="apply-now"' not in shown


def asked(admin: Person) -> str:
    """Set up, then both the clinic and the preset rename a stage, and the clinic removes another."""
    admin.sets_up()
    admin.hands.rename_stage("Приемы", "Подбираем время", "Ищем окно")
    admin.hands.remove_stage("Приемы", "Взято в работу")
    moved_on(admin, PICKING, "Подбор времени")
    admin.post("/wizard/check", **{"from": "plan"})
    admin.house.works()
    return admin.get("/wizard/plan").text


def test_questions_must_be_decided_before_applying(admin: Person) -> None:
    page = asked(admin)

    assert "Осталось решить: 2 вопроса" in words_of(page)
    assert re.search(r'id="apply-now"[^>]* disabled', page)
    assert admin.post("/wizard/apply", checksum=_checksum(admin)).status_code == 422


def _checksum(admin: Person) -> str:
    with admin.house.database.engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT checksum FROM wizard_plan WHERE purpose = 'apply'").scalar_one())


def test_each_question_is_decided_by_itself(admin: Person) -> None:
    asked(admin)

    one = words_of(admin.post("/wizard/decide", address=PICKING, choice="replace").text)
    admin.post("/wizard/decide", address="stage.visits.taken", choice="keep")
    admin.house.works()
    plan = words_of(admin.get("/wizard/plan").text)
    admin.applies()
    admin.house.works()

    assert "Осталось решить: 1 вопрос" in one
    assert "Ищем окно" in plan
    assert runs(admin.house) == ["done", "done"]
    assert "Подбираем время" in admin.hands.pipelines()["Приемы"]
    assert "Взято в работу" not in admin.hands.pipelines()["Приемы"]


def test_all_questions_are_decided_at_once_and_can_be_decided_anew(boris: Person) -> None:
    asked(boris)

    boris.post("/wizard/decide", choice="replace")
    boris.house.works()
    decided = boris.get("/wizard/plan").text
    boris.post("/wizard/decide", choice="ask")
    boris.house.works()

    assert "Ваши решения учтены: 2" in words_of(decided)
    assert "Применить: 2 изменения" in words_of(decided)
    assert "Осталось решить: 2 вопроса" in words_of(boris.get("/wizard/plan").text)


def test_keeping_ones_own_everywhere_leaves_nothing_to_do(boris: Person) -> None:
    asked(boris)

    boris.post("/wizard/decide", choice="keep")
    boris.house.works()

    assert "Делать нечего" in words_of(boris.get("/wizard/plan").text)


def test_a_stage_with_deals_is_changed_only_after_a_tick(admin: Person) -> None:
    admin.sets_up()
    admin.hands.rename_stage("Приемы", "Подбираем время", "Подбор времени")
    admin.hands.add_deal("Приемы", "Подбор времени")
    moved_on(admin, PICKING, "Подбор времени")
    admin.post("/wizard/check", **{"from": "plan"})
    admin.house.works()

    shown = admin.get("/wizard/plan").text
    refused = admin.applies()
    admin.applies(accept="deals:0")
    admin.house.works()

    assert "На этапе «Подбор времени» есть сделки (1)" in words_of(shown)
    assert "Было Станет" in words_of(shown)
    assert (refused.status_code, runs(admin.house)) == (422, ["done", "done"])
    assert "Подбираем время" in admin.hands.pipelines()["Приемы"]


def test_a_checksum_of_another_plan_is_refused(boris: Person) -> None:
    boris.plans()

    refused = boris.post("/wizard/apply", checksum="0" * 64)

    assert refused.status_code == 409
    assert "Пока вы смотрели, план обновился" in words_of(refused.text)
    assert runs(boris.house) == []


def test_the_plan_is_taken_away_by_an_address_that_works_once(boris: Person) -> None:
    boris.plans()
    found = re.search(r'href="([^"]+)"', boris.post("/wizard/download").text)
    assert found is not None
    address = found.group(1)

    first, again = (boris.house.client.get(address) for _ in range(2))

    assert first.headers["Content-Disposition"] == 'attachment; filename="dental-crm-apply.json"'
    assert json_of(first)["checksum"] == checksum_of(boris.get("/wizard/plan").text)
    assert again.status_code == 403


def test_a_ticket_for_a_page_opens_no_file(house: House) -> None:
    alice = arrived(house, house.alice)
    address = json_of(house.widget(alice.crm, alice.crm.names()))["url"]  # type: ignore[arg-type,union-attr]

    assert house.client.get(f"/wizard/plan.json?t={address.partition('t=')[2]}").status_code == 403


def test_who_may_not_export_is_offered_no_file(boris: Person) -> None:
    boris.plans()

    offered = [role for role in ("admin", "auditor", "user") if 'id="take-away"' in _plan_of(boris, role)]

    assert offered == ["admin", "auditor"]


def _plan_of(boris: Person, role: str) -> str:
    return boris.as_role(role).get("/wizard/plan").text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "path", ["/wizard/access", "/wizard/choices", "/wizard/plan", "/wizard/result", "/wizard/remove"]
)
def test_an_ordinary_user_sees_every_screen_with_the_reason_and_no_button_that_changes(
    boris: Person, path: str
) -> None:
    boris.sets_up()

    shown = boris.as_role("user").get(path)

    assert shown.status_code == 200
    assert "Менять настройку CRM может только её администратор" in words_of(shown.text)
    assert re.findall(r'hx-post="(?!/wizard/download)[^"]+"(?![^>]*disabled)', shown.text.partition("<form")[0]) == []


@pytest.mark.parametrize(
    "path",
    [
        "check",
        "choices",
        "decide",
        "apply",
        "pause",
        "resume",
        "retry/1",
        "give-up",
        "verify",
        "finish",
        "rollback",
        "download",
    ],
)
@pytest.mark.parametrize("role", ["user", "marketer", "coordinator"])
def test_an_ordinary_user_changes_nothing_whatever_is_sent(boris: Person, path: str, role: str) -> None:
    boris.plans()
    before = boris.house.rows()

    refused = boris.as_role(role).post(f"/wizard/{path}", choice="keep", checksum=_checksum(boris))  # type: ignore[arg-type]

    assert refused.status_code == 403
    assert boris.house.rows() == before


def test_an_auditor_may_take_the_plan_away(boris: Person) -> None:
    boris.plans()

    assert boris.as_role("auditor").post("/wizard/download").status_code == 200


@pytest.mark.parametrize(
    "path", ["/wizard/access", "/wizard/choices", "/wizard/plan", "/wizard/result", "/wizard/remove"]
)
def test_english_pages_are_english(boris: Person, path: str) -> None:
    boris.sets_up()

    shown = boris.as_role("owner", "en").get(path).text
    ours = re.findall(r"<(?:h1|h2|button|legend|summary|label)[^>]*>([^<]+)<", shown)

    assert [words for words in ours if re.search("[а-яё]", words, re.IGNORECASE)] == []


def test_the_result_links_into_the_crm_and_says_what_is_next(admin: Person) -> None:
    shown = admin.sets_up()

    links = re.findall(r'href="([^"]+)" target="_blank"', shown)
    assert len(links) == 5
    assert all(link.startswith(admin.crm.url) for link in links)
    assert "Проведите пробную сделку" in words_of(shown)


def test_the_installation_is_finished_in_bitrix24_and_the_crm_opened_in_amocrm(house: House) -> None:
    boris, alice = arrived(house, house.boris).sets_up(), arrived(house, house.alice).sets_up()

    assert ("data-install-finish" in boris, "data-install-finish" in alice) == (True, False)
    assert 'id="open-crm"' in alice


def test_steps_by_hand_are_verified(house: House) -> None:
    alice = arrived(house, house.alice)
    before = words_of(alice.sets_up())

    checking = words_of(alice.post("/wizard/verify").text)
    house.works()

    assert "Осталось сделать вручную" in before
    assert "Проверяем…" in checking
    assert "Проверяем…" not in words_of(alice.get("/wizard/result").text)


def test_leaving_offers_the_rollback_first(admin: Person) -> None:
    admin.sets_up()

    shown = admin.get("/wizard/remove").text

    assert "Сначала покажем план отката" in words_of(shown)
    assert 'hx-post="/wizard/rollback"' in shown


def test_a_clinic_that_has_made_nothing_has_nothing_to_take_back(boris: Person) -> None:
    assert "мы ещё ничего не создали" in words_of(boris.get("/wizard/remove").text)


@pytest.mark.parametrize("step", ["choices", "plan"])
def test_a_reload_shows_the_same_screen(boris: Person, step: str) -> None:
    boris.plans()
    here = boris.get(f"/wizard/{step}").text

    assert boris.get("/wizard").text == here


@pytest.mark.parametrize("status", ["paused", "reconnect"])
def test_a_held_up_installation_says_why_and_lets_nothing_be_changed(boris: Person, status: str) -> None:
    boris.plans()
    hold = {"paused": installations.pause, "reconnect": installations.need_reconnect}[status]
    with boris.house.database.transaction() as session:
        hold(session, boris.house.of(boris.crm).id)

    shown, refused = boris.get("/wizard"), boris.applies()

    assert "целы" in words_of(shown.text)
    assert refused.status_code == 409
    assert runs(boris.house) == []


def test_a_stream_tells_the_progress_in_numbered_events(boris: Person) -> None:
    boris.plans()
    boris.applies()

    answer = boris.get("/wizard/events")
    first = next(iter(answer.response))
    answer.close()

    assert answer.mimetype == "text/event-stream"
    assert first.startswith("id: 1-1\ndata: ") if isinstance(first, str) else first.startswith(b"id: 1-1\ndata: ")


def test_the_stream_of_a_resting_run_stays_open(boris: Person) -> None:
    boris.plans()
    boris.applies()
    boris.post("/wizard/pause")

    answer = boris.get("/wizard/events", **{"Last-Event-ID": "1-0"})
    first = next(iter(answer.response))
    answer.close()

    assert b"id: 1-2" in (first if isinstance(first, bytes) else first.encode())
    assert streaming.LIFE > streaming.SIGN > streaming.TICK


def test_a_stream_ends_with_the_run_and_loads_the_result(boris: Person) -> None:
    boris.sets_up()

    said = boris.get("/wizard/events").text

    assert said.count("id: ") == 1
    assert 'hx-get="/wizard" hx-trigger="load' in said


def test_who_comes_back_is_not_told_twice(boris: Person) -> None:
    boris.sets_up()
    said = boris.get("/wizard/events").text
    number = said.partition("\n")[0].removeprefix("id: ")

    assert boris.get("/wizard/events", **{"Last-Event-ID": number}).text == ""


def test_more_streams_than_there_is_room_for_get_the_polling_page(boris: Person) -> None:
    boris.plans()
    boris.applies()
    open_ = [boris.get("/wizard/events") for _ in range(streaming.STREAMS)]

    more = boris.get("/wizard/events")
    # one thread holds them all here, so the last one opened is the first to be closed
    for answer in reversed(open_):
        answer.close()

    assert more.mimetype == "text/html"
    assert 'hx-trigger="every 2s"' in more.text


def test_the_polling_page_stops_asking_when_the_run_is_over(boris: Person) -> None:
    boris.plans()
    boris.applies()
    under_way = boris.get("/wizard/progress").text
    boris.house.works()

    over = boris.get("/wizard/progress").text

    assert 'hx-trigger="every 2s"' in under_way
    assert 'hx-trigger="every 2s"' not in over


def test_progress_names_what_is_being_made(boris: Person) -> None:
    boris.plans()
    boris.applies()
    pages: list[str] = []
    during(boris.crm, 1, lambda: pages.append(boris.get("/wizard/progress").text))

    boris.house.works()

    assert "Сейчас: создать" in words_of(pages[0])
    assert "Окно можно закрыть" in words_of(pages[0])


def test_clara_sees_nothing_of_boris(house: House) -> None:
    boris, clara = arrived(house, house.boris), arrived(house, house.clara)
    boris.chooses(**{"set.branches": "Тайный филиал"})
    boris.house.works()
    boris.applies()

    seen = [clara.get(f"/wizard/{path}").text for path in ("choices", "plan", "running", "result")]

    assert "Тайный филиал" not in "".join(seen)
    assert 'id="progress"' not in "".join(seen)


def test_an_answer_to_an_older_asking_is_thrown_away(boris: Person) -> None:
    number = boris.house.of(boris.crm).id
    with scope(number), boris.house.database.transaction() as session:
        older = plans.load(session)
        plans.ask(session, number)

        plans.fail(session, older, Text("сказано", "said"), final=True)
        plans.store(session, number, older, {})
        now = plans.load(session)

    assert (now.state, now.error) == ("making", None)


def test_a_removal_and_a_new_installation_make_all_older_askings_older(boris: Person) -> None:
    number = boris.house.of(boris.crm).id
    with scope(number), boris.house.database.transaction() as session:
        before = plans.load(session)
        wiping.forget(session)
        plans.store(session, number, before, {})
        wiped = plans.load(session)

    assert wiped.state == "none"


def test_a_plan_that_nobody_makes_is_an_error_with_a_button(boris: Person) -> None:
    boris.post("/wizard/check")
    with boris.house.database.engine.begin() as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
        connection.execute(text("UPDATE wizard_plan SET asked_at = asked_at - interval '4 minutes'"))

    page = boris.get("/wizard/access").text

    assert 'data-screen="access-error"' in page
    assert 'id="check-again"' in page
