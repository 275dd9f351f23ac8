"""The law of the inbox: however events are lost, doubled and turned round, and however often a worker dies or the CRM is away,
the history is the CRM's own, and each step was answered once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, example, given, note, settings
from hypothesis import strategies as st
from inbox_desk import Desk
from sqlalchemy.orm import Session

from widget_backend.crm.records import Activity
from widget_backend.db import Database, scope
from widget_backend.errors import Unavailable
from widget_backend.inbox import processing, reconcile
from widget_backend.jobs.pulse import sweep
from widget_backend.texts import Text

AWAY = Text("CRM не отвечает.", "The CRM does not answer.")


_names = itertools.count(1)

DOINGS = (
    "add",
    "move",
    "back",
    "set",
    "hear",
    "hear again",
    "hear an old one",
    "work",
    "reconcile",
    "lag",
    "catch up",
    "away",
)


@dataclass(frozen=True)
class Doing:
    what: str
    which: int
    stage: str
    seconds: int


doings = st.builds(
    Doing,
    st.sampled_from(DOINGS),
    st.integers(0, 2),
    st.sampled_from(["new", "work", "visit", "won", "lost"]),
    st.sampled_from([0, 0, 1, 7, 90]),
)


#: a deal that was found goes away and comes back, and is told of when its moves are no longer looked through
LONG_UNHEARD = [
    *(Doing(what, 0, "new", 0) for what in ("add", "reconcile", "back")),
    *[Doing("add", 0, "new", 90)] * 4,
    Doing("hear", 0, "new", 0),
]


@settings(
    max_examples=150, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate, Phase.shrink]
)
@given(day=st.lists(doings, min_size=3, max_size=25))
@example(day=LONG_UNHEARD)
def test_the_history_is_the_crms_own_and_each_step_is_answered_once(database: Database, day: list[Doing]) -> None:
    note(f"{day}")
    desk = Desk(database, f"clinic-{next(_names)}")
    for doing in day:
        desk.crm.passes(doing.seconds)
        _do(desk, doing)
    desk.crm.fault, desk.crm.lag = None, timedelta(0)
    desk.crm.passes(60)
    for _ in range(2):
        desk.reconciles_by_hand()
        desk.works_by_hand()

    for deal in desk.crm.deals:
        steps = [(step.to_stage, step.at.replace(microsecond=0)) for step in desk.history(deal)]
        assert steps == desk.crm.true_path(deal)
    assert desk.steps() == sorted(step.id for deal in desk.crm.deals for step in desk.history(deal))
    assert desk.dead() == []


def _do(desk: Desk, doing: Doing) -> None:
    known = list(desk.crm.deals)
    deal = known[doing.which % len(known)] if known else ""
    acts: dict[str, Callable[[], object]] = {
        "add": lambda: desk.crm.adds(doing.stage),
        "work": desk.works_by_hand,
        "reconcile": desk.reconciles_by_hand,
        "lag": lambda: setattr(desk.crm, "lag", timedelta(minutes=2)),
        "catch up": lambda: setattr(desk.crm, "lag", timedelta(0)),
        "away": lambda: setattr(desk.crm, "fault", None if desk.crm.fault else Unavailable(AWAY)),
    }
    of_a_deal: dict[str, Callable[[], object]] = {
        "move": lambda: desk.crm.moves_to(deal, doing.stage) if desk.crm.deals[deal].stage != doing.stage else None,
        "back": lambda: _there_and_back(desk, deal),
        "set": lambda: desk.crm.sets(deal, doing.stage),
        "hear": lambda: desk.hears("deal", deal),
        "hear again": lambda: [desk.hears("deal", deal, verb) for verb in ("updated", "moved", "updated")],
        "hear an old one": lambda: desk.hears("deal", known[0], "added"),
    }
    if doing.what in acts:
        acts[doing.what]()
    elif deal:
        of_a_deal[doing.what]()


def _there_and_back(desk: Desk, deal: str) -> None:
    was = desk.crm.deals[deal].stage
    desk.crm.moves_to(deal, "lost" if was != "lost" else "new")
    desk.crm.passes(1)
    desk.crm.moves_to(deal, was)


# a worker that dies: before and after each commit of a job


class Killed(BaseException):
    """As if the process ended here."""


class Mortal(Database):
    """A database whose user dies at one of its transactions: before the commit, or after it."""

    left = 0
    before = True

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.left -= 1
        dies = self.left == 0
        with super().transaction() as session:
            yield session
            if dies and self.before:
                raise Killed
        if dies:
            raise Killed


@pytest.fixture
def mortal(database: Database) -> Iterator[Desk]:
    """Boris's clinic, whose worker may die."""
    opened = Mortal(database.engine.url.render_as_string(hide_password=False))
    yield Desk(opened, "boris")
    opened.close()


def dies(desk: Desk, number: int, before: bool, run: Callable[[], object]) -> None:
    """The worker has its job in hand, and dies at that transaction; another takes it back."""
    assert isinstance(desk.database, Mortal)
    desk.database.left, desk.database.before = number, before
    with suppress(Killed), scope(desk.id):
        run()
    desk.database.left = 0
    desk.sql("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'")
    sweep(desk.database, 0)
    desk.works()


MOMENTS = [pytest.param(True, id="before"), pytest.param(False, id="after")]


@pytest.mark.parametrize("before", MOMENTS)
@pytest.mark.parametrize("number", range(1, 6))
def test_a_worker_killed_at_any_commit_answers_each_step_once(mortal: Desk, number: int, before: bool) -> None:
    deal = mortal.crm.adds("new")
    mortal.hears("deal", deal, "added")
    mortal.works()
    for stage in ("work", "visit"):
        mortal.crm.passes()
        mortal.crm.moves_to(deal, stage)
    mortal.hears("deal", deal)

    dies(mortal, number, before, lambda: processing.process(mortal.office, mortal.id, "deal", deal))

    assert mortal.path(deal) == ["new", "work", "visit"]
    assert mortal.steps() == sorted(step.id for step in mortal.history(deal))
    assert (mortal.states(), mortal.dead()) == (["done", "done"], [])


@pytest.mark.parametrize("before", MOMENTS)
@pytest.mark.parametrize("number", range(1, 6))
def test_a_worker_killed_while_it_tells_deals_of_a_call_tells_each_once(
    mortal: Desk, number: int, before: bool
) -> None:
    deals = [mortal.crm.adds("new", contact="17") for _ in range(2)]
    mortal.crm.activities["41"] = Activity("41", "call", True, mortal.crm.at, (), ("17",))
    mortal.hears("activity", "41", "added")

    dies(mortal, number, before, lambda: processing.process(mortal.office, mortal.id, "activity", "41"))

    assert sorted(seen.deal.id for seen in mortal.seen if seen.touches) == deals


@pytest.mark.parametrize("before", MOMENTS)
@pytest.mark.parametrize("number", range(1, 6))
def test_a_worker_killed_while_it_looks_for_what_was_lost_finds_it(mortal: Desk, number: int, before: bool) -> None:
    deals = [mortal.crm.adds("new") for _ in range(2)]
    mortal.crm.passes()
    mortal.crm.moves_to(deals[0], "work")

    dies(mortal, number, before, lambda: reconcile.reconcile(mortal.office, mortal.id))
    mortal.reconciles()

    assert [mortal.path(deal) for deal in deals] == [["new", "work"], ["new"]]
    assert len(mortal.steps()) == 3
