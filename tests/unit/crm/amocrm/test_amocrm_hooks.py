"""What Alice's account sends us: its events, actions of its pipelines, steps of its bots; and what strangers send instead."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from widget_backend.crm.amocrm.hooks import bot_call, stage_action, touched
from widget_backend.crm.amocrm.webhook import WidgetCheck
from widget_backend.crm.forms import read_form
from widget_backend.crm.records import Activity, RobotCall, Touched
from widget_backend.errors import AppError, Forbidden, InvalidInput

FORM, JSON = "application/x-www-form-urlencoded; charset=UTF-8", "application/json"
AT = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
STAMP = str(int(AT.timestamp()))
ACCOUNT = {"account[subdomain]": "alice", "account[id]": "777001", "account[_links][self]": "https://alice.amocrm.ru"}

CLIENT = "2f6d7b1e-0000-4000-8000-00000000a11c"
NEW, OLD, FOREIGN = "n" * 64, "o" * 64, "f" * 64
SUFFIXES = (".amocrm.ru", ".amocrm.com", ".kommo.com")
HOSTS = {"777001": "alice.amocrm.ru", "888001": "clara.amocrm.ru"}
CHECK = WidgetCheck(CLIENT, (NEW, OLD), "https://dental.example/install/amocrm", SUFFIXES, lambda a: HOSTS.get(a, ""))
REPLY = "https://alice.amocrm.ru/api/v4/salesbot/321/continue/123"
CLAIMS = {
    "iss": "https://alice.amocrm.ru",
    "aud": "https://dental.example",
    "iat": int(STAMP),
    "nbf": int(STAMP),
    "exp": int(STAMP) + 300,
    "account_id": 777001,
    "subdomain": "alice",
    "client_uuid": CLIENT,
    "entity_id": 101,
    "entity_type": 2,
    "bot_type": "salesbot",
}


def told(**pairs: str) -> tuple[Touched, ...]:
    """What a form says; in names two underscores stand for the brackets: ``leads__add__0__id``."""
    named = ((name.split("__"), value) for name, value in pairs.items())
    body = {head + "".join(f"[{part}]" for part in rest): value for (head, *rest), value in named}
    return touched(read_form(form({**ACCOUNT, **body})))


def form(pairs: dict[str, str]) -> bytes:
    return urlencode(pairs).encode()


def token(key: str = NEW, algorithm: str = "HS512", **changed: Any) -> str:
    claims = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return jwt.encode(claims, key, algorithm)


def step(signed: str, reply: str = REPLY, **data: Any) -> dict[str, Any]:
    return {"token": signed, "data": {"op": "route_patient", "slot": "2026-12-01 10:30", **data}, "return_url": reply}


def as_form(body: dict[str, Any]) -> bytes:
    data = {f"data[{name}]": value for name, value in body["data"].items()}
    return form({"token": body["token"], **data, "return_url": body["return_url"]})


# events of the account


@pytest.mark.parametrize(
    ("action", "verb"),
    [
        ("add", "added"),
        ("update", "updated"),
        ("status", "moved"),
        ("responsible", "updated"),
        ("restore", "updated"),
        ("delete", "deleted"),
    ],
)
def test_what_happens_to_a_deal_is_told(action: str, verb: Any) -> None:
    said = told(**{f"leads__{action}__0__id": "101", f"leads__{action}__0__last_modified": STAMP})

    assert said == (Touched("deal", "101", verb, AT),)


def test_one_request_may_tell_of_many_and_each_is_told_once() -> None:
    said = told(
        leads__status__0__id="101",
        leads__status__1__id="102",
        leads__status__2__id="101",
        leads__update__0__id="101",
        contacts__add__0__id="301",
    )

    assert [(one.entity, one.id, one.verb) for one in said] == [
        ("deal", "101", "updated"),
        ("deal", "101", "moved"),
        ("deal", "102", "moved"),
        ("contact", "301", "added"),
    ]


@pytest.mark.parametrize(
    "body", [{"leads[delete]": "101"}, {"leads[delete][0]": "101"}, {"leads[delete][0][id]": "101"}]
)
def test_a_deleted_deal_may_be_its_bare_number(body: dict[str, str]) -> None:
    assert touched(read_form(form(body))) == (Touched("deal", "101", "deleted"),)


def test_a_company_comes_under_contacts_and_is_none() -> None:
    said = told(
        contacts__add__0__id="201",
        contacts__add__0__type="company",
        contacts__add__1__id="301",
        contacts__add__1__type="contact",
        contacts__delete__0__id="302",
        companies__update__0__id="201",
        customers__add__0__id="5",
    )

    assert [(one.entity, one.id, one.verb) for one in said] == [
        ("contact", "301", "added"),
        ("contact", "302", "deleted"),
    ]


def test_a_task_may_come_a_level_deeper() -> None:
    said = told(task__update__0__0__id="71", task__add__0__id="72", task__add__0__date_create="2026-11-25 15:00:00")

    assert said == (Touched("task", "72", "added"), Touched("task", "71", "updated"))


@pytest.mark.parametrize("kind", ["10", "11", "102", "103", "15", "", "call_in"])
def test_a_call_or_letter_is_told_by_its_note_and_where_that_hangs(kind: str) -> None:
    said = told(
        leads__note__0__note__id="81",
        leads__note__0__note__note_type=kind,
        leads__note__0__note__element_id="101",
        contacts__note__0__note__id="82",
        contacts__note__0__note__created_at=STAMP,
    )

    assert said == (
        Touched("activity", "leads:81", "added"),
        Touched("activity", "contacts:82", "added", AT),
    )


@pytest.mark.parametrize("kind", ["4", "25", "13", "common", "service_message"])
def test_a_plain_note_such_as_our_own_is_nothing(kind: str) -> None:
    assert told(leads__note__0__note__id="81", leads__note__0__note__note_type=kind) == ()


@pytest.mark.parametrize(("is_read", "incoming"), [("0", True), ("1", False)])
@pytest.mark.parametrize("action", ["add", "update"])
def test_a_conversation_nobody_has_read_came_from_the_patient(action: str, is_read: str, incoming: bool) -> None:
    talk = {"talk_id": "117", "contact_id": "301", "entity_id": "101", "entity_type": "lead", "updated_at": STAMP}

    said = told(**{f"talk__{action}__0__{name}": text for name, text in {**talk, "is_read": is_read}.items()})

    activity = Activity("talk:117", "message", incoming, AT, ("101",), ("301",))
    assert said == (Touched("activity", "talk:117", "added", AT, activity),)


def test_a_message_carries_all_there_is_to_know() -> None:
    said = told(
        message__add__0__id="a0ce13c7-4825-4ecc-9dc0-b35c49b86db4",
        message__add__0__talk_id="100",
        message__add__0__contact_id="301",
        message__add__0__text="Здравствуйте",
        message__add__0__created_at=STAMP,
        message__add__0__element_type="2",
        message__add__0__element_id="101",
        message__add__0__type="incoming",
        message__add__0__author__name="Анна",
        outgoing_message__add__0__id="b1",
        outgoing_message__add__0__contact_id="301",
    )

    assert said == (
        Touched(
            "activity",
            "message:a0ce13c7-4825-4ecc-9dc0-b35c49b86db4",
            "added",
            AT,
            Activity("", "message", True, AT, ("101",), ("301",)),
        ),
        Touched("activity", "message:b1", "added", None, Activity("", "message", False, None, (), ("301",))),
    )


def test_the_older_message_names_its_contact_only() -> None:
    (said,) = told(message__add__0__id="amo-1", message__add__0__element_id="301", message__add__0__element_type="1")

    assert said.activity == Activity("", "message", True, None, (), ("301",))


def test_an_enquiry_tells_what_came_of_it() -> None:
    said = touched(
        read_form(
            form(
                {
                    "unsorted[add][0][uid]": "4078",
                    "unsorted[update][0][data][leads][0][id]": "103",
                    "unsorted[delete][0][action]": "accept",
                    "unsorted[delete][0][accept_result][leads][]": "101",
                    "unsorted[delete][0][accept_result][contacts][0]": "301",
                    "unsorted[delete][1][decline_result][leads][0]": "102",
                }
            )
        )
    )

    assert [(one.entity, one.id, one.verb) for one in said] == [
        ("deal", "103", "added"),
        ("deal", "101", "added"),
        ("contact", "301", "added"),
        ("deal", "102", "deleted"),
    ]


@pytest.mark.parametrize("number", ["", "0", "-1", "1e3", "101;drop", "9" * 19, "сто"])
def test_what_is_no_number_is_no_record(number: str) -> None:
    assert told(leads__add__0__id=number, talk__add__0__talk_id=number) == ()


@pytest.mark.parametrize(
    "body", [b"", b"leads=1", b"leads[add]=x", b"leads[add][0]=", b"message[add]=1", b"unsorted[delete]=1"]
)
def test_odd_shapes_are_nothing(body: bytes) -> None:
    assert touched(read_form(body)) == ()


NAMES = st.sampled_from(
    [
        "leads",
        "contacts",
        "task",
        "talk",
        "message",
        "unsorted",
        "add",
        "delete",
        "note",
        "0",
        "1",
        "id",
        "data",
        "accept_result",
    ]
)
TREES: st.SearchStrategy[Any] = st.dictionaries(
    NAMES,
    st.recursive(st.text(max_size=5), lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=30),
    max_size=4,
)


@given(TREES)
def test_no_tree_is_too_odd(tree: Any) -> None:
    assert isinstance(touched(tree), tuple)


# actions of the digital pipeline

ACTION = {
    "event": {
        "type": 15,
        "type_code": "lead_appeared_in_status",
        "time": int(STAMP),
        "data": {
            "id": 101,
            "element_type": 2,
            "status_id": 70003,
            "pipeline_id": 9001,
            "direction_of_movement": "went_to_trigger",
        },
    },
    "action": {"settings": {"widget": {"settings": {"robot": "copy_deal", "key": "k7", "stage": "stage.base.base"}}}},
    "subdomain": "alice",
    "account_id": 777001,
}
ACTION_FORM = {
    "event[type]": "15",
    "event[type_code]": "lead_appeared_in_status",
    "event[time]": STAMP,
    "event[data][id]": "101",
    "event[data][element_type]": "2",
    "event[data][status_id]": "70003",
    "event[data][pipeline_id]": "9001",
    "event[data][direction_of_movement]": "went_to_trigger",
    "action[settings][widget][settings][robot]": "copy_deal",
    "action[settings][widget][settings][key]": "k7",
    "action[settings][widget][settings][stage]": "stage.base.base",
    "subdomain": "alice",
    "account_id": "777001",
}


def test_an_action_is_the_same_in_both_encodings() -> None:
    account, call = stage_action(json.dumps(ACTION).encode(), JSON)

    assert (account, call) == stage_action(form(ACTION_FORM), FORM)
    assert (account, call.code, call.deal, call.at, call.reply) == ("777001", "copy_deal", "101", AT, "")
    assert call.given == {"key": "k7", "stage": "stage.base.base"}


def test_json_may_come_under_another_name() -> None:
    assert stage_action(json.dumps(ACTION).encode(), "text/plain")[0] == "777001"


def test_an_action_told_twice_is_one_and_the_next_is_another() -> None:
    first = stage_action(form(ACTION_FORM), FORM)[1].key

    assert stage_action(form(ACTION_FORM), FORM)[1].key == first
    assert stage_action(form({**ACTION_FORM, "event[time]": str(int(STAMP) + 60)}), FORM)[1].key != first
    assert stage_action(form({**ACTION_FORM, "event[data][id]": "102"}), FORM)[1].key != first


def test_an_action_may_have_its_deal_deeper() -> None:
    deeper = {name: text for name, text in ACTION_FORM.items() if not name.startswith("event[data]")}

    assert stage_action(form({**deeper, "event[data][leads][status][0][id]": "101"}), FORM)[1].deal == "101"


TRIGGER = {"leads": {"status": [{"id": "101", "pipeline_id": "9001", "status_id": "70003", "old_status_id": "70002"}]}}
TRIGGER_FORM = {
    "leads[status][0][id]": "101",
    "leads[status][0][pipeline_id]": "9001",
    "leads[status][0][status_id]": "70003",
    "leads[status][0][old_status_id]": "70002",
}


def test_a_trigger_names_no_robot_and_says_that_the_deal_moved() -> None:
    account, call = stage_action(form({**TRIGGER_FORM, **ACCOUNT}), FORM)

    assert (account, call.code, call.deal, call.given) == ("777001", "", "101", {})
    assert (account, call) == stage_action(json.dumps({**TRIGGER, "account": {"id": 777001}}).encode(), JSON)


@pytest.mark.parametrize("trigger", ["call_in", "chat", "site_visit", "mail_in"])
def test_other_triggers_have_names_of_their_own(trigger: str) -> None:
    assert stage_action(form({f"leads[{trigger}][0][id]": "101", **ACCOUNT}), FORM)[1].deal == "101"


@pytest.mark.parametrize(
    "changed",
    [
        {"account_id": "0"},
        {"account_id": "777001/x"},
        {"event[data][id]": ""},
        {"event[data][id]": "../leads"},
        {"event[data][element_type]": "12"},
    ],
)
def test_an_action_without_a_deal_or_an_account_is_none(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        stage_action(form({**ACTION_FORM, **changed}), FORM)

    assert "Nothing was done" in refusal.value.message.en


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"a":"\\u0000"}',
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b"[" * 100_000,
        b'{"a":"' + b"x" * 1_000_000 + b'"}',
        json.dumps({str(number): 1 for number in range(5001)}).encode(),
    ],
    ids=["cut", "list", "null", "empty", "nul", "deep", "deeper", "long", "wide"],
)
def test_bad_json_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        stage_action(body, JSON)


def test_of_what_the_clinic_filled_in_only_so_much_is_taken() -> None:
    settings = {f"action[settings][widget][settings][n{number}]": "x" for number in range(80)}
    long = {"action[settings][widget][settings][long]": "x" * 2001}

    assert len(stage_action(form({**ACTION_FORM, **long, **settings}), FORM)[1].given) <= 50


# steps of a bot


@pytest.mark.parametrize("algorithm", ["HS512", "HS256"])
@pytest.mark.parametrize("key", [NEW, OLD], ids=["new", "old"])
def test_a_bots_step_is_read_in_both_encodings(key: str, algorithm: str) -> None:
    body = step(token(key, algorithm), lead="999")

    account, call = bot_call(as_form(body), FORM, CHECK, AT)

    assert (account, call) == bot_call(json.dumps(body).encode(), JSON, CHECK, AT)
    # the deal is the signed one, whatever the step says
    assert (account, call.code, call.deal, call.contact, call.at) == ("777001", "route_patient", "101", "", AT)
    assert call.given == {"slot": "2026-12-01 10:30", "lead": "999"}
    assert call.reply == REPLY


def test_the_address_of_the_answer_is_a_secret() -> None:
    _, call = bot_call(as_form(step(token())), FORM, CHECK, AT)

    assert REPLY not in repr(call)
    assert "continue" not in call.key


def test_a_step_told_twice_is_one_and_the_next_is_another() -> None:
    first = bot_call(as_form(step(token())), FORM, CHECK, AT)[1].key

    assert bot_call(as_form(step(token(iat=int(STAMP) - 1))), FORM, CHECK, AT)[1].key == first
    assert bot_call(as_form(step(token(), REPLY + "4")), FORM, CHECK, AT)[1].key != first


@pytest.mark.parametrize(
    ("kind", "deal", "contact"),
    [
        (2, "101", ""),
        ("2", "101", ""),
        ("lead", "101", ""),
        ("leads", "101", ""),
        ("Lead", "101", ""),
        (1, "", "101"),
        ("contact", "", "101"),
    ],
)
def test_a_bot_works_on_a_deal_or_a_contact(kind: Any, deal: str, contact: str) -> None:
    call = bot_call(as_form(step(token(entity_type=kind))), FORM, CHECK, AT)[1]

    assert (call.deal, call.contact) == (deal, contact)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_uuid": None},
        {"client_uuid": None, "client_uid": CLIENT},
        {"aud": None},
        {"aud": "https://elsewhere.example"},
        {"nbf": None, "iat": None},
        {"exp": int(STAMP) - 120},
        {"iat": int(STAMP) + 0.5},
        {"sub": 7, "jti": 8},
    ],
)
def test_spellings_of_a_bots_token_may_differ(changed: dict[str, Any]) -> None:
    assert bot_call(as_form(step(token(**changed))), FORM, CHECK, AT)[1].deal == "101"


@pytest.mark.parametrize(
    "signed",
    [
        "",
        "a.b.c",
        token(FOREIGN),
        token(algorithm="HS384"),
        jwt.encode(CLAIMS, None, "none"),
        token()[:-4] + "AAAA",
        token(padding="p" * 30_000),
        token(client_uuid="another"),
        token(client_uuid=None, client_uid="another"),
        token(exp=int(STAMP) - 181),
        token(exp=None),
        token(exp="tomorrow"),
        token(nbf=int(STAMP) + 181),
        token(account_id=999),
        token(account_id=888001),
    ],
    ids=[
        *(
            "empty",
            "dots",
            "foreign",
            "HS384",
            "none",
            "cut",
            "long",
            "client",
            "uid",
            "late",
            "endless",
            "word",
            "early",
        ),
        *("unknown account", "Clara's"),
    ],
)
def test_a_forged_step_is_refused(signed: str) -> None:
    with pytest.raises(Forbidden):
        bot_call(as_form(step(signed)), FORM, CHECK, AT)


@pytest.mark.parametrize(
    "changed", [{"entity_id": None}, {"entity_id": "x"}, {"entity_type": 12}, {"account_id": None}]
)
def test_a_step_on_nothing_of_ours_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        bot_call(as_form(step(token(**changed))), FORM, CHECK, AT)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "https://clara.amocrm.ru/api/v4/salesbot/321/continue/123",
        "https://evil.example/api/v4/salesbot/321/continue/123",
        "https://alice.amocrm.ru@evil.example/x",
        "http://alice.amocrm.ru/api/v4/salesbot/321/continue/123",
    ],
)
def test_an_answer_is_promised_to_the_account_alone(reply: str) -> None:
    with pytest.raises(Forbidden):
        bot_call(as_form(step(token(), reply)), FORM, CHECK, AT)


def test_without_a_secret_no_bot_is_believed() -> None:
    with pytest.raises(Forbidden):
        bot_call(as_form(step(token())), FORM, replace(CHECK, secrets=("", "")), AT)


def test_the_time_is_the_present_where_none_is_said() -> None:
    present = int(datetime.now(UTC).timestamp())
    signed = token(iat=present, nbf=present, exp=present + 300)

    assert isinstance(bot_call(as_form(step(signed)), FORM, CHECK)[1], RobotCall)


@given(st.binary(max_size=300), st.sampled_from([FORM, JSON, ""]))
def test_junk_is_no_action(body: bytes, kind: str) -> None:
    with pytest.raises(AppError):
        stage_action(body, kind)


@given(st.binary(max_size=300), st.sampled_from([FORM, JSON, ""]))
def test_junk_is_no_step_of_a_bot(body: bytes, kind: str) -> None:
    with pytest.raises(AppError):
        bot_call(body, kind, CHECK, AT)
