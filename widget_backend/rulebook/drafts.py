"""Drafts: a rule on its way from a form to the rulebook: read, judged as a whole, and drawn again with what is wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.robots import rules, wording
from widget_backend.robots.reading import own
from widget_backend.robots.reading.complaints import Path, spell
from widget_backend.robots.rule import Rule
from widget_backend.robots.wording import Said
from widget_backend.rulebook import acts, answers, words
from widget_backend.rulebook.answers import Form
from widget_backend.rulebook.sheet import Desk, Sheet, sheet
from widget_backend.texts import Language, Text

#: what a condition or an action is that nobody has filled in yet
BLANK: Final[Mapping[str, Mapping[str, Any]]] = {"if": {"what": ""}, "do": {"action": ""}}


@dataclass(frozen=True, slots=True)
class Draft:
    """``content``: as people write it; ``version``: of the rule it began with, empty for a new one; ``typed``: its text, where
    it was written as one; ``rule``: once it was judged and can be read; ``meanwhile``: somebody else has changed it."""

    content: Mapping[str, Any]
    version: str = ""
    typed: str = ""
    wrong: Mapping[Path, Text] = field(default_factory=dict)
    problems: tuple[Text, ...] = ()
    rule: Rule | None = None
    meanwhile: Text | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of one rule shows. ``name``: of the rule in force, ``None`` for a new one; ``of_preset``: that is the
    preset's; ``present``: the one in force in sentences; ``problems``: all that is wrong, where it is written as text."""

    sheet: Sheet
    typed: str
    name: Text | None
    of_preset: bool
    present: Said | None
    meanwhile: Text | None
    problems: tuple[Text, ...]
    failed: bool


def fresh(key: str) -> Draft:
    """A rule that is not there yet."""
    return Draft({"key": key, "when": {"on": "entered"}, "do": [BLANK["do"]]})


def read(session: Any, sent: Form, language: Language) -> Draft:
    """What a form, or a text, was filled in with; in scope. Nothing is checked here."""
    key, version, typed = (_one(sent, name) for name in ("rule", "version", "text"))
    if _one(sent, "as") != "text" or "text" not in sent:
        return Draft(answers.content(sent, language, charts.load(session) or Chart()), version)
    try:
        told = answers.loaded(typed)
    except (ValueError, RecursionError) as error:
        at = {"line": getattr(error, "lineno", 1), "column": getattr(error, "colno", 1)}
        return Draft({"key": key}, version, typed, problems=(words.NOT_JSON.format(**at),))
    content = told if isinstance(told, dict) else {}
    return Draft({**content, "key": key}, version, typed)


def moved(draft: Draft, move: str) -> Draft:
    """With one condition or action more («if+»), or without one («do-2»)."""
    part, sign, number = move[:2], move[2:3], move[3:]
    if part not in BLANK or sign not in ("+", "-"):
        return draft
    there = draft.content.get(part)
    rows = list(there) if isinstance(there, list) else []
    if sign == "+":
        rows.append(BLANK[part])
    elif number.isdecimal() and int(number[:4]) < len(rows):
        del rows[int(number[:4])]
    return replace(draft, content={**draft.content, part: rows})


def judge(session: Any, draft: Draft) -> Draft:
    """With all that is wrong, by place, and the rule if it can be read; in scope."""
    if draft.problems:
        return draft
    rule, wrong = own.placed(draft.content)
    found = acts.complaints(session, rule) if rule else ()
    return replace(draft, rule=rule, wrong=wrong, problems=found)


def of_now(session: Any, draft: Draft, meanwhile: Text) -> Draft:
    """What was typed, on top of what somebody else has saved; in scope."""
    there = rules.load(session).entry.get(str(draft.content.get("key", "")))
    return replace(draft, version=str(there.id) if there else "", meanwhile=meanwhile)


def present(session: Any, draft: Draft) -> Rule | None:
    """The rule in force that it would change; in scope."""
    there = rules.load(session).entry.get(str(draft.content.get("key", "")))
    return there.rule if there else None


def page(session: Any, draft: Draft, language: Language) -> Page:
    """The page, in scope."""
    book, chart = rules.load(session), charts.load(session) or Chart()
    there = book.entry.get(str(draft.content.get("key", "")))
    desk = Desk(chart, book.tasks, language, draft.wrong)
    failed = bool(draft.wrong or draft.problems)
    return Page(
        sheet(draft.content, draft.version, desk, draft.problems),
        draft.typed or json.dumps(draft.content, ensure_ascii=False, indent=2),
        there.rule.name if there else None,
        there is not None and there.origin == "preset",
        wording.said(there.rule, chart, book.tasks) if there and draft.meanwhile else None,
        draft.meanwhile,
        (*draft.problems, *(_placed(path, said) for path, said in draft.wrong.items())),
        failed,
    )


def _placed(path: Path, said: Text) -> Text:
    place = f"{spell(path)}: " if path else ""
    return Text(f"{place}{said.ru}", f"{place}{said.en}")


def _one(sent: Form, name: str) -> str:
    values = sent.get(name) or ("",)
    return values[-1]
