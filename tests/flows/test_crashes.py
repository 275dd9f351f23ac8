"""Killed, cut off or left without an answer at any request: the next run ends in the same state, and nothing is doubled."""

from __future__ import annotations

from typing import Any

import pytest
from clinics import OWN, Clinic
from sqlalchemy import create_engine, text

from widget_backend.sandbox.faults import Fault

BORIS_REQUESTS = range(1, 7)
ALICE_REQUESTS = range(1, 18)
#: the request was not carried out · was carried out, the answer lost · was carried out, a page came instead of an answer
LOST = ["cut", "drop", "html_after"]
#: killed before the request was carried out · after it, without having read the answer
KILLED = ["kill", "kill_after"]


def kill_at(clinic: Clinic, index: int, kind: str, *words: str) -> int:
    """Start the command, have it killed at that request; its exit code (-9, or 0 if it ended before)."""
    process = clinic.waiting(*words, *clinic.sandbox.target, "--yes")
    clinic.sandbox.plan(Fault(index, kind, pid=process.pid))
    process.communicate("go\n", timeout=60)
    clinic.sandbox.count_anew()
    return process.returncode


def statuses(clinic: Clinic) -> list[str]:
    engine = create_engine(clinic.database_url)
    with engine.connect() as connection:
        found = [str(status) for status in connection.execute(text("SELECT status FROM run ORDER BY id")).scalars()]
    engine.dispose()
    return found


@pytest.mark.parametrize("kind", KILLED)
@pytest.mark.parametrize("index", BORIS_REQUESTS)
def test_boris_killed_at_a_request(boris: Clinic, undisturbed: dict[str, Any], index: int, kind: str) -> None:
    killed = kill_at(boris, index, kind, "apply", "dental")

    resumed = boris.run("apply", "dental", "--yes")

    assert (killed in (-9, 0), resumed.code) == (True, 0), resumed.err
    assert boris.whole() == undisturbed["boris"]
    assert boris.run("verify").code == 0
    assert statuses(boris)[-1] == "done"


@pytest.mark.parametrize("kind", KILLED)
@pytest.mark.parametrize("index", ALICE_REQUESTS)
def test_alice_killed_at_a_request(alice: Clinic, undisturbed: dict[str, Any], index: int, kind: str) -> None:
    killed = kill_at(alice, index, kind, "apply", "dental")

    resumed = alice.run("apply", "dental", "--yes")

    assert (killed in (-9, 0), resumed.code) == (True, 0), resumed.err
    assert alice.whole() == undisturbed["alice"]
    assert alice.run("verify").code == 0
    assert statuses(alice)[-1] == "done"


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("index", BORIS_REQUESTS)
def test_boris_loses_an_answer(boris: Clinic, undisturbed: dict[str, Any], index: int, kind: str) -> None:
    boris.sandbox.plan(Fault(index, kind))

    done = boris.run("apply", "dental", "--yes")

    assert done.code == 0, done.err
    assert boris.whole() == undisturbed["boris"]


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("index", ALICE_REQUESTS)
def test_alice_loses_an_answer(alice: Clinic, undisturbed: dict[str, Any], index: int, kind: str) -> None:
    alice.sandbox.plan(Fault(index, kind))

    done = alice.run("apply", "dental", "--yes")

    assert done.code == 0, done.err
    assert alice.whole() == undisturbed["alice"]


@pytest.mark.parametrize("kind", KILLED)
@pytest.mark.parametrize("index", [2, 3, 5])
def test_a_rollback_killed_at_a_request_is_finished_by_the_next(clinic: Clinic, index: int, kind: str) -> None:
    before = clinic.whole()
    clinic.run("apply", "dental", "--yes")

    kill_at(clinic, index, kind, "rollback", "dental")
    resumed = clinic.run("rollback", "dental", "--yes")

    assert resumed.code == 0, resumed.err
    assert clinic.whole() == before


def test_two_at_once_do_the_work_once(clinic: Clinic, undisturbed: dict[str, Any]) -> None:
    twins = [clinic.waiting("apply", "dental", *clinic.sandbox.target, "--yes") for _ in range(2)]

    for twin in twins:
        twin.stdin.write("go\n")  # type: ignore[union-attr]
        twin.stdin.flush()  # type: ignore[union-attr]
    said = [twin.communicate(timeout=60)[1] for twin in twins]

    assert 0 in [twin.returncode for twin in twins], said
    assert clinic.run("apply", "dental", "--yes").code == 0
    assert clinic.whole() == undisturbed[clinic.name]


@pytest.mark.parametrize("index", range(2, 8))
def test_boris_loses_an_answer_while_his_own_pipeline_is_adopted(
    boris: Clinic, adopted: dict[str, Any], index: int
) -> None:
    boris.sandbox.hands.add_pipeline(*OWN)
    boris.sandbox.plan(Fault(index, "drop"))

    done = boris.run("apply", "dental", "--yes")
    boris.sandbox.count_anew()

    assert done.code == 0, done.err
    assert boris.whole() == adopted["boris"]


@pytest.mark.parametrize("index", range(8, 18))
def test_alice_loses_an_answer_while_her_own_pipeline_is_adopted(
    alice: Clinic, adopted: dict[str, Any], index: int
) -> None:
    alice.sandbox.hands.add_pipeline(*OWN)
    alice.sandbox.plan(Fault(index, "drop"))

    done = alice.run("apply", "dental", "--yes")
    alice.sandbox.count_anew()

    assert done.code == 0, done.err
    assert alice.whole() == adopted["alice"]
