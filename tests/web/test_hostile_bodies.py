"""Bodies that no CRM sends: each is refused with 4xx, nothing is stored and nothing is sent."""

from __future__ import annotations

import pytest
from houses import AMOCRM, House
from werkzeug.test import TestResponse

FORM = "application/x-www-form-urlencoded"
EVENTS = ("/events/bitrix24", "/webhooks/bitrix24", "/webhooks/bitrix24/robot", "/webhooks/amocrm/made-up/deals")

#: name -> body, content type
BODIES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", FORM),
    "a NUL": (b"event=ONAPPUNINSTALL&auth[member_id]=%00&account[id]=%00", FORM),
    "a NUL inside": (b"event=ONAPPUNINSTALL&auth[member_id]=5f&auth[application_token]=a%00b&account[id]=7%00", FORM),
    "no UTF-8": (b"event=\xff\xfe&auth[member_id]=%ff%fe&account[id]=\xc3\x28", FORM),
    "brackets without end": (b"auth" + b"[a]" * 5_000 + b"=1", FORM),
    "too many fields": (b"&".join(b"a%d=1" % number for number in range(9_000)), FORM),
    "a field twice": (b"event=A&event=B&account[id]=1&account[id]=2&auth[member_id]=5f", FORM),
    "a list where a map is": (b"event=A&auth=1&auth[member_id]=5f&account=1&account[id]=2", FORM),
    "JSON": (b'{"event":"ONAPPUNINSTALL","auth":{"member_id":"5f"},"account":{"id":"7"}}', "application/json"),
    "XML": (b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', "text/xml"),
    "a number too long": (b"event=A&auth[member_id]=" + b"9" * 50_000 + b"&account[id]=" + b"9" * 50_000, FORM),
    "a letter in place of a figure": ("event=A&ts=١٢٣&auth[member_id]=ж&account[id]=٧".encode(), FORM),
    "too large": (b"a" * 2_100_000, FORM),
}


@pytest.mark.parametrize("address", EVENTS)
@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_no_crm_sends_is_refused(house: House, address: str, name: str) -> None:
    before = house.rows()
    body, kind = BODIES[name]

    answer = house.client.post(address, data=body, content_type=kind)

    assert 400 <= answer.status_code < 500
    assert answer.content_type == "application/problem+json"
    assert (house.rows(), house.requests()) == (before, 0)


@pytest.mark.parametrize("field", ["AUTH_ID", "REFRESH_ID", "member_id", "APPLICATION_TOKEN", "PLACEMENT", "LANG"])
def test_a_nul_in_a_pages_field_is_refused_before_anything_is_sent(house: House, field: str) -> None:
    answer = house.opened(house.boris.opens(), **{field: "a\0b"})

    assert answer.status_code == 422
    assert (set(house.rows().values()), house.requests()) == ({0}, 0)


@pytest.mark.parametrize(
    "options", ['{"ID":"\\u0000"}', '{"ID":"\\ud800"}', "[" * 20_000, '{"ID":' + "9" * 5_000 + "}", "[]"]
)
def test_strange_options_of_a_place_are_done_without(house: House, options: str) -> None:
    assert house.opened(house.boris.opens(), PLACEMENT_OPTIONS=options).status_code == 200


@pytest.mark.parametrize(
    "query", ["code=%00", "code=%D0%B0", "code[]=1", "code=1&code=2&referer=evil.tld", "error=%00"]
)
def test_a_strange_way_back_from_consent_is_refused(house: House, query: str) -> None:
    answer = house.client.get(f"/install/amocrm?{query}&referer={house.alice.host}")

    assert 400 <= answer.status_code < 500
    assert (set(house.rows().values()), house.requests()) == ({0}, 0)


def removed(house: House, **changed: str) -> TestResponse:
    query = {"account_id": str(house.alice.state.id), "client_uuid": AMOCRM.client_id, "signature": "00", **changed}
    return house.client.get("/uninstall/amocrm", query_string=query)


@pytest.mark.parametrize("signature", ["", "00", "\0", "ж", "0" * 64, "F" * 100_000])
def test_a_strange_signature_is_refused(house: House, signature: str) -> None:
    assert removed(house, signature=signature).status_code == 403
    assert set(house.rows().values()) == {0}
