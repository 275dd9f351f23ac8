"""Settings: all that is wrong is named at once; keys are made once and never overwritten."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ground.contest import KEYS

from widget_backend import config
from widget_backend.errors import InvalidInput

BORIS = {
    "DENTAL_CRM_PUBLIC_URL": "https://crm.boris.example",
    "BITRIX24_CLIENT_ID": "app.boris",
    "BITRIX24_CLIENT_SECRET": "boris-secret",
}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What is enough for a server with an embedded database."""
    return BORIS | {"DENTAL_CRM_HOME": str(tmp_path)}


def test_a_server_starts_with_little(environ: dict[str, str]) -> None:
    settings = config.read_server(environ)

    assert settings.bitrix24 == config.Client("app.boris", "boris-secret")
    assert settings.amocrm is None
    assert settings.bitrix24_oauth_hosts == ("https://oauth.bitrix.info", "https://oauth.bitrix24.tech")
    assert settings.amocrm_hosts == (".amocrm.ru", ".amocrm.com", ".kommo.com")
    assert settings.language == "ru"


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        config.read_server({"DATABASE_URL": "postgresql://db.example/crm"})

    for language in ("ru", "en"):
        for name in ("PUBLIC_URL", "DENTAL_CRM_KEYS", "BITRIX24_CLIENT_ID", "AMOCRM_CLIENT_SECRET"):
            assert name in refused.value.message.into(language)


def test_all_that_is_wrong_is_named_at_once_and_no_secret_is_shown() -> None:
    wrong = {
        "DATABASE_URL": "mysql://root:geheim@db/crm",
        "DENTAL_CRM_PUBLIC_URL": "http://crm.boris.example",
        "DENTAL_CRM_LANG": "de",
        "DENTAL_CRM_SUPPORT": "nobody",
        "DENTAL_CRM_KEYS": "geheim",
        "BITRIX24_CLIENT_ID": "app.boris",
        "AMOCRM_CLIENT_SECRET": "geheim",
        "AMOCRM_RATE": "fast",
        "BITRIX24_OAUTH_HOSTS": "https://oauth.bitrix.info http://169.254.169.254",
        "AMOCRM_HOSTS": "amocrm.ru",
        "AMOCRM_OAUTH_PAGE": "https://user@www.amocrm.ru/oauth",
    }

    with pytest.raises(InvalidInput) as refused:
        config.read_server(wrong)

    told = refused.value.message.en
    for name in (
        *wrong.keys() - {"BITRIX24_CLIENT_ID", "AMOCRM_CLIENT_SECRET"},
        "BITRIX24_CLIENT_SECRET",
        "AMOCRM_CLIENT_ID",
    ):
        assert name in told
    assert "geheim" not in told


def test_who_answers_for_the_service_is_named(environ: dict[str, str]) -> None:
    named = {"DENTAL_CRM_SUPPORT": "help@dental.example", "DENTAL_CRM_PUBLISHER": " ООО «Пример Дент» "}

    settings = config.read_server(environ | named)

    assert (settings.support, settings.publisher) == ("help@dental.example", "ООО «Пример Дент»")


def test_a_tariff_may_allow_more_requests(environ: dict[str, str]) -> None:
    settings = config.read_server(environ | {"BITRIX24_RATE": "5/250"})

    assert settings.rates == {"bitrix24": config.Rate(5.0, 250)}


@pytest.mark.parametrize("told", ["0/5", "0.0/5", "5", "5/0", "-1/5", "5/5/5", "１/5", "99999/1"])
def test_a_rate_that_is_none_is_refused(environ: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidInput, match="BITRIX24_RATE"):
        config.read_server(environ | {"BITRIX24_RATE": told})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "https://a.example/x"]
)
def test_this_machine_may_go_without_tls(environ: dict[str, str], url: str) -> None:
    assert config.read_server(environ | {"DENTAL_CRM_PUBLIC_URL": url + "/"}).public_url == url


@pytest.mark.parametrize(
    "hosts",
    [
        "amocrm.ru",
        ".ru",
        "http://10.0.0.1:8025",
        "https://127.0.0.1:8025/x",
        ".amocrm.ru http://sandbox.example",
        "*.amocrm.ru",
    ],
)
def test_a_list_of_hosts_that_would_let_anybody_in_is_refused(environ: dict[str, str], hosts: str) -> None:
    with pytest.raises(InvalidInput, match="AMOCRM_HOSTS"):
        config.read_server(environ | {"AMOCRM_HOSTS": hosts})


def test_the_sandbox_may_stand_in_for_amocrm(environ: dict[str, str]) -> None:
    hosts = ".amocrm.ru http://127.0.0.1:8025"

    assert config.read_server(environ | {"AMOCRM_HOSTS": hosts}).amocrm_hosts == tuple(hosts.split())


def test_keys_of_an_embedded_database_are_made_once(environ: dict[str, str], tmp_path: Path) -> None:
    first = config.read_server(environ)
    second = config.read_server(environ)

    assert first.keys == second.keys
    assert len(first.keys) == 1
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["keys"]
    assert first.keys[0] not in repr(first)


def test_a_damaged_file_of_keys_is_not_overwritten(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("half a k")

    with pytest.raises(InvalidInput, match="keys"):
        config.read_server(environ)

    assert (tmp_path / "keys").read_text() == "half a k"


def test_keys_of_the_environment_come_first(environ: dict[str, str], tmp_path: Path) -> None:
    settings = config.read_server(environ | {"DENTAL_CRM_KEYS": f" {KEYS[1]} , {KEYS[0]} "})

    assert settings.keys == (KEYS[1], KEYS[0])
    assert not (tmp_path / "keys").exists()


def test_wrong_settings_make_no_keys(environ: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        config.read_server(environ | {"DENTAL_CRM_PUBLIC_URL": "crm.boris.example"})

    assert list(tmp_path.iterdir()) == []


def test_a_command_needs_none_of_it(tmp_path: Path) -> None:
    settings = config.read({"DENTAL_CRM_HOME": str(tmp_path), "DENTAL_CRM_LANG": "en"})

    assert settings == config.Settings(tmp_path, language="en")


@pytest.mark.parametrize(
    "url", ["postgresql://db:port/crm", "postgresql://u:p@db:0/crm", "postgres://db:70000", "db/crm"]
)
def test_an_address_that_is_no_database_is_refused(environ: dict[str, str], url: str) -> None:
    with pytest.raises(InvalidInput, match="DATABASE_URL"):
        config.read_server(environ | {"DATABASE_URL": url})


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://",
        "postgresql:///crm",
        "postgres://u:p#/:?s@db:5432/crm?sslmode=require",
        "postgresql://[::1]:5432/crm",
    ],
)
def test_an_address_of_a_database_is_taken(url: str) -> None:
    assert config.read({"DATABASE_URL": url}).database_url.startswith("postgresql+psycopg://")
