"""The life of an installation, and what is left of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from ground.clinic_rows import Row, connect, install, raw
from ground.contest import KEYS
from ground.loopback_oauth import grant
from sqlalchemy.orm import Session

from widget_backend.db import Database, scope
from widget_backend.errors import NotFound
from widget_backend.security import tickets
from widget_backend.tenancy import closing, installations
from widget_backend.tenancy.closing import DeletionNote

Step = Callable[[Session, int], bool]


def after(row: Row, *steps: Step) -> str:
    with row.database.transaction() as session:
        for step in steps:
            step(session, row.id)
    return row.info.status


def test_a_new_one_is_connecting_and_knows_where_it_is(boris: Row) -> None:
    info = boris.info

    assert (info.vendor, info.account, info.host) == ("bitrix24", "boris", "boris.example")
    assert info.base_url == "https://boris.example"
    assert (info.status, info.language, dict(info.settings)) == ("connecting", "ru", {})


WAYS: dict[str, tuple[tuple[Step, ...], str]] = {
    "set up": ((installations.activate,), "active"),
    "payment due": ((installations.activate, installations.pause), "paused"),
    "paid again": ((installations.activate, installations.pause, installations.resume), "active"),
    "paid before it was set up": ((installations.pause, installations.resume), "connecting"),
    "access lost": ((installations.activate, installations.need_reconnect), "reconnect"),
    "access lost while payment was due": ((installations.pause, installations.need_reconnect), "reconnect"),
    "lost access is not cured by paying": ((installations.need_reconnect, installations.resume), "reconnect"),
    "lost access is not cured by us": ((installations.need_reconnect, installations.activate), "reconnect"),
    "uninstalled": ((installations.activate, installations.shut), "closed"),
    "uninstalled stays so": ((installations.shut, installations.need_reconnect, installations.activate), "closed"),
}


@pytest.mark.parametrize(("steps", "status"), WAYS.values(), ids=WAYS.keys())
def test_its_states(boris: Row, steps: tuple[Step, ...], status: str) -> None:
    assert after(boris, *steps) == status


def test_consent_anew_cures_lost_access(database: Database, boris: Row) -> None:
    after(boris, installations.activate, installations.need_reconnect)

    again = install(database, "bitrix24", "boris")

    assert again.id == boris.id
    assert again.info.status == "active"


def test_a_reinstall_revives_and_begins_with_the_wizard(database: Database, boris: Row) -> None:
    after(boris, installations.activate, installations.shut)

    moved = connect(
        database, replace(grant("bitrix24", "boris", 2), host="new.example", base_url="https://new.example")
    )

    assert moved.id == boris.id
    assert (moved.info.status, moved.info.host, moved.info.closed_at) == ("connecting", "new.example", None)


def test_an_unpaid_account_is_paused_from_the_start(database: Database) -> None:
    unpaid = connect(database, replace(grant("bitrix24", "boris", 1), paid="expired"))

    assert unpaid.info.status == "paused"


def test_how_an_account_stands_with_the_vendor_is_kept_until_it_is_told_anew(database: Database, boris: Row) -> None:
    with database.transaction() as session:
        installations.configure(session, boris.id, preset="dental")

    trial = connect(database, replace(grant("bitrix24", "boris", 2), paid="trial"))
    told_nothing = connect(database, grant("bitrix24", "boris", 3))

    assert dict(trial.info.settings) == {"preset": "dental", "paid": "trial"}
    assert dict(told_nothing.info.settings) == {"preset": "dental", "paid": "trial"}


def test_the_command_line_and_the_application_share_an_account(database: Database) -> None:
    with database.transaction() as session:
        by_command = installations.ensure(session, "amocrm", "alice", "alice.example")
        before = installations.get(session, by_command).status

    alice = install(database, "amocrm", "alice")

    assert (alice.id, before, alice.info.status) == (by_command, "active", "connecting")


def test_an_application_token_is_kept_until_another_comes(database: Database, boris: Row) -> None:
    with database.transaction() as session:
        installations.keep_application_token(session, boris.id, "application-token-of-boris")
    connect(database, grant("bitrix24", "boris", 2))

    assert boris.info.application_token == "application-token-of-boris"
    assert "application-token-of-boris" not in str(raw(database, "SELECT * FROM installation"))
    assert "application-token-of-boris" not in repr(boris.info)


def test_choices_are_remembered_one_over_the_other(database: Database, boris: Row) -> None:
    with database.transaction() as session:
        installations.configure(session, boris.id, preset="dental", branches=["Центр"])
        installations.configure(session, boris.id, "en", preset="ident")

    assert dict(boris.info.settings) == {"preset": "ident", "branches": ["Центр"]}
    assert boris.info.language == "en"


def test_an_account_is_found_by_its_own_key(database: Database, boris: Row) -> None:
    with database.transaction() as session:
        found = installations.by_account(session, "bitrix24", "boris")
        nobody = installations.by_account(session, "amocrm", "boris")

    assert found == boris.info
    assert nobody is None


def test_an_unknown_one_is_said_to_be_unknown(database: Database) -> None:
    with pytest.raises(NotFound), database.transaction() as session:
        installations.get(session, 404)


def close(row: Row, reason: str = "ONAPPUNINSTALL") -> bool:
    with scope(row.id), row.database.transaction() as session:
        return closing.close(session, KEYS, row.id, reason, {"chat": 3})


def notes(row: Row) -> list[DeletionNote]:
    with row.database.transaction() as session:
        return list(closing.notes(session, row.id))


def test_closing_wipes_access_and_leaves_a_signed_note(database: Database, boris: Row, clara: Row) -> None:
    ticket = boris.ticket()
    with database.transaction() as session:
        installations.keep_application_token(session, boris.id, "application-token-of-boris")
        installations.configure(session, boris.id, doctor="Анна Примерова")

    closed = close(boris)

    (note,) = notes(boris)
    assert closed
    assert (boris.info.status, boris.info.application_token, dict(boris.info.settings)) == ("closed", "", {})
    assert boris.pair is None and clara.pair is not None
    assert (note.account, note.reason) == ("boris", "ONAPPUNINSTALL")
    assert note.wiped == {"chat": 3, "token": 1, "ticket": 1}
    assert closing.is_genuine(KEYS, note)
    with pytest.raises(Exception, match="out of date"), database.transaction() as session:
        tickets.redeem(session, ticket)


def test_closing_twice_leaves_one_note(boris: Row) -> None:
    assert [close(boris), close(boris)] == [True, False]
    assert len(notes(boris)) == 1


def test_a_changed_note_is_not_genuine(boris: Row) -> None:
    close(boris)
    (note,) = notes(boris)

    note.wiped = {"token": 0}

    assert not closing.is_genuine(KEYS, note)
    assert not closing.is_genuine([KEYS[1]], notes(boris)[0])


def test_a_note_signed_before_a_key_was_added_is_genuine(boris: Row) -> None:
    close(boris)

    assert closing.is_genuine([KEYS[1], KEYS[0]], notes(boris)[0])
