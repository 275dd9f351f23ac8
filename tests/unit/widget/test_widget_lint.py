"""What the moderation of amoCRM turns down is found, each thing by its own rule, and nothing is said of what is right."""

from __future__ import annotations

import pytest
from archives import Change, does, has, lacks, ours, png, says, tells, theirs
from hypothesis import given, settings
from hypothesis import strategies as st

from widget_backend.widget import lint

MANIFEST, SCRIPT, STYLE, RU, EN = "manifest.json", "script.js", "style.css", "i18n/ru.json", "i18n/en.json"
PICTURE = "/images/logo_main.png"

VIOLATIONS: list[tuple[str, Change]] = [
    ("file-missing", lacks(MANIFEST)),
    ("file-missing", lacks(SCRIPT)),
    ("file-stray", has("script.js.map", b"{}")),
    ("file-stray", has(".DS_Store", b"\0")),
    ("file-stray", has("templates/forgotten.twig", b"<p></p>")),
    ("encoding", has("templates/frame.twig", b"\xef\xbb\xbf<p></p>")),
    ("encoding", has("templates/frame.twig", b"<p>\r\n</p>")),
    ("encoding", has("templates/frame.twig", "<p>ё</p>".encode("cp1251"))),
    ("json", has(EN, b'{"widget": ')),
    ("placeholder", says(SCRIPT, "https://app.dental.example", "%SERVICE%")),
    ("manifest-key", tells(MANIFEST, "widget.short_description", None)),
    ("manifest-key", tells(MANIFEST, "locations", [])),
    ("version", tells(MANIFEST, "widget.version", "1.0")),
    ("interface-version", tells(MANIFEST, "widget.interface_version", 1)),
    ("support", tells(MANIFEST, "widget.support", {})),
    ("location", says(MANIFEST, '"lcard-1"', '"board-1"')),
    ("location", says(MANIFEST, '"llist-0"', '"lcard-1"')),
    ("location-block", tells(MANIFEST, "dp", None)),
    ("location-block", says(MANIFEST, '"salesbot_designer",', "")),
    ("setting-type", tells(MANIFEST, "settings.city", {"name": "settings.lead", "type": "select"})),
    ("setting-type", tells(MANIFEST, "salesbot_designer.copy_deal.settings.stage.type", "users")),
    ("setting-custom", tells(MANIFEST, "settings.more", {"name": "settings.lead", "type": "custom"})),
    ("personal-data", tells(MANIFEST, "settings.amo_login", {"name": "settings.lead", "type": "text"})),
    ("personal-data", tells(MANIFEST, "settings.word", {"name": "settings.lead", "type": "pass"})),
    ("personal-data", tells(MANIFEST, "dp.settings.patient_phone", {"name": "pipeline.key", "type": "text"})),
    ("consent", tells(MANIFEST, "settings.consent.required", False)),
    ("dp-action", tells(MANIFEST, "dp.action_multiple", None)),
    ("dp-address", says(MANIFEST, "https://app.dental.example/webhooks", "http://app.dental.example/webhooks")),
    ("secret", tells(MANIFEST, "widget.secret_key", "0123456789abcdef")),
    ("secret", does('var key = "eyJhbGciOiJIUzI1NiJ9.e30";')),
    ("icon", lacks("images/menu.svg")),
    ("locale", tells(MANIFEST, "widget.locale", ["ru", "en", "es"])),
    ("locale", lacks(EN)),
    ("keys", tells(EN, "card.more", None)),
    ("keys", tells(RU, "card.extra", "Ещё")),
    ("text-empty", tells(EN, "card.more", " ")),
    ("text-long", tells(RU, "widget.name", "Стоматология " * 30)),
    ("text-absent", tells(MANIFEST, "dp.title", "pipeline.nowhere")),
    ("text-absent", does('self.i18n("nowhere");')),
    ("text-russia", tells(EN, "widget.description", "See dental.example.ru for more.")),
    ("text-language", tells(EN, "card.more", "Маршрут")),
    ("brand", tells(EN, "widget.name", "Dental for amoCRM")),
    ("eval", does("eval(told);")),
    ("eval", does('new Function("return 1")();')),
    ("eval", does('setTimeout("again()", 10);')),
    ("dialog", does("alert(told);")),
    ("dialog", does("if (window.confirm(told)) { return true; }")),
    ("injected-script", does('document.createElement("script");')),
    ("injected-script", does("$.getScript(address);")),
    ("console", does("console.log(told);")),
    ("sync-request", does("$.ajax({ async: false });")),
    ("crm-post", does("self.crm_post(address, {});")),
    ("request-in-loop", does("_.each(cards, function (card) { self.$authorizedAjax({ data: card }); });")),
    ("request-in-loop", does("for (var i = 0; i < 3; i++) { ask(i); }")),
    ("request-in-loop", does("$('a').each(loadCard);")),
    ("foreign-address", does('var place = "https://cdn.example.net/lib.js";')),
    ("foreign-address", does('var place = "//cdn.example.net/lib.js";')),
    ("virtual-click", does('$(".js-widget-install").trigger("click");')),
    ("virtual-click", does("button.click();")),
    ("events", does('$(document).on("click", "a", loadCard);')),
    ("host-changed", does('APP.constant = function () { return ""; };')),
    ("host-changed", does("String.prototype.trim = null;")),
    ("storage", does("localStorage.setItem(1, 2);")),
    ("storage", does("var all = document.cookie;")),
    ("obfuscated", does("var _0x1f2e = atob(told);")),
    ("debugger", does("debugger;")),
    ("dead-comment", does("// var old = deal();")),
    ("dead-comment", does("// TODO: think")),
    ("new-syntax", does("var twice = (x) => x * 2;")),
    ("new-syntax", does("const one = 1;")),
    ("new-syntax", does("var words = `deal`;")),
    ("module", says(SCRIPT, 'define(["jquery"', 'start(["jquery"')),
    ("syntax", does("if (told {")),
    ("callback", says(SCRIPT, "destroy: function () {\n        $(document)", "end: function () {\n        $(document)")),
    ("callback", says(SCRIPT, "salesbotDesignerSettings:", "salesbotDesigner:")),
    ("callback", says(SCRIPT, "dpSettings:", "dp:")),
    ("callback", says(SCRIPT, "onAddAsSource:", "onAdded:")),
    ("callback", says(SCRIPT, "onSource:", "onUsed:")),
    ("callback", says(SCRIPT, "leads: {", "contacts: {")),
    ("callback", says(MANIFEST, '"llist-0"', '"clist-0"')),
    ("callback-idle", says(MANIFEST, '"lead_sources",', "")),
    ("callback-idle", says(SCRIPT, "leads: {", "todo: { selected: function () {} },\n      leads: {")),
    ("callback", says(SCRIPT, "selected: function", "chosen: function")),
    ("minified", does("var all = [" + "1," * 300 + "1];")),
    ("minified", does("".join(f"var {a} = 1;\n" for a in "abcdefghijklmnopqrstuvwxyz" * 9))),
    ("unescaped", says("templates/card.twig", "{{ line|e }}", "{{ line }}")),
    ("unescaped", says("templates/card.twig", "{{ line|e }}", "{{ line|e|raw }}")),
    ("template-code", says("templates/card.twig", "<p ", '<p onclick="go()" ')),
    ("style-global", has(STYLE, b'.dental-crm { color: red }\n[data-color-scheme="dark"] p { color: blue }\n')),
    ("style-global", says(STYLE, ".dental-crm a {", "a, .dental-crm a {")),
    ("style-global", says(STYLE, ".dental-crm a {", "@media print { .card-widgets { color: red } }\n.dental-crm a {")),
    ("style-foreign", has(STYLE, b'@import "x.css";')),
    ("style-foreign", says(STYLE, "border: 0;", "background: url(https://cdn.example.net/a.png);")),
    ("theme", says(STYLE, '[data-color-scheme="dark"]', "")),
    ("tour", tells(MANIFEST, "tour", {"is_tour": False, "tour_images": {"ru": [PICTURE], "en": [PICTURE]}})),
    ("tour", tells(MANIFEST, "tour", {"is_tour": True, "tour_images": {"ru": [PICTURE]}})),
    ("tour", tells(MANIFEST, "tour", {"is_tour": True, "tour_images": {"ru": [PICTURE], "en": ["/images/no.png"]}})),
    ("image-size", tells(MANIFEST, "tour", {"is_tour": True, "tour_images": {"ru": [PICTURE], "en": [PICTURE]}})),
    ("text-absent", tells(MANIFEST, "tour", {"is_tour": True, "tour_description": "widget.nowhere"})),
    ("image-missing", lacks("images/logo.png")),
    ("image-missing", lacks("images/logo_dp.png")),
    ("image-size", has("images/logo_min.png", png(85, 84))),
    ("image-heavy", has("images/logo_min.png", png(84, 84, b"\0" * 310_000))),
    ("image-format", has("images/logo_min.png", b"<svg/>")),
    ("image-moving", has("images/logo_min.png", png(84, 84, b"\0\0\0\0\0\0\0\0acTL"))),
]  # fmt: skip


def test_our_own_archive_is_clean() -> None:
    assert lint(ours()) == ()


def test_a_good_archive_of_somebody_else_is_clean() -> None:
    assert lint(theirs()) == ()


@pytest.mark.parametrize(("rule", "change"), VIOLATIONS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(VIOLATIONS)])
def test_a_violation_is_found_by_its_rule(rule: str, change: Change) -> None:
    files = ours()

    change(files)

    assert rule in {finding.rule for finding in lint(files)}


@pytest.mark.parametrize(
    "statement",
    [
        'say("alert(1)", "eval(told)");',
        "// We never call eval here, nor alert.",
        "var half = total / 2, rest = total / 3;",
        'var clean = told.replace(/["\']alert\\(/g, "");',
        "_.each(cards, function (card) { names.push(card.name); });",
        '$(document).on("click" + ns(), "a", loadCard);',
        "if (APP.data.current_entity === told) { return true; }",
        "console.debug(told);",
    ],
)
def test_what_only_looks_like_a_violation_is_none(statement: str) -> None:
    files = ours()

    does(statement)(files)

    assert lint(files) == ()


def test_files_in_a_folder_are_one_finding() -> None:
    files = {f"dental/{name}": content for name, content in ours().items() if name == MANIFEST}

    assert "folder" in {finding.rule for finding in lint(files)}


def test_a_finding_says_where_and_in_both_languages() -> None:
    files = ours()
    does("alert(told);")(files)

    (finding,) = lint(files)

    line = next(n for n, words in enumerate(files[SCRIPT].decode().splitlines(), 1) if "alert(" in words)
    assert finding.within("ru") == f"script.js:{line}: dialog: alert, confirm и prompt запрещены: покажите окно amoCRM."
    assert finding.within("en") == f"script.js:{line}: dialog: No alert, confirm, prompt: use amoCRM's window."


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"manifest.json": b"[" * 100_000},
        {"manifest.json": b'{"widget": 1, "locations": {}, "dp": [], "settings": 3, "left_menu": {"a": 1}}'},
        {"script.js": b"((((/* \x00 '", "style.css": b"}}{{", "images/logo.png": b"\xff\xd8\xff"},
        {"i18n/ru.json": b'{"widget": {"name": null}}', "templates/a.twig": b"{{"},
    ],
)
def test_whatever_is_broken_is_a_finding_and_no_fault(files: dict[str, bytes]) -> None:
    assert lint(files) != ()


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([MANIFEST, SCRIPT, STYLE, RU, "templates/card.twig", "images/logo.png"]), st.data())
def test_no_archive_is_too_broken_to_be_looked_at(name: str, data: st.DataObject) -> None:
    files = ours()
    content = files[name]
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(content))] * 2)))

    files[name] = content[:start] + data.draw(st.binary(max_size=40)) + content[end:]

    assert all(finding.message.ru and finding.message.en for finding in lint(files))


@pytest.mark.parametrize("name", [SCRIPT, STYLE])
def test_a_huge_file_is_looked_at_in_no_time(name: str) -> None:
    files = ours()

    files[name] = b"a " * 200_000

    assert lint(files) != ()
