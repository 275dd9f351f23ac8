"""The emulated portal's pages: what people see, and that what they do there is done by them and told like anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.bitrix24.pages import wording

Call = Callable[..., Any]

HANDLER = "https://app.example/b24/event"
SCRIPT = {"X-Sandbox-Page": "1"}


@pytest.fixture
def portal() -> Portal:
    portal = Portal.demo()
    portal.settings.rate_limit = False
    portal.issue_app("app.dental")
    return portal


@pytest.fixture
def http(portal: Portal) -> Any:
    """A browser in which Maria, a manager, is chosen."""
    http = create_app(portal).test_client()
    http.post("/market/acting", data={"user": "7"})
    return http


@pytest.fixture
def call(portal: Portal, http: Any) -> Call:
    """Call a method as the application's admin."""

    def send(method: str, **params: Any) -> Any:
        body = http.post(f"/rest/{method}", json=params | {"auth": portal.tokens(1).access}).get_json()
        assert "result" in body, body
        return body["result"]

    return send


@pytest.fixture
def pipeline(call: Call) -> int:
    """A second pipeline."""
    number: int = call("crm.category.add", entityTypeId=2, fields={"name": "Координаторы"})["category"]["id"]
    return number


@pytest.fixture
def deal(call: Call) -> int:
    """A deal of a patient with a phone."""
    fm = {"n0": {"typeId": "PHONE", "valueType": "MOBILE", "value": "+79000000001"}}
    patient = call("crm.item.add", entityTypeId=3, fields={"name": "Анна", "lastName": "Примерова", "fm": fm})["item"]
    number: int = call("crm.item.add", entityTypeId=2, fields={"title": "Осмотр", "contactIds": [patient["id"]]})[
        "item"
    ]["id"]
    return number


def listen(call: Call, *events: str) -> None:
    for event in events:
        call("event.bind", event=event, handler=HANDLER)


def told(portal: Portal) -> list[tuple[str, str]]:
    """The events sent since the last time, and whose token they brought."""
    sent: list[tuple[str, str]] = []
    deliver(portal, lambda _, form: sent.append((form["event"], form.get("auth[user_id]", ""))))
    return sent


def text(http: Any, address: str) -> str:
    answer = http.get(address)
    assert answer.status_code == 200
    return str(answer.get_data(as_text=True))


def test_a_card_is_moved_by_the_chosen_person(call: Call, portal: Portal, http: Any, deal: int) -> None:
    listen(call, "ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY")

    answer = http.post(f"/crm/deal/details/{deal}/move", data={"stage": "EXECUTING"}, headers=SCRIPT)

    assert (answer.get_json(), portal.items[2][deal]["stageId"]) == ({"go": ""}, "EXECUTING")
    assert (portal.items[2][deal]["movedBy"], told(portal)) == (7, [("ONCRMDEALUPDATE", "7")])


def test_peoples_own_way_into_another_pipeline_tells_of_the_move_alone(
    call: Call, portal: Portal, http: Any, pipeline: int, deal: int
) -> None:
    listen(call, "ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY")

    http.post(f"/crm/deal/details/{deal}/move", data={"category": pipeline}, headers=SCRIPT)

    assert portal.items[2][deal]["stageId"] == f"C{pipeline}:NEW"
    assert told(portal) == [("ONCRMDEALMOVETOCATEGORY", "7")]


def test_without_a_script_a_deed_leads_back_to_where_it_was_done(http: Any, portal: Portal, deal: int) -> None:
    came_from = {"Referer": f"http://localhost/crm/deal/details/{deal}/"}

    done = http.post(f"/crm/deal/details/{deal}/move", data={"stage": "WON"}, headers=came_from)
    refused = http.post(f"/crm/deal/details/{deal}/comment", data={"text": " "}, headers=came_from)

    assert (done.status_code, done.location) == (303, came_from["Referer"])
    assert (refused.status_code, "Комментарий пуст" in refused.get_data(as_text=True)) == (400, True)


def test_a_stage_that_is_gone_is_named_and_nothing_moves(http: Any, portal: Portal, deal: int) -> None:
    answer = http.post(f"/crm/deal/details/{deal}/move", data={"stage": "C99:NEW"}, headers=SCRIPT)

    assert (answer.status_code, "больше нет" in answer.get_json()["error"]) == (400, True)
    assert portal.items[2][deal]["stageId"] == "NEW"


def test_an_enquiry_makes_a_patient_and_a_deal(call: Call, portal: Portal, http: Any, pipeline: int) -> None:
    listen(call, "ONCRMDEALADD", "ONCRMCONTACTADD")
    form = {"name": "Примеров Олег", "phone": "8 900 000-00-02", "source": "CALL", "amount": "7000"}

    http.post("/crm/deal/new", data=form | {"category": pipeline}, headers=SCRIPT)

    [deal] = portal.items[2].values()
    contact = portal.items[3][deal["contactId"]]
    assert (deal["title"], deal["opportunity"], deal["sourceId"]) == ("Обращение: Примеров Олег", 7000, "CALL")
    assert (deal["stageId"], contact["lastName"], contact["name"]) == (f"C{pipeline}:NEW", "Примеров", "Олег")
    assert told(portal) == [("ONCRMCONTACTADD", "7"), ("ONCRMDEALADD", "7")]


def test_an_enquiry_of_a_known_patient_makes_no_second_one_but_a_relative_is_somebody_else(
    portal: Portal, http: Any, deal: int
) -> None:
    phone = "8 (900) 000-00-01"

    for name in ("Примерова Анна", "Примеров Олег"):
        http.post("/crm/deal/new", data={"name": name, "phone": phone}, headers=SCRIPT)
    nameless = http.post("/crm/deal/new", data={"phone": phone}, headers=SCRIPT)

    assert [each["contactId"] for each in portal.items[2].values()] == [1, 1, 3]
    assert "имя пациента" in nameless.get_json()["error"]


def test_a_form_writes_only_what_was_changed_in_it(call: Call, portal: Portal, http: Any, deal: int) -> None:
    options = [{"VALUE": "Зубов", "XML_ID": "z"}]
    for name, kind, more in (("DOCTOR", "enumeration", {"LIST": options}), ("TEETH", "string", {"MULTIPLE": "Y"})):
        call("crm.deal.userfield.add", fields={"FIELD_NAME": name, "USER_TYPE_ID": kind} | more)
    call("crm.item.update", entityTypeId=2, id=deal, fields={"comments": "От робота"})
    form = {"title": "Осмотр", "was.title": "Осмотр", "comments": "", "was.comments": "", "opportunity": "500"}
    option = str(portal.fields_of("CRM_DEAL")[0].options[0].id)
    form |= {"was.opportunity": "0", "UF_CRM_DOCTOR": option, "was.UF_CRM_DOCTOR": ""}
    form |= {"UF_CRM_TEETH": "16\r\n17", "was.UF_CRM_TEETH": ""}

    answer = http.post(f"/crm/deal/details/{deal}/edit", data=form, headers=SCRIPT)

    item = portal.items[2][deal]
    assert answer.get_json() == {"go": f"/crm/deal/details/{deal}/"}
    assert (item["comments"], item["opportunity"], item["isManualOpportunity"]) == ("От робота", 500, "Y")
    assert (item["UF_CRM_DOCTOR"], item["UF_CRM_TEETH"]) == (int(option), ["16", "17"])


def test_a_contacts_phones_are_changed_and_added(portal: Portal, http: Any, deal: int) -> None:
    [phone] = portal.items[3][1]["fm"]
    form = {f"fm.{phone['id']}": "+79000000009", "fm.new.EMAIL": "anna@clinic.example"}

    http.post("/crm/contact/details/1/edit", data=form, headers=SCRIPT)

    assert [row["value"] for row in portal.items[3][1]["fm"]] == ["+79000000009", "anna@clinic.example"]


def test_a_patient_who_writes_is_nobody_who_works_here(call: Call, portal: Portal, http: Any, deal: int) -> None:
    listen(call, "ONCRMACTIVITYADD")
    form = {"channel": "message", "text": "Можно завтра?", "deal": deal}

    http.post("/crm/contact/details/1/incoming", data=form, headers=SCRIPT)
    page = text(http, f"/crm/deal/details/{deal}/")

    assert told(portal) == [("ONCRMACTIVITYADD", "")]
    assert ("Чат: Примерова Анна" in page, "Можно завтра?" in page) == (True, True)


def test_the_timeline_tells_the_newest_first(call: Call, portal: Portal, http: Any, deal: int) -> None:
    http.post(f"/crm/deal/details/{deal}/move", data={"stage": "EXECUTING"})
    http.post(f"/crm/deal/details/{deal}/comment", data={"text": "Ждёт [B]звонка[/B] <script>"})
    fields = {"entityTypeId": 2, "entityId": deal, "title": "Почему", "text": "Правило 7", "iconCode": "info"}
    call("crm.timeline.logmessage.add", fields=fields)

    page = text(http, f"/crm/deal/details/{deal}/")

    places = [
        page.index(each) for each in ("Правило 7", "<strong>звонка</strong>", "Стадия изменена", "Сделка создана")
    ]
    assert places == sorted(places)
    assert ("Новая → В работе" in page, "звонка</strong> &lt;script&gt;" in page) == (True, True)


def test_to_dos_and_tasks_are_ticked_off(call: Call, portal: Portal, http: Any, deal: int) -> None:
    http.post(f"/crm/deal/details/{deal}/todo", data={"title": "Позвонить", "deadline": "2020-01-01T10:00"})
    fields = {"TITLE": "План лечения", "RESPONSIBLE_ID": 7, "UF_CRM_TASK": [f"D_{deal}"]}
    task = call("tasks.task.add", fields=fields)["task"]["id"]
    open_ones = text(http, "/crm/activity/")

    [todo] = portal.activities.values()
    http.post(f"/crm/activity/{todo['ID']}/done", data={"done": "Y"})
    http.post(f"/company/tasks/{task}/done")

    assert ("просрочено" in open_ones, "План лечения" in open_ones, "Осмотр" in open_ones) == (True, True, True)
    assert (todo["COMPLETED"], portal.tasks[int(task)]["status"]) == ("Y", "5")
    http.post(f"/company/tasks/{task}/done")
    assert portal.tasks[int(task)]["status"] == "2"


def test_notices_are_the_chosen_persons_own(call: Call, portal: Portal, http: Any) -> None:
    call("im.notify.system.add", USER_ID=7, MESSAGE="Пациент [URL=http://localhost/crm/deal/details/1/]ответил[/URL]")
    call("im.notify.system.add", USER_ID=1, MESSAGE="Только Анне")

    page = text(http, "/notices/")
    http.post("/notices/read")

    assert ('Пациент <a href="/crm/deal/details/1/">ответил</a>' in page, "Только Анне" in page) == (True, False)
    assert [row["read"] for row in portal.notices.values()] == ["Y", "N"]


def test_a_deal_is_deleted_and_its_page_is_gone(call: Call, portal: Portal, http: Any, deal: int) -> None:
    listen(call, "ONCRMDEALDELETE")

    answer = http.post(f"/crm/deal/details/{deal}/delete", headers=SCRIPT)

    assert answer.get_json() == {"go": "/crm/deal/kanban/category/0/"}
    assert (http.get(f"/crm/deal/details/{deal}/").status_code, told(portal)) == (404, [("ONCRMDEALDELETE", "7")])


def test_people_are_found_by_name_or_phone(http: Any, deal: int) -> None:
    assert "Примерова Анна" in text(http, "/crm/contact/list/?q=пример")
    assert "Примерова Анна" in text(http, "/crm/contact/list/?q=0000001")
    assert "Никого не нашлось" in text(http, "/crm/contact/list/?q=Образцов")
    assert "Осмотр" in text(http, "/crm/contact/details/1/")


def test_an_applications_tab_stands_on_deals_and_on_contacts(call: Call, portal: Portal, http: Any, deal: int) -> None:
    for code, title in (("CRM_DEAL_DETAIL_TAB", "Копии"), ("CRM_CONTACT_DETAIL_TAB", "Карта зубов")):
        call("placement.bind", PLACEMENT=code, HANDLER="https://app.example/w", TITLE=title)

    tab = f"/crm/contact/details/1/?tab={portal.placements[1].id}"
    contact = text(http, "/crm/contact/details/1/")
    assert ("Копии" in text(http, f"/crm/deal/details/{deal}/"), "Копии" in contact) == (True, False)
    assert (f'<a href="{tab}">Карта зубов</a>' in contact, "https://app.example/w" in text(http, tab)) == (True, True)


def test_an_open_tab_stands_in_place_of_the_card_until_it_is_gone(
    call: Call, portal: Portal, http: Any, deal: int
) -> None:
    call("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER="https://app.example/w", TITLE="Копии")
    tab = f"/crm/deal/details/{deal}/?tab={portal.placements[0].id}"

    opened, looked = text(http, tab), text(http, "/_sandbox/look" + tab)
    call("placement.unbind", PLACEMENT="CRM_DEAL_DETAIL_TAB")

    assert ('id="timeline"' in opened, 'id="frame"' in opened) == (False, True)
    assert ('id="timeline"' in looked, 'id="frame"' in looked) == (False, False)
    assert http.get(tab).status_code == 404


def test_menus_of_card_list_and_portal_have_the_applications_items(
    call: Call, portal: Portal, http: Any, deal: int
) -> None:
    titles = {"ru": {"TITLE": "Скопировать"}, "en": {"TITLE": "Copy"}}
    for code in ("CRM_DEAL_DETAIL_TOOLBAR", "CRM_DEAL_LIST_MENU", "LEFT_MENU"):
        call("placement.bind", PLACEMENT=code, HANDLER=f"https://app.example/{code}", LANG_ALL=titles)
    bar, row, left = (placement.id for placement in portal.placements)

    card, listed = text(http, f"/crm/deal/details/{deal}/"), text(http, "/crm/deal/list/")

    assert f'<a href="/crm/deal/details/{deal}/widget/{bar}/" data-slide>Скопировать</a>' in card
    assert f'<a href="/crm/deal/list/{deal}/widget/{row}/" data-slide>Скопировать</a>' in listed
    assert f'<a href="/marketplace/view/{left}/">Скопировать</a>' in card
    assert "https://app.example/LEFT_MENU" in text(http, f"/marketplace/view/{left}/")
    assert f"&#34;ID&#34;: &#34;{deal}&#34;" in text(http, f"/crm/deal/list/{deal}/widget/{row}/")


def test_who_may_not_use_an_application_is_not_offered_it(call: Call, portal: Portal, http: Any, deal: int) -> None:
    call("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER="https://app.example/w", TITLE="Копии")
    card = f"/crm/deal/details/{deal}/"
    portal.apps["app.dental"].users = frozenset({1})

    maria, admin = text(http, card), text(http, f"{card}?user=1")
    portal.apps["app.dental"].users, portal.apps["app.dental"].installed = None, False

    assert ("Копии" in maria, "Копии" in admin, "Копии" in text(http, f"{card}?user=1")) == (False, True, False)
    assert http.get(f"{card}?tab={portal.placements[0].id}").status_code == 404


def test_the_page_of_events_says_what_became_of_each(call: Call, portal: Portal, http: Any, deal: int) -> None:
    listen(call, "ONCRMDEALUPDATE")
    answers = iter([200, 500, None])
    for title in ("A", "B", "C"):
        call("crm.deal.update", id=deal, fields={"TITLE": title})
        deliver(portal, lambda *_: next(answers))
    portal.settings.lose_percent = 100
    call("crm.deal.update", id=deal, fields={"TITLE": "D"})

    page = text(http, "/sent/")

    assert all(each in page for each in ("200 ·", "500 ·", "нет ответа", "потеряно по дороге"))
    assert portal.tokens(1).access not in page


def test_faults_of_delivery_are_set_on_the_page(portal: Portal, http: Any) -> None:
    form = {"lose_percent": "5", "double_percent": "5", "reorder_percent": "10", "delay_s": "0,5", "event_seed": "7"}

    http.post("/sent/faults", data=form)
    refused = http.post("/sent/faults", data=form | {"lose_percent": "101"}, headers=SCRIPT)

    assert refused.status_code == 400
    settings = portal.settings
    assert (settings.lose_percent, settings.reorder_percent, settings.delay_s, settings.event_seed) == (5, 10, 0.5, 7)


def test_an_admin_puts_robots_and_triggers_on_stages(call: Call, portal: Portal, http: Any, deal: int) -> None:
    properties = {"branch": {"Name": {"ru": "Филиал"}, "Type": "select", "Options": {"a": "Центр"}, "Default": "a"}}
    call("bizproc.robot.add", CODE="route", HANDLER=HANDLER, NAME={"ru": "Маршрут"}, PROPERTIES=properties)
    call("crm.automation.trigger.add", CODE="came", NAME="Пришёл")
    keys = {"client_id": "app.dental", "stage": "EXECUTING"}
    robot = keys | {"code": "route", "timeout": "60", "property.branch": "a"}

    refused = http.post("/crm/deal/automation/0/robot", data=robot, headers=SCRIPT)
    http.post("/market/acting", data={"user": "1"})
    http.post("/crm/deal/automation/0/robot", data=robot)
    http.post("/crm/deal/automation/0/trigger", data=keys | {"code": "came", "stage": "WON"})
    designer = text(http, "/crm/deal/automation/0/")
    call("crm.deal.update", id=deal, fields={"STAGE_ID": "EXECUTING"})

    [sent] = portal.outbox
    assert refused.status_code == 400
    assert ("Маршрут" in designer, "Триггер: Пришёл" in designer, "Филиал" in designer) == (True, True, True)
    assert (sent.form["properties[branch]"], sent.form["timeout_duration"]) == ("a", "60")
    assert "ждёт ответа робота" in text(http, f"/crm/deal/details/{deal}/")
    http.post("/crm/deal/automation/0/remove", data={"robot": portal.placed_robots[0].id})
    http.post("/crm/deal/automation/0/remove", data={"client_id": "app.dental", "trigger": "came"})
    assert (portal.placed_robots, portal.placed_triggers) == ([], {})


def test_a_script_sees_by_a_number_that_something_has_changed(call: Call, portal: Portal, http: Any, deal: int) -> None:
    def changes() -> int:
        return int(http.get("/_sandbox/pulse").get_json()["changes"])

    before = changes()
    call("crm.item.list", entityTypeId=2)
    http.get("/")
    unchanged = changes()
    call("crm.deal.update", id=deal, fields={"TITLE": "Новое имя"})

    assert (unchanged == before, changes() > before) == (True, True)
    assert "Новое имя" in text(http, "/_sandbox/look/")


def test_looking_is_not_counted_among_an_applications_requests(portal: Portal) -> None:
    emulator = create_app(portal)
    http = emulator.test_client()

    for address in ("/_sandbox/look/", "/_sandbox/pulse", "/_sandbox/page.js", "/_sandbox/page.css"):
        assert http.get(address).status_code == 200

    assert emulator.faults.log == []


def test_a_demo_without_hands_stages_the_same(call: Call, portal: Portal, http: Any, deal: int) -> None:
    call("bizproc.robot.add", CODE="route", HANDLER=HANDLER, NAME="Маршрут")
    call("crm.automation.trigger.add", CODE="came", NAME="Пришёл")

    http.post("/_sandbox/robots", json={"code": "route", "stage_id": "WON", "timeout": 5, "properties": {"a": "1"}})
    http.post("/_sandbox/triggers", json={"code": "came", "stage_id": "WON"})
    hired = http.post(
        "/_sandbox/users", json={"id": 9, "name": "Ольга", "last_name": "П", "department": "Адм", "head": True}
    )
    heard = http.post("/_sandbox/incoming", json={"channel": "call", "contact": 1, "text": "Алло", "deal": deal})
    wrong = http.post("/_sandbox/incoming", json={"channel": "smoke", "contact": 1})

    assert (len(portal.placed_robots), portal.placed_triggers) == (1, {("app.dental", "came"): "WON"})
    assert portal.departments[hired.get_json()["department"]].head == 9
    assert (portal.activities[heard.get_json()["id"]]["DESCRIPTION"], wrong.status_code) == ("Алло", 400)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("[B]Да[/B] & <b>", "<strong>Да</strong> &amp; &lt;b&gt;"),
        ("[URL=https://x.example/?a=1&b=2]тут[/URL]", '<a href="https://x.example/?a=1&amp;b=2">тут</a>'),
        ('[URL=https://x.example/"onclick=x]тут[/URL]', '<a href="https://x.example/&#34;onclick=x">тут</a>'),
        ("[URL=javascript:alert(1)]тут[/URL]", "[URL=javascript:alert(1)]тут[/URL]"),
        ("[USER=7]Мария[/USER]\nда", "Мария<br>да"),
    ],
)
def test_bb_codes(given: str, shown: str) -> None:
    assert wording.rich(given) == shown
