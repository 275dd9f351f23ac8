"""A day's work on the emulated portal: activities and what they hang on, tasks, notices, notes, moves, deleted deals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from widget_backend.sandbox.bitrix24 import Portal, create_app
from widget_backend.sandbox.bitrix24.crm import incidents
from widget_backend.sandbox.bitrix24.delivery import deliver
from widget_backend.sandbox.bitrix24.state import User

Call = Callable[..., Any]

HANDLER = "https://app.example/b24/event"
TOMORROW = "2026-12-01T10:00:00+03:00"


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def portal(clock: Clock) -> Portal:
    portal = Portal.demo(clock=clock)
    portal.settings.rate_limit = False
    portal.issue_app("app.dental")
    return portal


@pytest.fixture
def call(portal: Portal) -> Call:
    """Call a method as the application's admin, or as another user: its result, or (status, code)."""
    http = create_app(portal).test_client()

    def send(method: str, user: int = 1, **params: Any) -> Any:
        answer = http.post(f"/rest/{method}", json=params | {"auth": portal.tokens(user).access})
        body = answer.get_json()
        return body["result"] if answer.status_code == 200 else (answer.status_code, body["error"])

    return send


@pytest.fixture
def pipeline(call: Call) -> int:
    """A second pipeline."""
    number: int = call("crm.category.add", entityTypeId=2, fields={"name": "Координаторы", "sort": 200})["category"][
        "id"
    ]
    return number


@pytest.fixture
def patient(call: Call) -> int:
    """A contact with a phone."""
    fm = {"n0": {"typeId": "PHONE", "valueType": "MOBILE", "value": "+79000000001"}}
    fields = {"name": "Анна", "lastName": "Примерова", "fm": fm, "assignedById": 7}
    number: int = call("crm.item.add", entityTypeId=3, fields=fields)["item"]["id"]
    return number


@pytest.fixture
def deal(call: Call, patient: int) -> int:
    """A deal of this patient, of Maria's."""
    fields = {"title": "Имплантация", "contactIds": [patient], "assignedById": 7}
    number: int = call("crm.item.add", entityTypeId=2, fields=fields)["item"]["id"]
    return number


def listen(call: Call, *events: str) -> None:
    for event in events:
        call("event.bind", event=event, handler=HANDLER)


def events(portal: Portal) -> list[tuple[str, bool]]:
    """The events sent since the last time, and whether each brought a token."""
    told: list[tuple[str, bool]] = []
    deliver(portal, lambda _, form: told.append((form["event"], "auth[access_token]" in form)))
    return told


def bound(call: Call, activity: int) -> list[tuple[int, int]]:
    rows = call("crm.activity.binding.list", activityId=activity)
    return [(row["entityTypeId"], row["entityId"]) for row in rows]


@pytest.mark.parametrize(
    ("channel", "provider", "completed"),
    [
        ("message", "IMOPENLINES_SESSION", "N"),
        ("call", "VOXIMPLANT_CALL", "Y"),
        ("missed", "VOXIMPLANT_CALL", "N"),
        ("letter", "CRM_EMAIL", "N"),
    ],
)
def test_what_comes_from_a_patient_hangs_on_him_and_on_his_open_deal(
    call: Call, portal: Portal, patient: int, deal: int, channel: str, provider: str, completed: str
) -> None:
    listen(call, "ONCRMACTIVITYADD")

    number = incidents.arrive(portal, channel, patient, "Хочу записаться")["ID"]

    row = call("crm.activity.get", id=number)
    assert (row["PROVIDER_ID"], row["DIRECTION"], row["COMPLETED"]) == (provider, "1", completed)
    assert (row["OWNER_TYPE_ID"], row["RESPONSIBLE_ID"], row["IS_INCOMING_CHANNEL"]) == ("3", "7", "Y")
    assert bound(call, number) == [(3, patient), (2, deal)]
    assert events(portal) == [("ONCRMACTIVITYADD", False)]


def test_a_closed_deal_is_not_touched_by_a_call(call: Call, portal: Portal, patient: int, deal: int) -> None:
    call("crm.item.update", entityTypeId=2, id=deal, fields={"stageId": "WON"})

    number = incidents.arrive(portal, "call", patient, deal_id=deal)["ID"]

    assert bound(call, number) == [(3, patient)]


def test_an_activity_moves_the_last_activity_of_what_it_hangs_on(
    call: Call, portal: Portal, clock: Clock, patient: int, deal: int
) -> None:
    before = call("crm.item.get", entityTypeId=2, id=deal)["item"]
    clock.now += 3600

    incidents.arrive(portal, "message", patient)

    after = call("crm.item.get", entityTypeId=2, id=deal)["item"]
    assert before["lastActivityTime"] < after["lastActivityTime"]
    assert before["updatedTime"] == after["updatedTime"]


def test_activities_are_found_by_any_item_that_they_hang_on(
    call: Call, portal: Portal, patient: int, deal: int
) -> None:
    number = incidents.arrive(portal, "call", patient)["ID"]

    by_deal = call("crm.activity.list", filter={"BINDINGS": [{"OWNER_TYPE_ID": 2, "OWNER_ID": deal}]})
    by_owner = call("crm.activity.list", filter={"OWNER_TYPE_ID": 2, "OWNER_ID": deal})
    with_phone = call("crm.activity.list", filter={"ID": number}, select=["ID", "COMMUNICATIONS"])

    assert ([row["ID"] for row in by_deal], by_owner) == ([str(number)], [])
    assert with_phone[0]["COMMUNICATIONS"][0]["VALUE"] == "+79000000001"


def test_an_incoming_call_is_entered_by_an_application(call: Call, portal: Portal, patient: int, deal: int) -> None:
    listen(call, "ONCRMACTIVITYADD")
    fields = {"OWNER_TYPE_ID": 2, "OWNER_ID": deal, "TYPE_ID": 2, "SUBJECT": "Звонок", "RESPONSIBLE_ID": 7}
    fields |= {"DIRECTION": 1, "START_TIME": TOMORROW, "DEADLINE": "2027-01-01T00:00:00+03:00"}

    silent = call("crm.activity.add", fields=fields)
    person = {"VALUE": "+79000000001", "ENTITY_ID": patient, "ENTITY_TYPE_ID": 3}
    number = call("crm.activity.add", fields=fields | {"COMMUNICATIONS": [person]})

    assert silent == (400, "")
    assert call("crm.activity.get", id=number)["DEADLINE"] == TOMORROW
    assert bound(call, number) == [(2, deal), (3, patient)]
    assert events(portal) == [("ONCRMACTIVITYADD", True)]


def test_the_last_binding_stays(call: Call, portal: Portal, patient: int, deal: int) -> None:
    todo = call("crm.activity.todo.add", ownerTypeId=2, ownerId=deal, deadline=TOMORROW)["id"]
    place = {"activityId": todo, "entityTypeId": 3, "entityId": patient}

    answers = [call(f"crm.activity.binding.{verb}", **place) for verb in ("add", "add", "delete", "delete")]
    last = call("crm.activity.binding.delete", activityId=todo, entityTypeId=2, entityId=deal)

    assert answers == [True, (400, "ACTIVITY_IS_ALREADY_BOUND"), True, (400, "BINDING_NOT_FOUND")]
    assert last == (400, "LAST_BINDING_CANNOT_BE_DELETED")


def test_a_to_do_is_told_of_when_it_changes_and_not_when_it_does_not(call: Call, portal: Portal, deal: int) -> None:
    owner = {"ownerTypeId": 2, "ownerId": deal}
    todo = call("crm.activity.todo.add", **owner, deadline=TOMORROW, title="Позвонить")["id"]
    listen(call, "ONCRMACTIVITYUPDATE", "ONCRMACTIVITYDELETE")

    call("crm.activity.todo.update", **owner, id=todo, deadline=TOMORROW, title="Позвонить")
    call("crm.activity.update", id=todo, fields={"COMPLETED": "Y"})
    call("crm.activity.delete", id=todo)

    assert [event for event, _ in events(portal)] == ["ONCRMACTIVITYUPDATE", "ONCRMACTIVITYDELETE"]


def test_a_deleted_deal_takes_what_hangs_on_it_alone(call: Call, portal: Portal, patient: int, deal: int) -> None:
    todo = call("crm.activity.todo.add", ownerTypeId=2, ownerId=deal, deadline=TOMORROW)["id"]
    heard = incidents.arrive(portal, "call", patient)["ID"]
    note = call("crm.timeline.comment.add", fields={"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": "A"})
    listen(call, "ONCRMDEALDELETE", "ONCRMACTIVITYDELETE")

    call("crm.item.delete", entityTypeId=2, id=deal)

    assert call("crm.item.get", entityTypeId=2, id=deal) == (400, "NOT_FOUND")
    assert call("crm.deal.get", id=deal) == (400, "")
    assert call("crm.activity.get", id=todo) == (400, "")
    assert call("crm.timeline.comment.get", id=note) == (400, "")
    assert call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": deal})["items"] == []
    assert bound(call, heard) == [(3, patient)]
    assert [event for event, _ in events(portal)] == ["ONCRMACTIVITYDELETE", "ONCRMDEALDELETE"]


def test_a_deleted_deal_leaves_a_call_to_the_patient(call: Call, portal: Portal, patient: int, deal: int) -> None:
    fields = {"OWNER_TYPE_ID": 2, "OWNER_ID": deal, "TYPE_ID": 2, "SUBJECT": "Звонок", "RESPONSIBLE_ID": 7}
    person = {"VALUE": "+79000000001", "ENTITY_ID": patient, "ENTITY_TYPE_ID": 3}
    number = call("crm.activity.add", fields=fields | {"COMMUNICATIONS": [person]})

    call("crm.item.delete", entityTypeId=2, id=deal)

    assert call("crm.activity.get", id=number)["OWNER_TYPE_ID"] == "3"


def test_a_move_is_noted_with_its_time_its_mover_and_where_from(
    call: Call, clock: Clock, pipeline: int, deal: int
) -> None:
    clock.now += 600

    item = call("crm.item.update", user=7, entityTypeId=2, id=deal, fields={"stageId": "EXECUTING"})["item"]

    assert (item["previousStageId"], item["movedBy"]) == ("NEW", 7)
    assert item["movedTime"] > item["createdTime"]


def test_history_is_told_of_the_current_pipeline_only_and_by_filter(
    call: Call, clock: Clock, pipeline: int, deal: int
) -> None:
    call("crm.item.update", entityTypeId=2, id=deal, fields={"stageId": "EXECUTING"})
    clock.now += 600
    call("crm.item.update", entityTypeId=2, id=deal, fields={"categoryId": pipeline})
    call("crm.item.update", entityTypeId=2, id=deal, fields={"stageId": f"C{pipeline}:WON"})

    rows = call("crm.stagehistory.list", entityTypeId=2, filter={"OWNER_ID": deal}, order={"ID": "DESC"})["items"]
    since = {">=CREATED_TIME": rows[0]["CREATED_TIME"], "@TYPE_ID": [3, 5]}

    assert [(row["TYPE_ID"], row["STAGE_ID"]) for row in rows] == [(3, f"C{pipeline}:WON"), (5, f"C{pipeline}:NEW")]
    assert len(call("crm.stagehistory.list", entityTypeId=2, filter=since)["items"]) == 2
    assert call("crm.stagehistory.list", entityTypeId=2, filter={"DEAL_ID": 1}) == (400, "INVALID_ARG_VALUE")
    assert call("crm.stagehistory.list", entityTypeId=3) == (400, "ENTITY_TYPE_NOT_SUPPORTED")


def test_rows_are_read_by_key_in_a_batch_without_counting(call: Call, portal: Portal) -> None:
    for part in range(3):
        call("batch", cmd={str(each): f"crm.deal.add?fields[TITLE]={part}" for each in range(45)})
    page = "crm.item.list?entityTypeId=2&order[id]=ASC&start=-1&select[]=id&filter[>id]="
    chained = {"a": page + "0", "b": page + "$result[a][items][49][id]", "c": page + "$result[b][items][49][id]"}

    answer = call("batch", halt=1, cmd=chained)

    read = [item["id"] for rows in answer["result"].values() for item in rows["items"]]
    assert (read, answer["result_total"]) == (sorted(portal.items[2]), [])


def test_a_short_page_breaks_the_chain_by_a_reference_to_its_parent(call: Call, portal: Portal, deal: int) -> None:
    page = "crm.item.list?entityTypeId=2&order[id]=ASC&start=-1&select[]=id&filter[>id]="

    call("batch", cmd={"a": page + "0", "b": page + "$result[a][items][49][id]"})

    assert portal.calls[-1].params["filter"] == {">id": [{"id": deal}]}


def test_a_deal_is_copied_in_one_batch_of_writes(call: Call, pipeline: int, patient: int, deal: int) -> None:
    new = f"crm.item.add?entityTypeId=2&fields[title]=Copy&fields[categoryId]={pipeline}&fields[contactIds][]={patient}"
    rows = "crm.item.productrow.set?ownerType=D&ownerId=$result[new][item][id]&productRows[0][productName]=Имплант"
    todo = f"crm.activity.todo.add?ownerTypeId=2&ownerId=$result[new][item][id]&deadline={TOMORROW.replace('+', '%2B')}"
    origin = f"&fields[originatorId]=dental&fields[originId]={deal}"

    answer = call("batch", halt=1, cmd={"new": new + origin, "rows": rows + "&productRows[0][price]=9", "todo": todo})

    copy = call("crm.item.list", entityTypeId=2, filter={"originatorId": "dental", "originId": str(deal)})["items"]
    assert answer["result_error"] == []
    assert [(row["opportunity"], row["contactIds"], row["categoryId"]) for row in copy] == [(9, [patient], pipeline)]


def test_product_rows_are_added_changed_and_removed_one_by_one(call: Call, deal: int) -> None:
    def amount() -> Any:
        return call("crm.item.get", entityTypeId=2, id=deal)["item"]["opportunity"]

    fields = {"ownerType": "D", "ownerId": deal, "productName": "Имплант", "price": 100}
    row = call("crm.item.productrow.add", fields=fields)["productRow"]
    amounts = [amount()]
    call("crm.item.productrow.update", id=row["id"], fields={"quantity": 3})
    amounts.append(amount())
    wrong = call("crm.item.productrow.update", id=row["id"], fields={"ownerId": 1})
    call("crm.item.productrow.delete", id=row["id"])

    assert (amounts, amount(), wrong) == ([100, 300], 0, (400, "INVALID_ARG_VALUE"))
    assert call("crm.item.productrow.get", id=row["id"]) == (400, "NOT_FOUND")
    assert call("crm.item.productrow.add", fields=fields | {"ownerId": 999}) == (400, "OWNER_NOT_FOUND")


def test_comments_are_told_of_when_added_changed_and_deleted(call: Call, portal: Portal, deal: int) -> None:
    listen(call, *(f"ONCRMTIMELINECOMMENT{what}" for what in ("ADD", "UPDATE", "DELETE")))

    number = call("crm.timeline.comment.add", fields={"ENTITY_ID": deal, "ENTITY_TYPE": "deal", "COMMENT": "Утро"})
    call("crm.timeline.comment.update", id=number, fields={"COMMENT": "Вечер"})
    read = call("crm.timeline.comment.get", id=number)
    call("crm.timeline.comment.delete", id=number)

    assert (read["COMMENT"], read["ENTITY_TYPE"], read["FILES"]) == ("Вечер", "deal", [])
    assert call("crm.timeline.comment.update", id=number, fields={"COMMENT": "A"}) == (400, "NOT_FOUND")
    assert [event[-6:] for event, _ in events(portal)] == ["ENTADD", "UPDATE", "DELETE"]


def test_log_messages_come_ten_a_page_and_only_their_application_deletes_them(
    call: Call, portal: Portal, deal: int
) -> None:
    place = {"entityTypeId": 2, "entityId": deal}
    for number in range(12):
        fields = place | {"title": "Почему", "text": str(number), "iconCode": "info"}
        call("crm.timeline.logmessage.add", fields=fields)
    hook = create_app(portal).test_client()

    newest = call("crm.timeline.logmessage.list", **place)
    rest = call("crm.timeline.logmessage.list", **place, start=10)
    foreign = hook.post(portal.webhook() + "crm.timeline.logmessage.delete", json={"id": newest[0]["id"]}).get_json()

    assert ([row["text"] for row in newest][:2], [row["text"] for row in rest]) == (["11", "10"], ["1", "0"])
    assert (foreign["error"], call("crm.timeline.logmessage.delete", id=newest[0]["id"])) == ("REMOVING_DISABLED", True)
    assert call("crm.timeline.logmessage.get", id=newest[0]["id"]) == (400, "NOT_FOUND")


def test_a_task_is_closed_reopened_and_found_by_its_deal(call: Call, portal: Portal, deal: int) -> None:
    listen(call, "ONTASKADD", "ONTASKUPDATE", "ONTASKDELETE")
    fields = {"TITLE": "Позвонить", "RESPONSIBLE_ID": 7, "UF_CRM_TASK": [f"D_{deal}"], "DEADLINE": TOMORROW}
    number = call("tasks.task.add", fields=fields)["task"]["id"]

    done = call("tasks.task.complete", taskId=number)["task"]
    call("tasks.task.complete", taskId=number)
    open_again = call("tasks.task.renew", taskId=number)["task"]
    found = call("tasks.task.list", filter={"UF_CRM_TASK": f"D_{deal}", "!REAL_STATUS": 5})["tasks"]
    call("tasks.task.update", taskId=number, fields={"DEADLINE": "2026-12-02T10:00:00+03:00"})
    deleted = call("tasks.task.delete", taskId=number)

    assert (done["status"], done["closedDate"] is None, open_again["status"]) == ("5", False, "2")
    assert ([row["id"] for row in found], "ufCrmTask" in found[0], deleted) == ([number], False, {"task": True})
    names = ["ONTASKADD", "ONTASKUPDATE", "ONTASKUPDATE", "ONTASKUPDATE", "ONTASKDELETE"]
    assert [event for event, _ in events(portal)] == names


def test_what_a_task_refuses(call: Call) -> None:
    number = call("tasks.task.add", fields={"TITLE": "Позвонить", "RESPONSIBLE_ID": 7})["task"]["id"]

    assert call("tasks.task.update", taskId=number, fields={"RESPONSIBLE_ID": 99}) == (400, "ERROR_CORE")
    assert call("tasks.task.update", taskId=number, fields={"STATUS": 77}) == (400, "ERROR_CORE")
    assert call("tasks.task.update", taskId=number, fields={}) == (400, "100")
    assert call("tasks.task.complete", taskId=99) == (400, "0")


def test_a_notice_with_a_known_tag_takes_the_place_of_the_older_one(call: Call, portal: Portal) -> None:
    first = call("im.notify.system.add", USER_ID=7, MESSAGE="Пациент ответил", TAG="deal15")
    call("im.notify.system.add", USER_ID=7, MESSAGE="Другое", TAG="deal16")
    second = call("im.notify.system.add", USER_ID=7, MESSAGE=" Пациент пришёл ", TAG="deal15")

    inbox = call("im.notify.get", user=7)

    assert first != second
    assert [row["text"] for row in inbox["notifications"]] == ["Пациент пришёл", "Другое"]
    assert (inbox["total_unread_count"], inbox["notifications"][0]["author_id"]) == (2, 0)
    assert call("im.notify.get")["total_count"] == 0


def test_notices_are_read_and_withdrawn(call: Call, portal: Portal) -> None:
    number = call("im.notify.personal.add", USER_ID=7, MESSAGE="Посмотрите", TAG="a", SUB_TAG="deals")

    call("im.notify.read", user=7, ID=number)
    read = call("im.notify.get", user=7)
    gone = call("im.notify.delete", SUB_TAG="deals")

    assert (read["total_unread_count"], read["notifications"][0]["author_id"], gone) == (0, 1, True)
    assert portal.notices == {}


@pytest.mark.parametrize(
    ("params", "answer"),
    [
        ({"MESSAGE": "A"}, (400, "USER_ID_EMPTY")),
        ({"USER_ID": 7, "MESSAGE": " "}, (400, "MESSAGE_EMPTY")),
        ({"USER_ID": 7, "MESSAGE": "A", "ATTACH": "no json"}, (400, "ATTACH_ERROR")),
        ({"USER_ID": 7, "MESSAGE": "A", "ATTACH": {"T": "x" * 60_001}}, (400, "ATTACH_OVERSIZE")),
        ({"USER_ID": 99, "MESSAGE": "A"}, False),
    ],
)
def test_what_a_notice_refuses(call: Call, params: dict[str, Any], answer: Any) -> None:
    assert call("im.notify.system.add", **params) == answer


def test_a_department_has_a_head_and_people_know_their_department(call: Call, portal: Portal) -> None:
    portal.hire(User(9, "Ольга", "Петрова"), "Администраторы", head=True)
    portal.hire(User(11, "Иван", "Сидоров", active=False), "Администраторы")

    [department] = call("department.get", NAME="Администраторы")
    people = call("user.get", FILTER={"ACTIVE": True, "@ID": [9, 11]})

    assert (department["UF_HEAD"], department["PARENT"]) == ("9", "1")
    assert [(row["ID"], row["UF_DEPARTMENT"]) for row in people] == [("9", [int(department["ID"])])]


def test_employees_come_fifty_a_page(call: Call, portal: Portal) -> None:
    for number in range(100, 160):
        portal.hire(User(number, "Сотрудник", str(number)))

    assert len(call("user.get", FILTER={"USER_TYPE": "employee"}, start=0)) == 50
    assert len(call("user.get", start=50)) == 12


def test_a_trigger_moves_a_deal_without_a_token(call: Call, portal: Portal, deal: int) -> None:
    call("crm.automation.trigger.add", CODE="came", NAME="Пришёл")
    listen(call, "ONCRMDEALUPDATE")

    accepted = call("crm.automation.trigger.execute", CODE="came", OWNER_TYPE_ID=2, OWNER_ID=deal)
    untouched = events(portal)
    portal.place_trigger("came", "EXECUTING")
    call("crm.automation.trigger.execute", CODE="came", OWNER_TYPE_ID=2, OWNER_ID=deal)

    assert (accepted, untouched) == (True, [])
    assert (portal.items[2][deal]["stageId"], events(portal)) == ("EXECUTING", [("ONCRMDEALUPDATE", False)])
