"""An address is judged by its text alone, before any name is resolved or socket opened."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from widget_backend.crm import hosts
from widget_backend.errors import Forbidden

AMOCRM = (".amocrm.ru", ".amocrm.com", ".kommo.com")
BITRIX24 = ("https://oauth.bitrix.info", "https://oauth.bitrix24.tech")
SANDBOX = ("http://127.0.0.1:8123",)

TRICKS = [
    "",
    " ",
    "169.254.169.254",
    "http://169.254.169.254/latest/meta-data/",
    "[::1]",
    "http://[::1]:80/",
    "[::ffff:169.254.169.254]",
    "localhost",
    "localhost:8123",
    "127.0.0.1",
    "127.0.0.1:8123",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "0.0.0.0",
    "evil.amocrm.ru.attacker.tld",
    "amocrm.ru.evil.com",
    "evil-amocrm.ru",
    "evilamocrm.ru",
    "amocrm.ru",
    ".amocrm.ru",
    "..amocrm.ru",
    "a.b.amocrm.ru",
    "user@acme.amocrm.ru",
    "acme.amocrm.ru@evil.com",
    "https://acme.amocrm.ru@evil.com/",
    "https://acme.amocrm.ru:secret@evil.com/",
    "acme.amocrm.ru:443",
    "acme.amocrm.ru:8080",
    "https://acme.amocrm.ru:22/",
    "http://acme.amocrm.ru",
    "ftp://acme.amocrm.ru",
    "//acme.amocrm.ru",
    "javascript://acme.amocrm.ru",
    "acme.amocrm.ru.",
    "https://acme.amocrm.ru./",
    "acme.amocrm.ru/",
    "acme.amocrm.ru/../evil",
    "acme.amocrm.ru?x=.amocrm.ru",
    "evil.com?.amocrm.ru",
    "evil.com#.amocrm.ru",
    "https://evil.com#@acme.amocrm.ru",
    "https://evil.com\\@acme.amocrm.ru",
    "https:\\\\acme.amocrm.ru",
    "acme\\.amocrm.ru",
    "evil.com\\.amocrm.ru",
    " acme.amocrm.ru",
    "acme.amocrm.ru ",
    "acme .amocrm.ru",
    "acme.amocrm.ru\n",
    "acme.amocrm.ru\r\nHost: evil.com",
    "acme.amocrm.ru\t",
    "acme.amocrm.ru\x00.evil.com",
    "evil.com%2f.amocrm.ru",
    "acme%2eamocrm%2eru",
    "evil.com%00.amocrm.ru",
    "acme。amocrm。ru",
    "acme．amocrm．ru",
    "acme.amocrm．ru",
    "acme.аmocrm.ru",
    "acme.amocrm.ʀu",
    "acme.\u212aommo.com",
    "xn--80ak6aa92e.amocrm.ru",
    "acme.xn--mocrm-3ve.ru",
    "-acme.amocrm.ru",
    "acme-.amocrm.ru",
    "ac_me.amocrm.ru",
    "*.amocrm.ru",
    "a" * 600 + ".amocrm.ru",
]


@pytest.mark.parametrize("trick", TRICKS)
def test_an_address_that_only_looks_like_the_vendors_is_refused(trick: str) -> None:
    with pytest.raises(Forbidden):
        hosts.allowed(trick, AMOCRM)


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("alice.amocrm.ru", "https://alice.amocrm.ru"),
        ("ALICE.AmoCRM.ru", "https://alice.amocrm.ru"),
        ("https://alice.amocrm.ru", "https://alice.amocrm.ru"),
        ("https://alice.amocrm.ru/leads/", "https://alice.amocrm.ru"),
        ("alice-clinic-7.kommo.com", "https://alice-clinic-7.kommo.com"),
        ("api-b.amocrm.ru", "https://api-b.amocrm.ru"),
    ],
)
def test_an_account_of_the_vendor_is_allowed(said: str, origin: str) -> None:
    assert hosts.allowed(said, AMOCRM) == origin


@pytest.mark.parametrize(
    ("said", "origin"),
    [
        ("https://oauth.bitrix.info/rest/", "https://oauth.bitrix.info"),
        ("https://oauth.bitrix.info:443/rest/", "https://oauth.bitrix.info"),
        ("oauth.bitrix24.tech", "https://oauth.bitrix24.tech"),
        ("HTTPS://OAUTH.bitrix24.TECH/rest/", "https://oauth.bitrix24.tech"),
    ],
)
def test_an_exact_origin_is_allowed_as_it_stands_in_the_list(said: str, origin: str) -> None:
    assert hosts.allowed(said, BITRIX24) == origin


@pytest.mark.parametrize(
    "trick",
    [
        "http://oauth.bitrix.info/rest/",
        "https://evil.oauth.bitrix.info/rest/",
        "https://oauth.bitrix.info.evil.com/rest/",
        "https://oauth.bitrix.info:8443/rest/",
        "https://oauth.bitrix.info@evil.com/rest/",
        "https://oauth.bitrix.info/rest/?auth=1",
        "https://oauth.bitrix.info./rest/",
    ],
)
def test_what_differs_from_the_exact_origin_is_refused(trick: str) -> None:
    with pytest.raises(Forbidden):
        hosts.allowed(trick, BITRIX24)


def test_this_machine_is_allowed_only_at_the_port_that_is_listed() -> None:
    assert hosts.allowed("127.0.0.1:8123", SANDBOX) == "http://127.0.0.1:8123"
    assert hosts.allowed("http://127.0.0.1:8123/rest/", SANDBOX) == "http://127.0.0.1:8123"


@pytest.mark.parametrize(
    "trick", ["127.0.0.1", "127.0.0.1:8124", "127.0.0.2:8123", "localhost:8123", "127.0.0.1:08123"]
)
def test_this_machine_is_refused_at_any_other_place(trick: str) -> None:
    with pytest.raises(Forbidden):
        hosts.allowed(trick, SANDBOX)


@pytest.mark.parametrize("entry", ["http://acme.example", "http://10.0.0.1:80", "acme.example", ""])
def test_a_wrong_entry_of_the_list_opens_nothing(entry: str) -> None:
    with pytest.raises(Forbidden):
        hosts.allowed("http://acme.example", [entry])


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ("https://clinic7.bitrix24.example/rest/", "https://clinic7.bitrix24.example/rest/"),
        ("https://portal.clinic.example:8443/rest/", "https://portal.clinic.example:8443/rest/"),
        ("https://xn--80aqecdr1a.xn--p1ai/rest/", "https://xn--80aqecdr1a.xn--p1ai/rest/"),
        ("Boris.bitrix24.example", "https://boris.bitrix24.example"),
    ],
)
def test_any_public_portal_will_do_when_the_oauth_host_names_it(said: str, url: str) -> None:
    assert hosts.told(said, BITRIX24[0]) == url


@pytest.mark.parametrize(
    "trick",
    [
        "http://clinic7.bitrix24.example/rest/",
        "https://169.254.169.254/rest/",
        "https://10.0.0.7/rest/",
        "https://[::1]/rest/",
        "https://127.0.0.1/rest/",
        "http://127.0.0.1:8123/rest/",
        "https://127.1/rest/",
        "https://0x7f.1/rest/",
        "https://2130706433/rest/",
        "https://localhost/rest/",
        "https://portal.localhost/rest/",
        "https://metadata.google.internal/rest/",
        "https://metadata/rest/",
        "https://user@portal.example/rest/",
        "https://portal.example./rest/",
        "https://portal.example/rest/?auth=1",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_inner_address_is_refused_even_when_the_oauth_host_names_it(trick: str) -> None:
    with pytest.raises(Forbidden):
        hosts.told(trick, BITRIX24[0])


def test_the_sandbox_may_name_portals_on_its_own_machine() -> None:
    assert hosts.told("http://127.0.0.1:9000/rest/", SANDBOX[0]) == "http://127.0.0.1:9000/rest/"
    assert hosts.told("127.0.0.1:9000", SANDBOX[0]) == "http://127.0.0.1:9000"


def test_the_sandbox_names_nobody_elses_inner_address() -> None:
    with pytest.raises(Forbidden):
        hosts.told("http://169.254.169.254/rest/", SANDBOX[0])


@given(
    st.text(max_size=60)
    | st.from_regex(r"[a-z@:./\\%#? -]{0,30}(amocrm|kommo)[a-z@:./\\%#? -]{0,30}")
    | st.builds("".join, st.lists(st.sampled_from([*"@:/.\\#?%", "acme", "amocrm.ru", "https://", "evil.com", "443"])))
)
@example("acme.amocrm.ru")
def test_nothing_but_one_label_of_the_vendor_ever_comes_out(said: str) -> None:
    try:
        origin = urlsplit(hosts.allowed(said, AMOCRM))
    except Forbidden:
        return

    assert origin.scheme == "https"
    assert origin.netloc == said.removeprefix("https://").partition("/")[0].lower()
    assert origin.netloc.isascii()
    assert origin.netloc.endswith(AMOCRM)
    assert origin.netloc.count(".") == 2
    assert set(origin.netloc) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.")


@given(st.from_regex(r"[a-z0-9]([a-z0-9]{0,20}[a-z0-9])?", fullmatch=True), st.sampled_from(AMOCRM))
def test_every_plain_account_name_is_allowed(name: str, suffix: str) -> None:
    assert hosts.allowed(name + suffix, AMOCRM) == f"https://{name}{suffix}"
