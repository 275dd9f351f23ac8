"""What is sealed, signed and shown once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import jwt
import pytest
from ground.clinic_rows import Row, raw
from ground.contest import KEYS

from widget_backend.db import Database
from widget_backend.errors import AppError, Forbidden
from widget_backend.security import signing, tickets
from widget_backend.security.sealing import Sealer
from widget_backend.security.sessions import Sessions, Visit
from widget_backend.security.signing import Signer, State, same

OLD, NEW = KEYS
VISIT = Visit(3, "7", "admin", "en", "CRM_DEAL_DETAIL_TAB", "759")


def test_a_sealed_value_shows_nothing_and_opens() -> None:
    sealed = Sealer([OLD]).seal("refresh-1")

    assert "refresh-1" not in sealed
    assert Sealer([OLD]).open(sealed) == "refresh-1"


def test_a_key_is_rotated_by_adding_one_in_front() -> None:
    before = Sealer([OLD]).seal("refresh-1")
    after = Sealer([NEW, OLD]).seal("refresh-2")

    assert Sealer([NEW, OLD]).open(before) == "refresh-1"
    assert Sealer([NEW]).open(after) == "refresh-2"


def test_a_lost_key_is_told_and_not_guessed() -> None:
    sealed = Sealer([OLD]).seal("refresh-1")

    with pytest.raises(AppError, match="DENTAL_CRM_KEYS"):
        Sealer([NEW]).open(sealed)


def test_state_comes_back_as_it_went() -> None:
    state = State(KEYS, "install").issue({"vendor": "amocrm", "lang": "ru"})

    assert State(KEYS, "install").read(state)["vendor"] == "amocrm"


def unsigned(claims: dict[str, object]) -> str:
    return jwt.encode(claims | {"aud": "state:install", "iat": 1, "exp": 9_999_999_999}, None, "none")


FORGED: dict[str, Callable[[], str]] = {
    "made for another purpose": lambda: State(KEYS, "login").issue({"vendor": "amocrm"}),
    "signed with another key": lambda: State([NEW], "install").issue({"vendor": "amocrm"}),
    "out of date": lambda: Signer([OLD], "state:install", timedelta(seconds=-1)).issue({"vendor": "amocrm"}),
    "not signed": lambda: unsigned({"vendor": "amocrm"}),
    "changed": lambda: State([OLD], "install").issue({"vendor": "amocrm"})[:-3] + "AAA",
    "empty": lambda: "",
    "a session": lambda: Sessions([OLD]).issue(VISIT),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_forged_state_is_refused(forged: Callable[[], str]) -> None:
    with pytest.raises(Forbidden):
        State([OLD], "install").read(forged())


def test_state_signed_before_a_key_was_added_still_counts() -> None:
    state = State([OLD], "install").issue({"vendor": "amocrm"})

    assert State([NEW, OLD], "install").read(state)["vendor"] == "amocrm"


def test_a_session_of_a_machine_whose_clock_is_ahead_counts() -> None:
    key = signing.derived(KEYS, "session")[0]
    claims = jwt.decode(Sessions(KEYS).issue(VISIT), key, ["HS256"], audience="session")
    ahead = {name: claims[name] + 120 for name in ("iat", "exp")}

    assert Sessions(KEYS).read(jwt.encode(claims | ahead, key, "HS256")) == VISIT


def test_a_session_says_who_looks_at_what_for_an_hour() -> None:
    token = Sessions(KEYS).issue(VISIT)
    claims = jwt.decode(token, options={"verify_signature": False})

    assert Sessions(KEYS).read(token) == VISIT
    assert {"inst": 3, "user": "7", "role": "admin", "lang": "en"}.items() <= claims.items()
    assert claims["exp"] - claims["iat"] == 3600


@pytest.mark.parametrize(
    "token", [State(KEYS, "session").issue({}), Signer(KEYS, "session", timedelta(hours=1)).issue({})]
)
def test_what_is_no_session_opens_nothing(token: str) -> None:
    with pytest.raises(Forbidden):
        Sessions(KEYS).read(token)


def test_secrets_are_compared_whole_and_an_empty_one_equals_nothing() -> None:
    assert same("application-token", "application-token")
    assert not same("application-token", "application-tokeN")
    assert not same("", "")


def test_keys_of_two_purposes_have_nothing_in_common() -> None:
    derived = {*signing.derived(KEYS, "session"), *signing.derived(KEYS, "deletion")}

    assert len(derived) == 4


def test_a_ticket_lets_in_once(database: Database, boris: Row) -> None:
    ticket = boris.ticket()

    with database.transaction() as session:
        visit = tickets.redeem(session, ticket)

    assert visit == Visit(boris.id, "7", "admin", "ru", "CRM_DEAL_DETAIL_TAB", "759")
    with pytest.raises(Forbidden), database.transaction() as session:
        tickets.redeem(session, ticket)


def test_of_many_who_show_a_ticket_at_once_one_is_let_in(database: Database, boris: Row) -> None:
    ticket = boris.ticket()

    with ThreadPoolExecutor(8) as crowd:
        let_in = list(crowd.map(lambda _: shown(database, ticket), range(8)))

    assert sorted(let_in) == [False] * 7 + [True]


def shown(database: Database, ticket: str) -> bool:
    try:
        with database.transaction() as session:
            tickets.redeem(session, ticket)
    except Forbidden:
        return False
    return True


def test_a_ticket_of_yesterday_lets_nobody_in(database: Database, boris: Row) -> None:
    ticket = boris.ticket()
    raw(database, "UPDATE ticket SET expires_at = now() - interval '1 second'")

    with pytest.raises(Forbidden), database.transaction() as session:
        tickets.redeem(session, ticket)


def test_a_ticket_is_not_to_be_read_in_the_database(database: Database, boris: Row) -> None:
    ticket = boris.ticket()

    assert ticket not in str(raw(database, "SELECT * FROM ticket"))


def test_old_tickets_are_dropped(database: Database, boris: Row) -> None:
    boris.ticket()
    raw(database, "UPDATE ticket SET expires_at = now() - interval '1 hour'")
    boris.ticket()

    with database.transaction() as session:
        tickets.prune(session)

    assert raw(database, "SELECT count(*) FROM ticket") == [(1,)]
