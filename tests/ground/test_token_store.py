"""Tokens: sealed at rest, refreshed once, never lost, never asked for in a loop."""

from __future__ import annotations

import multiprocessing
import signal
from contextlib import suppress
from contextvars import Context
from datetime import timedelta

import psycopg
import pytest
from ground.clinic_rows import Row, connect, installed_at, raw
from ground.contest import KEYS, WAIT, ask_once, contest, expire
from ground.loopback_oauth import LoopbackOAuth, TokenServer

from widget_backend import sealed
from widget_backend.clock import now
from widget_backend.db import Database, scope
from widget_backend.errors import AccessLost, AppError, Unavailable
from widget_backend.tenancy import closing, installations, tokens


@pytest.fixture
def clinic(database: Database, vendor: TokenServer) -> Row:
    """A clinic that has just consented, at each vendor in turn."""
    return installed_at(database, vendor)


def test_what_lies_in_the_database_opens_nothing(database: Database, clinic: Row) -> None:
    stolen = str(raw(database, "SELECT * FROM token"))

    assert "access-1" not in stolen
    assert "refresh-1" not in stolen
    assert clinic.pair is not None and (clinic.pair.access, clinic.pair.refresh) == ("access-1", "refresh-1")


def test_a_key_added_in_front_reads_the_old_and_seals_the_new(database: Database, vendor: TokenServer) -> None:
    sealed.use(KEYS[:1])
    clinic = installed_at(database, vendor)
    sealed.use([KEYS[1], KEYS[0]])

    before = clinic.pair
    tokens.force_refresh(database, vendor.oauth, clinic.id, "access-1")
    sealed.use(KEYS[1:])
    after = clinic.pair

    assert before is not None and before.refresh == "refresh-1"
    assert after is not None and after.refresh == "refresh-2"


def test_without_the_key_it_says_so(clinic: Row) -> None:
    sealed.use(KEYS[1:])

    with pytest.raises(AppError, match="DENTAL_CRM_KEYS"):
        _ = clinic.pair


def test_a_good_token_costs_no_request(database: Database, clinic: Row, vendor: TokenServer) -> None:
    assert tokens.fresh(database, vendor.oauth, clinic.id) == "access-1"
    assert vendor.asked == 0


def test_a_token_near_its_end_is_refreshed_and_stored(database: Database, clinic: Row, vendor: TokenServer) -> None:
    expire(database, clinic.id)

    access = tokens.fresh(database, vendor.oauth, clinic.id)

    assert clinic.pair is not None
    assert (access, clinic.pair.access, clinic.pair.refresh) == ("access-2", "access-2", "refresh-2")
    assert (clinic.pair.generation, clinic.pair.user_id, clinic.pair.scopes) == (2, "7", ("crm",))


def test_a_refused_token_is_refreshed_once_for_all_who_met_the_refusal(
    database: Database, clinic: Row, vendor: TokenServer
) -> None:
    answers = [tokens.force_refresh(database, vendor.oauth, clinic.id, "access-1") for _ in range(3)]

    assert answers == ["access-2"] * 3
    assert vendor.asked == 1


def test_twenty_processes_refresh_once_a_round(database: Database, clinic: Row, vendor: TokenServer) -> None:
    rounds = contest(database, clinic.id, vendor, processes=20, rounds=10)

    assert [played.refreshes for played in rounds] == [1] * 10
    assert [played.answers for played in rounds] == [frozenset({played.newest}) for played in rounds]


def test_lost_consent_ends_in_reconnect_and_nobody_asks_again(
    database: Database, clinic: Row, vendor: TokenServer
) -> None:
    vendor.revoke()
    expire(database, clinic.id)

    for _ in range(3):
        with pytest.raises(AccessLost):
            tokens.fresh(database, vendor.oauth, clinic.id)

    assert vendor.asked == 1
    assert clinic.info.status == "reconnect"


def test_a_vendor_who_is_away_costs_nothing(database: Database, clinic: Row, vendor: TokenServer) -> None:
    expire(database, clinic.id)
    vendor.away = True
    with pytest.raises(Unavailable):
        tokens.fresh(database, vendor.oauth, clinic.id)
    vendor.away = False

    assert tokens.fresh(database, vendor.oauth, clinic.id) == "access-2"
    assert clinic.info.status == "connecting"


def test_tokens_of_another_account_are_refused(database: Database, clinic: Row, vendor: TokenServer) -> None:
    expire(database, clinic.id)
    vendor.account = "somebody-else"

    with pytest.raises(AccessLost):
        tokens.fresh(database, vendor.oauth, clinic.id)

    assert clinic.info.status == "reconnect"
    assert clinic.pair is not None and clinic.pair.access == "access-1"


def test_consent_given_while_we_ask_stands(database: Database, clinic: Row, vendor: TokenServer) -> None:
    expire(database, clinic.id)

    access = tokens.fresh(database, Overtaken(vendor, database), clinic.id)

    assert clinic.pair is not None
    assert (access, clinic.pair.access) == ("access-2", "access-2")
    assert clinic.info.status == "connecting"


class Overtaken:
    """An administrator presses «install» again in the moment in which we ask for a new pair."""

    def __init__(self, vendor: TokenServer, database: Database) -> None:
        self._vendor = vendor
        self._database = database

    def refresh(self, token: tokens.Tokens, host: str) -> object:
        connect(self._database, self._vendor.consent())
        return self._vendor.oauth.refresh(token, host)


def test_a_database_started_anew_in_the_middle_of_a_renewal_loses_nothing(
    database: Database, clinic: Row, vendor: TokenServer
) -> None:
    expire(database, clinic.id)

    access = tokens.fresh(database, CutOff(vendor, database, clinic.id), clinic.id)

    assert clinic.pair is not None
    assert (clinic.pair.access, clinic.info.status) == (access, "connecting")
    assert tokens.fresh(database, vendor.oauth, clinic.id) == access


class CutOff:
    """Between the answer and the store all connections are cut, and our lock with them; another process tries at once."""

    def __init__(self, vendor: TokenServer, database: Database, installation_id: int) -> None:
        self._vendor = vendor
        self._database = database
        self._installation_id = installation_id

    def refresh(self, token: tokens.Tokens, host: str) -> object:
        granted = self._vendor.oauth.refresh(token, host)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = %s"
        with psycopg.connect(self._database.engine.url.set(drivername="postgresql").render_as_string(False)) as another:
            another.execute(cut, (another.info.dbname,))
        with suppress(AccessLost):
            Context().run(tokens.fresh, self._database, self._vendor.oauth, self._installation_id)
        return granted


def killed_between_answer_and_store(database: Database, oauth: LoopbackOAuth, installation_id: int) -> int | None:
    url = database.engine.url.render_as_string(hide_password=False)
    dying = multiprocessing.get_context("spawn").Process(target=ask_once, args=(url, oauth.dying(), installation_id))
    dying.start()
    dying.join(WAIT)
    return dying.exitcode


def test_a_pair_lost_by_kill_9_is_had_again_where_the_vendor_allows(database: Database) -> None:
    with TokenServer("bitrix24", single_use=False) as vendor:
        clinic = installed_at(database, vendor)
        expire(database, clinic.id)

        exit_code = killed_between_answer_and_store(database, vendor.oauth, clinic.id)
        access = tokens.fresh(database, vendor.oauth, clinic.id)

    assert exit_code == -signal.SIGKILL
    assert (access, vendor.asked, clinic.info.status) == ("access-3", 2, "connecting")


def test_a_pair_lost_by_kill_9_ends_in_reconnect_where_tokens_work_once(database: Database) -> None:
    with TokenServer("amocrm", single_use=True) as vendor:
        clinic = installed_at(database, vendor)
        expire(database, clinic.id)

        exit_code = killed_between_answer_and_store(database, vendor.oauth, clinic.id)
        for _ in range(3):
            with pytest.raises(AccessLost):
                tokens.fresh(database, vendor.oauth, clinic.id)

    assert exit_code == -signal.SIGKILL
    assert (vendor.asked, clinic.info.status) == (2, "reconnect")


def test_after_a_new_consent_it_goes_on(database: Database, clinic: Row, vendor: TokenServer) -> None:
    vendor.revoke()
    expire(database, clinic.id)
    with pytest.raises(AccessLost):
        tokens.fresh(database, vendor.oauth, clinic.id)

    connect(database, vendor.consent())

    assert tokens.fresh(database, vendor.oauth, clinic.id) == vendor.access()


def test_a_closed_installation_asks_nobody(database: Database, clinic: Row, vendor: TokenServer) -> None:
    with scope(clinic.id), database.transaction() as session:
        closing.close(session, KEYS, clinic.id, "uninstalled")

    with pytest.raises(AccessLost):
        tokens.fresh(database, vendor.oauth, clinic.id)

    assert vendor.asked == 0


def test_a_moved_account_is_followed(database: Database, clinic: Row, vendor: TokenServer) -> None:
    with database.transaction() as session:
        installations.move(session, clinic.id, "old.example", "https://old.example")
    expire(database, clinic.id)

    tokens.fresh(database, vendor.oauth, clinic.id)

    assert clinic.info.host == f"{vendor.account}.example"


def test_a_pair_is_kept_alive_only_when_it_has_idled(database: Database, clinic: Row, vendor: TokenServer) -> None:
    tokens.keep_alive(database, vendor.oauth, clinic.id, now() - timedelta(days=7))
    busy = vendor.asked
    raw(database, "UPDATE token SET refreshed_at = now() - interval '8 days'")
    tokens.keep_alive(database, vendor.oauth, clinic.id, now() - timedelta(days=7))

    assert (busy, vendor.asked) == (0, 1)
