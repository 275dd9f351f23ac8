"""Every fault of a portal is one of ours with a sentence; the key never shows."""

from __future__ import annotations

import pytest
from bitrix24_answers import PAGE, Refused, create

from widget_backend.crm.model import Kind
from widget_backend.errors import AccessLost, RateLimited, Rejected, Unavailable, Unsupported, VendorError

SOURCE = create(Kind.SOURCE, "source.site", name="Сайт")
PLAN = "REST is available only on commercial plans."


def error(code: str, words: str = "words of the portal") -> dict[str, str]:
    return {"error": code, "error_description": words}


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (401, error("expired_token"), AccessLost, "не принимает ключ"),
        (401, error("invalid_token"), AccessLost, "не принимает ключ"),
        (401, error("NO_AUTH_FOUND"), AccessLost, "не принимает ключ"),
        (401, error("authorization_error"), AccessLost, "не принимает ключ"),
        (401, error("INVALID_CREDENTIALS"), AccessLost, "не принимает ключ"),
        (403, error("INVALID_CREDENTIALS"), AccessLost, "не принимает ключ"),
        (401, error("a code nobody knows"), AccessLost, "не принимает ключ"),
        (401, error("insufficient_scope"), AccessLost, "нет доступа к этому разделу"),
        (403, error("insufficient_scope"), AccessLost, "нет доступа к этому разделу"),
        (401, error("PAYMENT_REQUIRED"), AccessLost, "Продлите подписку"),
        (403, error("ACCESS_DENIED", PLAN), AccessLost, "нет REST API"),
        (401, error("ACCESS_DENIED", PLAN), AccessLost, "нет REST API"),
        (403, error("ACCESS_DENIED"), AccessLost, "под администратором"),
        (403, error("user_access_error"), AccessLost, "под администратором"),
        (401, error("user_access_error"), AccessLost, "под администратором"),
        (403, error("PORTAL_DELETED"), AccessLost, "больше нет"),
        (410, error("PORTAL_DELETED"), AccessLost, "больше нет"),
        (500, error("PORTAL_DELETED"), AccessLost, "больше нет"),
        (200, error("PORTAL_DELETED"), AccessLost, "больше нет"),
        (503, error("OVERLOAD_LIMIT"), RateLimited, "вручную ограничил"),
        (429, error("OPERATION_TIME_LIMIT"), RateLimited, "за 10 минут"),
        (429, error(""), RateLimited, "реже обращаться"),
        (404, error("ERROR_METHOD_NOT_FOUND"), Unsupported, "не даёт метод"),
        (403, error("WRONG_LICENSE"), Unsupported, "Тариф этого портала"),
        (500, error("INTERNAL_SERVER_ERROR"), Unavailable, "ничего не задвоится"),
        (500, error("a code nobody knows"), Unavailable, "ничего не задвоится"),
        (400, error(""), Rejected, "отказал: words of the portal"),
        (400, {"error": 0, "error_description": "words"}, Rejected, "отказал: words"),
        (200, {"time": {}}, Unavailable, "ничего не задвоится"),
        (200, {"result": True}, Unavailable, "ничего не задвоится"),
        (200, PAGE, Unavailable, "отвечает не REST API"),
        (404, PAGE, Unavailable, "отвечает не REST API"),
        (502, PAGE, Unavailable, "ничего не задвоится"),
        (504, "", Unavailable, "ничего не задвоится"),
    ],
)
def test_a_fault_of_a_whole_request(boris, crm, status, body, kind, sentence):
    for _ in range(5):
        boris.breaks(status, body)

    with pytest.raises(VendorError) as fault:
        list(crm.apply([SOURCE], {}))

    assert type(fault.value) is kind
    assert sentence in fault.value.message.ru
    assert fault.value.message.en


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("https://new-name.bitrix24.example/rest/batch", "переехал на new-name.bitrix24.example"),
        ("https://boris.bitrix24.example/stub/", "отвечает не REST API"),
        ("", "отвечает не REST API"),
    ],
)
def test_a_renamed_portal_is_not_followed_but_named(boris, crm, location, sentence):
    boris.breaks(302, "", Location=location)

    with pytest.raises(AccessLost) as fault:
        crm.access()

    assert sentence in fault.value.message.ru
    assert len(boris.batches) == 1


def test_too_many_requests_are_waited_out_with_growing_patience(boris, crm, budget):
    for _ in range(3):
        boris.breaks(503, error("QUERY_LIMIT_EXCEEDED"))

    crm.access()

    assert budget.waits == [1.0, 2.0, 5.0]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ACCESS_DENIED", Rejected),
        ("insufficient_scope", Rejected),
        ("ERROR_METHOD_NOT_FOUND", Unsupported),
        ("", Rejected),
        ("ERROR_CORE", Rejected),
        ("100", Rejected),
    ],
)
def test_a_fault_of_one_command_refuses_that_one_only(boris, carry, code, kind):
    boris.answers("crm.status.add", Refused(code), 773)

    outcomes = carry(SOURCE, create(Kind.SOURCE, "source.phone", name="Телефон"))

    assert type(outcomes["source.site"].error) is kind
    assert outcomes["source.phone"].error is None


def test_a_write_that_a_page_refused_did_nothing_and_is_sent_again(boris, carry):
    boris.breaks(403, PAGE)
    boris.answers("crm.status.add", 773)

    assert carry(SOURCE)["source.site"].error is None


def test_the_key_is_in_no_error_and_no_log(boris, crm, diary):
    secret = "abc0secret0code"
    boris.breaks(400, error("", f"Wrong address /rest/1/{secret}/batch"))

    with pytest.raises(Rejected) as fault:
        list(crm.apply([SOURCE], {}))

    assert secret not in str(fault.value.message) + fault.value.words + "".join(diary.lines) + repr(crm)
    assert "•••" in fault.value.words


def test_the_log_says_what_was_asked(boris, crm, diary):
    boris.makes_numbered("crm.status.add")

    list(crm.apply([SOURCE, create(Kind.SOURCE, "source.phone", name="Телефон")], {}))

    assert diary.lines == ["batch crm.status.add×2 200 "]
