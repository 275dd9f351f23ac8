"""What users of the emulated account may do, by role and by stage; and how roles and users are made over the API."""

from __future__ import annotations

from typing import Any

import pytest
from amocrm_desk import FIRST, PIPELINE, SECOND, Desk, issues

MANAGER = 507


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def manager(desk: Desk) -> str:
    """A token that acts with the manager's rights."""
    return desk.account.long_lived_token(MANAGER)


def role(desk: Desk, **rights: Any) -> int:
    status, body = desk.call("POST", "/roles", [{"name": "Стойка", "rights": rights, "request_id": "r"}])
    assert status == 201, body
    number = int(body["_embedded"]["roles"][0]["id"])
    desk.account.users[MANAGER].role_id = number
    return number


def test_a_user_sees_his_own_records_if_his_role_says_so(desk: Desk, manager: str) -> None:
    role(desk, leads={"view": "M"})
    foreign, own = desk.made("leads", name="A"), desk.made("leads", name="B", responsible_user_id=MANAGER)

    assert [row["id"] for row in desk.rows("/leads", token=manager)] == [own]
    assert desk.call("GET", f"/leads/{foreign}", token=manager) == (204, None)
    assert len(desk.rows("/leads")) == 2


def test_a_group_shares_what_the_letter_g_allows(desk: Desk, manager: str) -> None:
    role(desk, contacts={"view": "G"})
    desk.made("contacts", name="A")

    assert len(desk.rows("/contacts", token=manager)) == 1
    desk.account.users[MANAGER].group_id = 7
    assert desk.rows("/contacts", token=manager) == []


def test_changes_and_new_records_need_their_letters(desk: Desk, manager: str) -> None:
    role(desk, leads={"edit": "M", "add": "D"}, tasks={"edit": "D"})
    foreign, own = desk.made("leads", name="A"), desk.made("leads", name="B", responsible_user_id=MANAGER)
    task = desk.made("tasks", text="a", complete_till=1)

    def status(method: str, path: str, body: Any) -> int:
        return desk.call(method, path, body, token=manager)[0]

    assert status("PATCH", f"/leads/{foreign}", {"price": 1}) == 403
    assert status("PATCH", "/leads", [{"id": own, "price": 1}, {"id": foreign, "price": 1}]) == 403
    assert status("PATCH", f"/leads/{own}", {"price": 1}) == 200
    assert status("POST", "/leads", [{"name": "C"}]) == 403
    assert status("POST", "/leads/complex", [{"name": "C"}]) == 403
    assert status("PATCH", f"/tasks/{task}", {"text": "b"}) == 403


def test_a_stage_may_narrow_the_rights(desk: Desk, manager: str) -> None:
    closed = {"entity_type": "leads", "pipeline_id": PIPELINE, "status_id": SECOND, "rights": {"view": "D"}}
    role(desk, status_rights=[closed])
    lead = desk.made("leads", name="A", status_id=FIRST)

    before = len(desk.rows("/leads", token=manager))
    desk.call("PATCH", f"/leads/{lead}", {"status_id": SECOND})

    assert (before, desk.rows("/leads", token=manager)) == (1, [])


def test_an_admins_token_acting_as_a_user_has_that_users_rights(desk: Desk) -> None:
    role(desk, leads={"view": "D"})
    desk.made("leads", name="A")
    headers = {"Authorization": f"Bearer {desk.token}", "X-Context-User-ID": str(MANAGER)}

    assert desk.http.get("/api/v4/leads", headers=headers).status_code == 204


def test_roles_are_changed_and_deleted(desk: Desk) -> None:
    number = role(desk, leads={"view": "M"})

    status, body = desk.call("PATCH", f"/roles/{number}", {"name": "Администратор", "rights": {"leads": {"view": "G"}}})

    assert (status, body["name"], body["rights"]["leads"]["view"]) == (202, "Администратор", "G")
    user = desk.call("GET", f"/users/{MANAGER}?with=role")[1]
    assert (user["rights"]["leads"]["view"], user["_embedded"]["roles"][0]["id"]) == ("G", number)
    assert desk.call("DELETE", f"/roles/{number}") == (204, None)
    assert desk.call("GET", f"/users/{MANAGER}")[1]["rights"]["role_id"] is None
    assert desk.call("GET", f"/roles/{number}")[0] == 404


def test_users_are_added_ten_at_a_time(desk: Desk, manager: str) -> None:
    person = {"name": "Вера", "email": "vera@clinic.example", "rights": {"role_id": 71}}

    status, body = desk.call("POST", "/users", [person])

    [row] = body["_embedded"]["users"]
    assert (status, row["name"], row["rights"]["role_id"]) == (201, "Вера", 71)
    assert issues(desk.call("POST", "/users", [person])) == [("UserAlreadyExists", "email")]
    assert issues(desk.call("POST", "/users", [person | {"email": "b@c.example", "rights": {"role_id": 1}}])) == [
        ("NotSupportedChoice", "rights.role_id")
    ]
    assert desk.call("POST", "/users", [person] * 11)[0] == 422
    assert desk.call("POST", "/users", [person], token=manager)[0] == 403


def test_widgets_show_their_settings_to_their_own_integration(desk: Desk) -> None:
    own = desk.account.issue_integration("own-app", widget_code="dental", redirect_uri="https://app.example")
    token = desk.account.grant(own.client_id).access

    status, body = desk.call("POST", "/widgets/dental", {"key": "k"}, token=token)

    assert (status, body["settings"], body["is_active_in_account"]) == (200, {"key": "k"}, True)
    assert desk.call("GET", "/widgets/dental")[1]["settings"] is None
    assert "dental" in [row["code"] for row in desk.rows("/widgets")]
    assert desk.call("DELETE", "/widgets/dental", token=token) == (204, None)
    assert desk.call("GET", "/widgets/nothing")[0] == 404
