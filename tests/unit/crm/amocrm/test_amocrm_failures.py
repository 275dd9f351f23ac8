"""What each refusal of the vendor means, what is repeated and what is not, and that no key ever shows."""

from __future__ import annotations

import pytest
import requests
from amocrm_answers import (
    ACCOUNT,
    BLOCKED,
    FORBIDDEN,
    LYING,
    NOT_FOUND_PAGE,
    TOKEN,
    TOO_MANY,
    UNAUTHORISED,
    UNPAID,
    create,
    invalid,
    listed,
)

from widget_backend.crm.amocrm.judge import Judge
from widget_backend.crm.model import Kind
from widget_backend.errors import AccessLost, Missing, RateLimited, Rejected, Unavailable, VendorError

REASON = create(Kind.LOSS_REASON, "loss_reason.price", name="Дорого")
POST = "POST leads/loss_reasons"


def test_a_revoked_key_ends_it_at_once(alice, crm):
    alice.answers("GET", "account", UNAUTHORISED, 401)

    with pytest.raises(AccessLost) as caught:
        crm.snapshot([], {})

    assert caught.value.code == "expired"
    assert "токен" in caught.value.message.ru
    assert alice.asked == ["GET account"]


def test_a_blocked_account_is_left_alone_at_once(alice, crm, carry):
    alice.answers("POST", "leads/loss_reasons", BLOCKED, 403)

    with pytest.raises(AccessLost) as caught:
        carry(REASON, create(Kind.TAG, "tag.deal.vip", entity="deal", name="VIP"))

    assert caught.value.code == "blocked"
    assert alice.asked == [POST]


def test_a_key_without_rights_cannot_read(alice, crm):
    alice.answers("GET", "account", FORBIDDEN, 403)

    with pytest.raises(AccessLost) as caught:
        crm.snapshot([], {})

    assert (caught.value.code, caught.value.words) == ("forbidden", "Invalid scope")


def test_a_key_without_rights_is_refused_all_items_by_one_request(alice, carry):
    alice.answers("POST", "leads/loss_reasons", FORBIDDEN, 403)

    outcomes = carry(REASON, create(Kind.LOSS_REASON, "loss_reason.time", name="Неудобное время"))

    assert [type(outcome.error) for outcome in outcomes.values()] == [Rejected, Rejected]
    assert alice.asked == [POST]


def test_a_subscription_that_flaps_is_waited_for(alice, crm, carry):
    alice.answers("POST", "leads/loss_reasons", UNPAID, 402)
    alice.creates("leads/loss_reasons", "loss_reasons")

    outcomes = carry(REASON)

    assert outcomes["loss_reason.price"].error is None
    assert alice.asked == [POST, POST]


def test_a_subscription_that_is_over_is_said_so(alice, carry):
    alice.answers("POST", "leads/loss_reasons", UNPAID, 402)

    with pytest.raises(Unavailable) as caught:
        carry(REASON)

    assert (caught.value.code, caught.value.applied_unknown) == ("unpaid", False)
    assert "Подписка amoCRM закончилась" in caught.value.message.ru


def test_a_lying_400_is_read_again(alice, crm):
    alice.answers("GET", "account", LYING, 400)
    alice.answers("GET", "account", ACCOUNT)

    assert crm.snapshot([], {}).account.key == "777001"
    assert alice.asked == ["GET account", "GET account"]


def test_a_lying_400_after_a_create_leaves_it_to_the_next_plan(alice, carry):
    alice.answers("POST", "leads/loss_reasons", LYING, 400)

    with pytest.raises(Unavailable) as caught:
        carry(REASON)

    assert caught.value.applied_unknown
    assert alice.asked == [POST]


def test_a_400_that_names_what_is_wrong_is_never_taken_for_a_passing_one(alice, carry):
    refusal = invalid(("loss_reason.price", "NotSupportedChoice", "name"), detail="Taken, try again with another name.")
    alice.answers("POST", "leads/loss_reasons", refusal, 400)

    outcomes = carry(REASON)

    assert outcomes["loss_reason.price"].error.words == "name: Taken, try again with another name"
    assert alice.asked == [POST]


def test_a_404_page_is_the_routers_and_passes(alice, crm):
    alice.answers("GET", "account", NOT_FOUND_PAGE, 404)
    alice.answers("GET", "account", ACCOUNT)

    assert crm.snapshot([], {}).account.key == "777001"


def test_a_404_in_json_is_final(alice, crm):
    alice.answers("GET", "account", {"title": "Not Found", "status": 404, "detail": "Cannot GET https://x.ru/y"}, 404)

    with pytest.raises(Missing) as caught:
        crm.snapshot([], {})

    assert caught.value.words == "Cannot GET …"
    assert alice.asked == ["GET account"]


@pytest.mark.parametrize("answer", ["<html>502</html>", "", '{"_embedded": {"loss_rea', "null"])
def test_an_answer_that_is_no_json_is_no_empty_list(alice, crm, answer):
    alice.answers("GET", "account", ACCOUNT)
    alice.answers("GET", "leads/loss_reasons", answer)

    with pytest.raises(Unavailable):
        crm.snapshot([Kind.LOSS_REASON], {})


def test_a_429_that_asks_for_minutes_is_told_to_the_caller(alice, crm, budget):
    alice.answers("GET", "account", TOO_MANY, 429)

    with pytest.raises(RateLimited) as caught:
        crm.snapshot([], {})

    assert caught.value.wait == 300
    assert alice.asked == ["GET account"]


def test_a_429_page_holds_everybody_back_longer_each_time(alice, crm, budget):
    alice.answers("GET", "account", "<html>429</html>", 429)
    alice.answers("GET", "account", "<html>429</html>", 429)
    alice.answers("GET", "account", "<html>429</html>", 429, **{"Retry-After": "7"})
    alice.answers("GET", "account", ACCOUNT)

    crm.snapshot([], {})

    assert budget.waits == [1.0, 2.0, 7.0]


def test_a_429_to_a_create_did_nothing_and_is_sent_again(alice, carry, budget):
    alice.answers("POST", "leads/loss_reasons", TOO_MANY | {"retry_after": 3}, 429)
    alice.creates("leads/loss_reasons", "loss_reasons")

    outcomes = carry(REASON)

    assert outcomes["loss_reason.price"].remote.name == "Дорого"
    assert budget.waits == [3.0]


@pytest.mark.parametrize(
    "fault", [requests.ReadTimeout("late"), requests.ConnectionError("Connection aborted"), 500, 502, 504]
)
def test_a_create_of_unknown_outcome_is_never_sent_twice(alice, carry, fault):
    broken = isinstance(fault, int)
    alice.answers("POST", "leads/loss_reasons", *(("<html>", fault) if broken else (fault,)))

    with pytest.raises(Unavailable) as caught:
        carry(REASON)

    assert caught.value.applied_unknown
    assert alice.asked == [POST]


def test_a_create_the_answer_leaves_out_is_of_unknown_outcome(alice, carry):
    alice.answers("POST", "leads/loss_reasons", {"_embedded": {"loss_reasons": []}})

    with pytest.raises(Unavailable) as caught:
        carry(REASON)

    assert caught.value.applied_unknown
    assert alice.asked == [POST]


def test_an_account_that_moved_says_where_to(alice, crm):
    alice.answers("GET", "account", status=301, Location="https://alicia.amocrm.ru/api/v4/account")

    with pytest.raises(AccessLost) as caught:
        crm.snapshot([], {})

    assert caught.value.message.en.startswith("The account has moved to alicia.amocrm.ru.")
    assert alice.asked == ["GET account"]


@pytest.mark.parametrize("location", ["https://www.amocrm.ru/", "https://alice.amocrm.ru/auth/", "/login"])
def test_a_redirect_to_no_account_is_a_wrong_address(alice, crm, location):
    alice.answers("GET", "account", status=302, Location=location)

    with pytest.raises(AccessLost) as caught:
        crm.snapshot([], {})

    assert "is not the API of amoCRM" in caught.value.message.en


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (UNAUTHORISED | {"detail": f"no such token: {TOKEN}"}, 401),
        (FORBIDDEN | {"detail": f"Bearer {TOKEN}"}, 403),
        (LYING | {"detail": f"{TOKEN}: try again"}, 400),
        (f"<html>{TOKEN}</html>", 403),
        (requests.ConnectionError("Connection aborted"), 200),
    ],
)
def test_the_key_is_in_no_error_and_in_no_log(alice, crm, diary, answer, status):
    alice.answers("GET", "account", answer, status)

    with pytest.raises(VendorError) as caught:
        crm.snapshot([], {})

    told = f"{caught.value!r} {vars(caught.value)} {caught.value.message.ru} {diary.lines}"
    assert TOKEN not in told
    assert alice.keys == {f"Bearer {TOKEN}"}


def test_the_key_is_not_shown_by_who_judges():
    assert TOKEN not in repr(Judge("alice.amocrm.ru", "GET account", secret=TOKEN))


def test_the_log_names_what_was_asked_and_the_vendors_number(alice, crm, diary):
    alice.answers("GET", "account", ACCOUNT, **{"X-Request-Id": "q-17"})
    alice.answers("GET", "leads/loss_reasons", listed("loss_reasons", []), **{"X-Request-Id": "q-18"})

    crm.snapshot([Kind.LOSS_REASON], {})

    assert diary.lines == ["GET account 200 q-17 ", "GET leads/loss_reasons 200 q-18 "]
