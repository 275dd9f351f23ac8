"""Rules of a clinic's own: read from what people wrote, checked against the account, and kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from widget_backend.crm import charts
from widget_backend.crm.chart import Chart
from widget_backend.robots import rules
from widget_backend.robots.reading import checks, own
from widget_backend.robots.rule import Rule
from widget_backend.robots.rules import RuleRow


def save(session: Session, installation_id: int, content: Mapping[str, Any]) -> Rule:
    """Read, check and keep a rule; in scope. Raises :class:`InvalidInput` with all that is wrong, a loop of rules too."""
    rule = own.read(content)
    keep(session, installation_id, rule)
    return rule


def keep(session: Session, installation_id: int, rule: Rule) -> None:
    """Check and keep a rule that was read; in scope. Raises as :func:`save` does."""
    check(session, rule)
    rules.save(session, installation_id, rule)


def check(session: Session, rule: Rule) -> None:
    """Raises :class:`InvalidInput` with all that keeps the rule from working in the account in scope."""
    book = rules.load(session)
    problems = checks.problems(rule, charts.load(session) or Chart(), set(book.tasks), book.switched_on)
    if problems:
        raise own.wrong(problems)


def replaced(session: Session) -> frozenset[str]:
    """Keys of the preset's rules in whose place the clinic's own stand."""
    preset = select(RuleRow.key).where(RuleRow.origin == "preset", RuleRow.current)
    own = select(RuleRow.key).where(RuleRow.origin == "own", RuleRow.current, RuleRow.key.in_(preset))
    return frozenset(session.execute(own).scalars())
