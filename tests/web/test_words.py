"""The words of pages: in both languages, none in templates and scripts, and numbers with the right form of their noun."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from installer.routes.showing import capital
from installer.wizard import words
from installer.wizard.words import general, saying
from installer.wizard.words.plural import Noun, counted, grouped
from widget_backend.journal import words as journal_words
from widget_backend.native import robot_words
from widget_backend.native import words as native_words
from widget_backend.panel import words as panel_words
from widget_backend.preferences import words as settings_words
from widget_backend.rulebook import words as rulebook_words
from widget_backend.texts import Text
from widget_backend.wellbeing import words as wellbeing_words

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    f
    for folder in ("templates", "static/app")
    for f in (ROOT / folder).rglob("*")
    if f.suffix in (".html", ".js", ".css") and "sandbox" not in f.parts
)
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
MODULES = (words.access, words.apply, words.choices, general, words.plan, words.result, rulebook_words, settings_words)
#: what a template calls the words of a part
CALLED = {
    "j": journal_words,
    "n": native_words,
    "p": panel_words,
    "pf": settings_words,
    "rb": rulebook_words,
    "rs": robot_words,
    "wb": wellbeing_words,
}
SOURCES = sorted(
    f for top in ("widget_backend", "installer") for f in (ROOT / top).rglob("*.py") if "sandbox" not in f.parts
)
#: the same in any language
NAMES = frozenset({"amoCRM", "CRM", "E-mail", "postgresql://…", "15m, 4h, 3d"})
#: the button of the emulator that this one quotes has no English name
QUOTES = ("Install it yourself, as a clinic's owner",)
#: whatever is no word of a page: comments, statements and values of templates, scripts, tags
MARKUP = re.compile(r"{#.*?#}|{%.*?%}|{{.*?}}|<script.*?</script>|<[^>]*>|&\w+;", re.DOTALL)
WORD = re.compile(r"""(?<![\w"'/=-])[A-Za-z]{2,}(?![\w"'/=-])""")
READ_ALOUD = re.compile(r'\b(?:title|aria-label|placeholder|alt)="([^"{]*[A-Za-z]{2}[^"]*)"')
DEAL = Noun(("сделка", "сделки", "сделок"), ("deal", "deals"))


def texts(value: Any) -> Iterator[Text]:
    match value:
        case Text():
            yield value
        case dict():
            yield from (text for item in value.values() for text in texts(item))
        case tuple():
            yield from (text for item in value for text in texts(item))


def literal(part: ast.expr) -> str:
    """What stands in quotes, without what is filled in."""
    match part:
        case ast.Constant(value=str() as said):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(literal(each) for each in parts)
    return ""


def pairs() -> Iterator[tuple[str, str]]:
    """The two languages of every text that the sources write down."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Text":
                said = [literal(part) for part in node.args]
                if len(said) == 2 and any(said):
                    yield said[0], said[1]


def is_one_sided(ru: str, en: str) -> bool:
    """Whether one of the languages is missing, or stands where the other should."""
    letters = re.sub(r"{\w*}", "", ru + en)
    if ru in NAMES or en.startswith(QUOTES) or not re.search(r"\w{2}", letters):
        return False
    return not CYRILLIC.search(ru) or CYRILLIC.search(en) is not None or not re.search("[A-Za-z]", en)


PAIRS = tuple(pairs())


def test_no_text_of_the_sources_is_one_sided() -> None:
    assert len(PAIRS) > 1000
    assert [pair for pair in PAIRS if is_one_sided(*pair)] == []


def test_both_languages_of_a_text_are_filled_with_the_same() -> None:
    assert [(ru, en) for ru, en in PAIRS if set(re.findall(r"{\w+}", ru)) != set(re.findall(r"{\w+}", en))] == []


@pytest.mark.parametrize(
    ("ru", "en"),
    [("", "Copy"), ("Скопировать", ""), ("Copy", "Copy"), ("Скопировать", "Скопировать"), ("Copy", "Копия")],
)
def test_a_one_sided_text_is_found(ru: str, en: str) -> None:
    assert is_one_sided(ru, en)


@pytest.mark.parametrize(
    "file", [f for f in PAGES if f.suffix == ".html"], ids=lambda file: str(file.relative_to(ROOT))
)
def test_a_template_says_nothing_by_itself(file: Path) -> None:
    page = file.read_text(encoding="utf-8")

    assert WORD.findall(MARKUP.sub(" ", page)) == []
    assert READ_ALOUD.findall(page) == []


def test_a_bare_word_of_a_template_is_found() -> None:
    page = '<p class="lead">{{ say(p.TITLE) }} Copy</p><input placeholder="Name">'

    assert WORD.findall(MARKUP.sub(" ", page)) == ["Copy"]
    assert READ_ALOUD.findall(page) == ["Name"]


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_no_words_of_a_language_stand_in_a_template_or_script(file: Path) -> None:
    assert CYRILLIC.search(file.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_text_is_said_in_both_languages(module: Any) -> None:
    said = [text for value in vars(module).values() for text in texts(value)]

    assert [text for text in said if not CYRILLIC.search(text.ru) or CYRILLIC.search(text.en)] == []
    assert [
        t
        for t in said
        if re.findall(r"{\w+}", t.ru) != re.findall(r"{\w+}", t.en)
        and sorted(re.findall(r"{\w+}", t.ru)) != sorted(re.findall(r"{\w+}", t.en))
    ] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.suffix == ".html"], ids=lambda file: file.stem)
def test_a_template_names_only_words_that_exist(file: Path) -> None:
    page = file.read_text(encoding="utf-8")
    named = re.findall(r"\bw\.(\w+)\.([A-Z_]+)", page)

    assert [f"{module}.{name}" for module, name in named if not hasattr(getattr(words, module), name)] == []
    called = re.findall(rf"(?<![\w.])({'|'.join(CALLED)})\.([A-Z][A-Z_]+)", page)
    assert [f"{part}.{name}" for part, name in called if not hasattr(CALLED[part], name)] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.suffix == ".html"], ids=lambda file: file.stem)
def test_a_template_has_no_handlers_and_no_styles_of_its_own(file: Path) -> None:
    page = file.read_text(encoding="utf-8")

    assert re.findall(r"\son\w+=|\sstyle=|hx-on|javascript:|\bjs:", page) == []


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0 сделок", "0 deals"),
        (1, "1 сделка", "1 deal"),
        (3, "3 сделки", "3 deals"),
        (5, "5 сделок", "5 deals"),
        (11, "11 сделок", "11 deals"),
        (14, "14 сделок", "14 deals"),
        (21, "21 сделка", "21 deals"),
        (22, "22 сделки", "22 deals"),
        (112, "112 сделок", "112 deals"),
        (15000, "15 000 сделок", "15 000 deals"),
    ],
)
def test_a_noun_follows_its_number(count: int, russian: str, english: str) -> None:
    said = counted(count, DEAL)

    assert (said.ru.replace("\u00a0", " "), said.en.replace("\u00a0", " ")) == (russian, english)


def test_a_number_and_its_noun_stay_on_one_line() -> None:
    assert counted(3, DEAL).ru == "3\u00a0сделки"


@pytest.mark.parametrize(
    ("sentence", "begun"),
    [
        ("тариф: Стандартный", "Тариф: Стандартный"),
        ("amoCRM не даёт создать тип задачи", "amoCRM не даёт создать тип задачи"),
        ("amoМаркет открыт", "amoМаркет открыт"),
        ("", ""),
    ],
)
def test_a_sentence_begins_with_a_capital_and_a_name_with_its_own_letter(sentence: str, begun: str) -> None:
    assert capital(sentence) == begun


@pytest.mark.parametrize(("count", "said"), [(9999, "9999"), (10000, "10\u00a0000"), (1234567, "1\u00a0234\u00a0567")])
def test_thousands_stand_apart(count: int, said: str) -> None:
    assert grouped(count) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "меньше секунды"), (45, "45 с"), (60, "1 мин 00 с"), (200, "3 мин 20 с")]
)
def test_a_span_is_said_in_minutes_and_seconds(seconds: int, said: str) -> None:
    assert saying.span(seconds).ru.replace("\u00a0", " ") == said
