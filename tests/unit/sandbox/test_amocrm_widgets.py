"""Widgets in the emulated account: which archives are taken, who hosts them where, and what an admin does with them."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any

import jwt
import pytest
import sample_widget
from sample_widget import MANIFEST, TEXTS, files, packed, picture

from widget_backend.sandbox.amocrm import Account, create_app
from widget_backend.sandbox.amocrm.control import add_leads
from widget_backend.sandbox.amocrm.widgets.routes import STATIC

CLIENT, SECRET = "0a1b2c3d-0000-4000-8000-000000000001", "s" * 64
KEYS = {"name": "Проба", "client_id": CLIENT, "client_secret": SECRET, "redirect_uri": "https://app.example/install"}
UPLOAD, SETTINGS = f"/_sandbox/widgets/{CLIENT}", f"/amo-market/{CLIENT}/settings/"
HOME = "/settings/widgets/sample/"


@pytest.fixture
def account() -> Account:
    return Account.demo()


@pytest.fixture
def http(account: Account) -> Any:
    """A browser of the account's admin; the widget is taken and installed."""
    http = create_app(account).test_client()
    assert http.post("/_sandbox/apps", json=KEYS | {"widget_code": "sample"}).status_code == 201
    answer = http.post(UPLOAD, data=packed(files()))
    assert (answer.status_code, answer.get_json()) == (201, {"code": "sample", "version": "1.2.3"})
    http.post(f"/amo-market/{CLIENT}/install")
    return http


def manifest(**parts: Any) -> bytes:
    return json.dumps(MANIFEST | parts).encode()


def about(**keys: Any) -> bytes:
    return manifest(widget=MANIFEST["widget"] | keys)


BAD_DP = MANIFEST["dp"] | {"action_multiple": None, "webhook_url": "http://app.example"}
BAD_BOT = {"route": {"name": "bot.route", "settings": {"slot": {"name": "bot.slot", "type": "date"}}}}
TWO_CUSTOM = {key: {"name": "settings.key", "type": "custom"} for key in ("a", "b")}


@pytest.mark.parametrize(
    ("path", "data", "said"),
    [
        ("manifest.json", b"{", "manifest.json не читается"),
        ("manifest.json", b"[]", "нужен объект"),
        ("manifest.json", about(version=""), "нет widget.version"),
        ("manifest.json", about(interface_version=1), "interface_version должен быть 2"),
        ("manifest.json", about(support={}), "нет widget.support"),
        ("manifest.json", about(locale=["ru"]), "языки ru, а файлы en, ru"),
        ("manifest.json", about(name="widget.title"), "нет текста widget.title"),
        ("manifest.json", manifest(locations=[]), "нет locations"),
        ("manifest.json", manifest(locations=["pipeline"]), "неизвестная область pipeline"),
        ("manifest.json", manifest(locations=["lcard"]), "у области lcard нет -0 или -1"),
        ("manifest.json", manifest(dp={}), "нужна часть dp"),
        ("manifest.json", manifest(dp=BAD_DP), "нет dp.action_multiple; manifest: dp.webhook_url"),
        ("manifest.json", manifest(salesbot_designer=BAD_BOT), "salesbot_designer.route.slot: неизвестный тип"),
        ("manifest.json", manifest(settings={}), "нужна часть settings"),
        ("manifest.json", manifest(settings={"a": {"type": "date"}}), "неизвестный тип настройки date"),
        ("manifest.json", manifest(settings=TWO_CUSTOM), "custom может быть только одна"),
        ("i18n/en.json", json.dumps(TEXTS["en"] | {"more": "x"}).encode(), "ключ more есть не во всех языках"),
        ("images/logo_main.png", picture(400, 270), "нужен PNG 400×272"),
        ("images/logo_min.png", picture(84, 84) + b" " * 307_200, "больше 300 КБ"),
        ("script.js", b"(function () {})();", "нет define"),
        ("script.js", b"\xef\xbb\xbfdefine([])", "без BOM"),
    ],
)
def test_an_archive_that_is_wrong_is_refused_with_the_reason(http: Any, path: str, data: bytes, said: str) -> None:
    answer = http.post(UPLOAD, data=packed(files() | {path: data}))

    assert (answer.status_code, said in answer.get_json()["error"]) == (400, True), answer.get_json()


@pytest.mark.parametrize("gone", ["manifest.json", "script.js", "images/logo_dp.png"])
def test_an_archive_that_lacks_a_file_is_refused(http: Any, gone: str) -> None:
    held = files()
    held.pop(gone)

    answer = http.post(UPLOAD, data=packed(held))

    assert (answer.status_code, gone in answer.get_json()["error"]) == (400, True)


def test_a_folder_inside_and_what_is_no_zip_are_told_apart(http: Any) -> None:
    inside = packed({f"widget/{path}": data for path, data in files().items()})

    said = [http.post(UPLOAD, data=data).get_json()["error"] for data in (inside, b"PK?")]

    assert said == ["в корне архива нет manifest.json, а есть widget/manifest.json", "это не zip-архив"]


def test_a_refused_archive_leaves_the_old_one_in_place(account: Account, http: Any) -> None:
    http.post(UPLOAD, data=b"nothing")

    assert account.widgets[CLIENT].version == "1.2.3"
    assert account.integrations[CLIENT].dp_url == "https://app.example/dp"


def test_a_person_uploads_an_archive_on_the_market_and_is_told_what_is_wrong(account: Account, http: Any) -> None:
    address = f"/amo-market/{CLIENT}/widget"
    newer = packed(files() | {"manifest.json": about(version="1.2.4")})

    taken = http.post(address, data={"archive": (io.BytesIO(newer), "widget.zip")}).status_code
    refused = http.post(address, data={"archive": (io.BytesIO(b"x"), "widget.zip")})
    manager = http.post(f"{address}?user=507", data={"archive": (io.BytesIO(newer), "widget.zip")}).status_code

    assert (taken, refused.status_code, manager, account.widgets[CLIENT].version) == (302, 400, 403, "1.2.4")
    assert "это не zip-архив" in refused.get_data(as_text=True)


def test_files_are_served_as_they_came(http: Any) -> None:
    script = http.get("/upl/sample/widget/script.js?v=1.2.3")

    assert (script.mimetype, script.get_data(as_text=True)) == ("text/javascript", sample_widget.SCRIPT)
    assert http.get("/upl/sample/widget/images/logo.png").mimetype == "image/png"
    assert [http.get(f"/upl/{path}").status_code for path in ("sample/widget/x.js", "other/widget/script.js")] == [
        404,
        404,
    ]


def hosted(http: Any, address: str) -> dict[str, Any] | None:
    """What the host's script of a page is told."""
    text = http.get(address).get_data(as_text=True)
    _, _, rest = text.partition('<script type="application/json" id="amo-host">')
    return json.loads(rest.partition("</script>")[0]) if rest else None


def test_a_card_hosts_the_widget_for_whoever_looks(account: Account, http: Any) -> None:
    [lead] = add_leads(account, {"name": "Осмотр"})

    admin = hosted(http, f"/leads/detail/{lead}")
    maria = hosted(http, f"/leads/detail/{lead}?user=507&lang=en")

    assert (admin["area"], admin["card"]["id"], admin["user"]["is_admin"]) == ("lcard", lead, "Y")
    assert (maria["user"]["id"], maria["user"]["is_admin"], maria["widgets"][0]["texts"]) == (507, "N", TEXTS["en"])
    assert (admin["widgets"][0]["path"], admin["widgets"][0]["column"]) == ("/upl/sample/widget", True)


def test_nothing_is_hosted_where_the_widget_does_not_stand(account: Account, http: Any) -> None:
    [lead] = add_leads(account, {"name": "Осмотр"})
    board = hosted(http, "/")

    http.post(f"/amo-market/{CLIENT}/uninstall")

    assert (board, hosted(http, f"/leads/detail/{lead}"), hosted(http, "/leads/list/")) == (None, None, None)
    assert [http.get(HOME + path).status_code for path in ("", "action/", "bot/")] == [404, 404, 404]


def test_settings_are_saved_by_an_admin_and_told_to_their_own_integration(account: Account, http: Any) -> None:
    before = hosted(http, SETTINGS)["widgets"][0]["status"]

    saved = http.post(HOME + "save", json={"active": "Y", "fields": {"key": "К-1", "consent": "yes"}})
    refused = http.post(HOME + "save?user=507", json={"active": "Y", "fields": {"key": "К-2"}})
    empty = http.post(HOME + "save", json={"active": "Y", "fields": {"key": " "}})

    assert (saved.status_code, refused.status_code, empty.status_code) == (200, 403, 400)
    assert account.integrations[CLIENT].settings == {"key": "К-1", "consent": ""}
    assert (before, hosted(http, SETTINGS)["widgets"][0]["status"]) == ("not_configured", "installed")
    token = account.grant(CLIENT).access
    widget = http.get("/api/v4/widgets/sample", headers={"Authorization": f"Bearer {token}"}).get_json()
    assert (widget["version"], widget["settings"]["key"], widget["is_work_with_dp"]) == ("1.2.3", "К-1", True)
    assert widget["settings_template"][0] == {"key": "key", "name": "Ключ", "type": "text", "is_required": True}


def test_a_widget_is_installed_and_switched_off_from_its_window(account: Account, http: Any) -> None:
    account.uninstall(CLIENT)
    account.outbox.clear()
    market, window = (http.get(path).get_data(as_text=True) for path in ("/amo-market/", SETTINGS))

    http.post(HOME + "save", json={"active": "Y", "fields": {"key": "К"}})
    installed = account.integrations[CLIENT].installed, len(account.outbox)
    http.post(HOME + "save", json={"active": "N"})

    assert f'<a class="open main" href="{SETTINGS}">Установить</a>' in market
    assert ("js-widget-install" in window, installed) == (True, (True, 1))
    assert (account.integrations[CLIENT].installed, account.integrations[CLIENT].settings) == (False, None)


def test_an_action_is_put_on_a_stage_with_its_settings(account: Account, http: Any) -> None:
    given = {"stage": "9001-70009", "settings": {"target": "9002"}}

    answers = [http.post(f"{HOME}action/{query}", json=given).status_code for query in ("", "?user=507")]
    wrong = http.post(HOME + "action/", json={"stage": "9001-1"})

    [trigger] = account.triggers.values()
    assert (answers, wrong.status_code) == ([200, 403], 400)
    assert (trigger.client_id, trigger.status_ids, trigger.settings) == (CLIENT, (70009,), {"target": "9002"})


def test_a_saved_step_becomes_a_bot(account: Account, http: Any) -> None:
    steps = [{"question": [{"handler": "exits", "params": {"value": "success"}}]}]

    saved = http.post(HOME + "bot/", json={"handler": "route", "steps": json.dumps(steps), "exits": ["success"]})
    wrong = [
        http.post(HOME + "bot/", json={"handler": "route", "steps": each}).status_code for each in (steps, "{", "")
    ]

    [bot] = account.bots.values()
    assert (saved.status_code, wrong) == (200, [400, 400, 400])
    assert (bot.name, bot.steps, bot.exits, bot.client_id) == ("Маршрут", steps, {"success": []}, CLIENT)


def test_the_widgets_own_pages_are_named_in_the_menus(http: Any) -> None:
    stages, window = (http.get(path).get_data(as_text=True) for path in ("/settings/stages/", SETTINGS))

    assert '<a href="/widget_page/sample/sample/">Раздел пробы</a>' in stages
    assert all(
        f'href="{HOME}{path}"' in stages and f'href="{HOME}{path}"' in window for path in ("", "action/", "bot/")
    )
    assert "Все настройки пробы" in window


def test_the_token_of_the_page_is_of_whoever_looks(http: Any) -> None:
    token = http.post(f"/amo-market/{CLIENT}/token?user=507").get_json()["token"]

    claims = jwt.decode(token, SECRET, ["HS256"], audience="https://app.example")
    assert (claims["user_id"], claims["is_admin"], claims["client_uuid"]) == (507, False, CLIENT)


def test_a_reset_keeps_the_archive(account: Account, http: Any) -> None:
    account.reset()

    assert account.widgets[CLIENT].version == "1.2.3"


def test_the_hosts_libraries_are_the_locked_ones_and_have_their_licences() -> None:
    locked = json.loads((STATIC / "vendor.lock.json").read_text("utf-8"))

    now = {row["file"]: hashlib.sha256((STATIC / row["file"]).read_bytes()).hexdigest() for row in locked}
    assert now == {row["file"]: row["sha256"] for row in locked}
    assert {(row["package"], row["version"]) for row in locked} == {
        ("requirejs", "2.3.8"),
        ("jquery", "2.1.3"),
        ("underscore", "1.9.1"),
        ("twig", "0.8.9"),
    }
    assert all((STATIC / f"LICENSE-{row['package']}.txt").is_file() for row in locked)
