"""The journal on both CRMs: what happened and why, to whom it is told, and trying again what has stopped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from admin_pages import Pages, key_of
from api_desks import Desk
from sqlalchemy import event, text
from test_words import CYRILLIC, PAGES, texts
from wizards import words_of

from widget_backend.crm import registry
from widget_backend.db import ALL, scope
from widget_backend.deals.clinic import Clinics
from widget_backend.deals.copying.lineage import CopyRow
from widget_backend.deals.effect_log import EffectRow
from widget_backend.deals.stage_history import TransitionRow
from widget_backend.journal import asked, entries, sources, words
from widget_backend.journal.asked import Asked
from widget_backend.robots import chores
from widget_backend.robots.firing_log import CauseRow

COORD = "stage.coord.new"


def journal(desk: Desk) -> Pages:
    """The journal, opened by an administrator."""
    return Pages(desk.admin, "/office/journal")


def came(desk: Desk, name: str, phone: str) -> str:
    """A patient who wrote, and has come: robots have answered."""
    deal = desk.reception.enquires(desk.reception.patient(name, phone), "stage.visits.new")
    desk.reception.moves(deal, "stage.visits.came")
    desk.reception.settles()
    return deal


def depths(page: str) -> list[str]:
    """Where the calls behind the entries are told."""
    return re.findall(r'hx-get="/office/journal/((?:why|decision|copy)/[^"]+)"', page)


def newest(desk: Desk, **wanted: Any) -> list[str]:
    """Keys of the entries, read as one page."""
    with scope(desk.number), desk.house.database.transaction() as session:
        return [one.key for one in entries.read(session, {}, Asked(**wanted), 1000).entries]


def test_what_happened_and_what_robots_did_stands_in_sentences(desk: Desk) -> None:
    deal = came(desk, "Мария Лещ", "+79005550401")

    page = journal(desk).get(f"?deal={deal}")
    read = words_of(page.text)

    assert 'data-screen="journal-ready"' in page.text
    assert "The deal came to “Приемы / " in read
    assert "Decision: a new patient" in read
    assert (f"Deal {deal}" in read and "Copied" in read) or "copied" in read
    assert "Мария" not in page.text and "9005550401" not in page.text


def test_the_calls_behind_an_entry_are_one_press_away(desk: Desk) -> None:
    deal = came(desk, "Зоя Плотва", "+79005550402")
    pages = journal(desk)

    behind = [pages.get(f"/{where}") for where in depths(pages.get(f"?deal={deal}").text)]
    read = " ".join(words_of(page.text) for page in behind)

    assert {page.status_code for page in behind} == {200}
    assert all(part in read for part in ("What was known", "Which robots answered", "What was written to the CRM"))
    assert "Requests to the CRM in those seconds" in read
    assert re.search(r"— done, No. \d+, \d+ ms", read)
    assert "Зоя" not in read and "9005550402" not in read


def test_the_journal_can_be_narrowed(desk: Desk) -> None:
    deal = came(desk, "Юлия Сиг", "+79005550403")
    pages = journal(desk)

    decisions, moves, other = (
        pages.reads(f"?deal={deal}&kind=decisions"),
        pages.reads(f"?deal={deal}&kind=moves"),
        pages.reads("?deal=987654321"),
    )
    failed = pages.get(f"?deal={deal}&failed=yes")

    assert ("Decision:" in decisions, "came to" in decisions) == (True, False)
    assert ("Decision: " in moves, "came to" in moves) == (False, True)
    assert "Nothing fits the filter" in other
    assert 'id="none-fit"' in failed.text and 'id="clear-filter"' in failed.text


@pytest.mark.parametrize("query", ["?deal=x", "?kind=colour", "?days=400", "?before=1.9.9", "?failed=1"])
def test_a_filter_that_cannot_be_read_counts_as_none(boris: Desk, query: str) -> None:
    assert journal(boris).get(query).status_code == 200


def test_pages_of_the_journal_join_without_a_gap(desk: Desk) -> None:
    came(desk, "Инна Язь", "+79005550404")
    whole, wanted, turned = newest(desk), Asked(), list[str]()

    with scope(desk.number), desk.house.database.transaction() as session:
        for _ in range(len(whole)):
            page = entries.read(session, {}, wanted, 3)
            turned += [one.key for one in page.entries]
            if page.older is None:
                break
            wanted = asked.read(wanted.address(page.older))

    assert len(whole) > 6
    assert turned == whole


def test_older_entries_come_by_their_button_and_news_is_offered(desk: Desk) -> None:
    came(desk, "Роза Нельма", "+79005550405")
    pages, key = journal(desk), newest(desk)[1]

    older, quiet, news = (
        pages.get(f"/older?before={newest(desk)[0]}"),
        pages.get(f"/news?than={newest(desk)[0]}"),
        pages.get(f"/news?than={key}"),
    )

    assert f'id="e-{key.replace(".", "-")}"' in older.text
    assert "data-screen" not in older.text
    assert ("show-news" in quiet.text, "show-news" in news.text) == (False, True)


def test_an_employee_reads_without_the_calls_and_repeats_nothing(desk: Desk) -> None:
    deal = came(desk, "Ия Хариус", "+79005550406")
    where = depths(journal(desk).get(f"?deal={deal}").text)
    desk.stops("770011")
    employee = journal(desk).as_role("user")

    seen, halted = employee.get(f"?deal={deal}"), employee.get("/stopped")
    refused = [employee.get(f"/{one}").status_code for one in where]
    tried = [employee.post(path, key="0" * 20).status_code for path in ("/repeat", "/again/1")]

    assert ("came to" in seen.text, depths(seen.text)) == (True, [])
    assert ("hx-post" in halted.text, "ask an administrator" in words_of(halted.text).lower()) == (False, True)
    assert (set(refused), tried) == ({403}, [403, 403])


def test_clara_sees_nothing_of_boriss_journal(clinics: dict[str, Desk]) -> None:
    boris, clara = clinics["boris"], clinics["clara"]
    deal = came(boris, "Эльза Таймень", "+79005550407")
    where = depths(journal(boris).get(f"?deal={deal}").text)
    boris.stops("770021")

    hers = journal(clara)
    firing = boris.run("SELECT max(id) FROM robot_firing WHERE installation_id = :i", i=boris.number)

    assert f"Deal {deal}" not in hers.reads() and "Nothing fits" in hers.reads(f"?deal={deal}")
    assert {hers.get(f"/{one}").status_code for one in where} == {404}
    assert hers.post(f"/again/{firing}", key=key_of_any()).status_code == 404
    assert hers.get("/stopped").text.strip() == ""


def key_of_any() -> str:
    return "0123456789abcdef0123"


def test_what_has_stopped_is_told_by_cause_and_repeated_whole_once(boris: Desk) -> None:
    boris.stops("770031", "770032")
    pages = journal(boris)
    heaps = pages.get("/stopped")
    cause = re.findall(r'id="repeat-([0-9a-f]{8})"', heaps.text)[0]

    form = {"cause": cause, "key": key_of(heaps)}
    first, again = pages.sends("/repeat", form), pages.sends("/repeat", form)

    assert "An event of a deal" in words_of(heaps.text) and "The CRM refused." in words_of(heaps.text)
    assert [page.status_code for page in (first, again)] == [200, 200]
    assert "Being tried again: 2" in words_of(first.text) and "Being tried again: 2" in words_of(again.text)
    assert pages.get("/stopped").text.strip() == ""
    assert boris.acts().count("admin letters.replay") >= 1


def test_one_of_what_has_stopped_is_repeated_alone(boris: Desk) -> None:
    boris.stops("770041", "770042")
    pages = journal(boris)
    cause = re.findall(r'id="repeat-([0-9a-f]{8})"', pages.get("/stopped").text)[0]
    listed = pages.get(f"/stopped/{cause}")
    number = re.findall(r'id="repeat-(m\d+)"', listed.text)[0]

    done = pages.post("/repeat", number=number, key=key_of(listed))
    gone = pages.post("/repeat", number=number, key=key_of_any())

    assert "Deal 770042" in words_of(listed.text)
    assert (done.status_code, gone.status_code) == (200, 404)
    assert 'data-screen="journal-error"' in gone.text and "reload the list" in words_of(gone.text)
    assert "In all: 1" in words_of(pages.get("/stopped").text)


def test_a_run_that_failed_is_marked_and_run_again_by_its_button(boris: Desk) -> None:
    deal = came(boris, "Ася Чехонь", "+79005550408")
    firing = boris.run(
        "UPDATE robot_firing SET state = 'failed' WHERE id = (SELECT max(f.id) FROM robot_firing f JOIN robot_cause c "
        "ON c.id = f.cause_id WHERE f.installation_id = :i AND c.deal = :d AND f.state = 'done') RETURNING id",
        i=boris.number,
        d=deal,
    )
    pages = journal(boris)
    failed = pages.get(f"?deal={deal}&failed=yes")
    before = boris.run("SELECT count(*) FROM effect WHERE firing = :f", f=firing)

    pressed = pages.post(f"/again/{firing}", key=key_of_any()[::-1], deal=deal)
    boris.house.works()
    pressed_again = pages.post(f"/again/{firing}", key="f" * 20)

    assert f'id="again-{firing}"' in failed.text and "It did not work" in words_of(failed.text)
    assert (pressed.status_code, pressed_again.status_code) == (200, 409)
    assert boris.run("SELECT state FROM robot_firing WHERE id = :f", f=firing) == "done"
    assert boris.run("SELECT count(*) FROM effect WHERE firing = :f", f=firing) == before
    assert "admin firing.again" in boris.acts()


def test_after_two_weeks_the_journal_forgets_and_what_proves_once_stays(boris: Desk) -> None:
    deal = came(boris, "Ида Кумжа", "+79005550409")
    kept = {row: rows_of(boris, row) for row in (EffectRow, CopyRow, TransitionRow)}
    for table, moment in (("robot_cause", "made_at"), ("stage_transition", "seen_at"), ("route_decision", "made_at")):
        boris.run(f"UPDATE {table} SET {moment} = {moment} - interval '15 days' WHERE deal = :d", d=deal)

    with scope(ALL):
        chores.prune(clinics_of(boris))

    assert rows_of(boris, CauseRow, deal) == 0
    assert "Nothing fits the filter" in journal(boris).reads(f"?deal={deal}&kind=robots")
    assert {row: rows_of(boris, row) for row in kept} == kept


def clinics_of(desk: Desk) -> Clinics:
    house = desk.house
    return Clinics(
        house.database, lambda one, chart: registry.connect(house.database, house.settings, one).records(chart)
    )


def rows_of(desk: Desk, row: Any, deal: str = "") -> int:
    also = f" AND deal = '{deal}'" if deal else ""
    counted = f"SELECT count(*) FROM {row.__tablename__} WHERE installation_id = :i{also}"
    return int(desk.run(counted, i=desk.number))


@pytest.mark.parametrize("wanted", [Asked(), Asked(deal="759"), Asked(failed=True), Asked(kind="moves")], ids=str)
def test_no_source_of_the_journal_is_read_whole(boris: Desk, wanted: Asked) -> None:
    with asking(boris) as asked_for, scope(boris.number), boris.house.database.transaction() as session:
        sources.newest(session, wanted, 41)

    plans = "\n".join(planned(boris, *one) for one in asked_for)
    assert len(asked_for) > 1
    assert re.findall(r"Seq Scan on (robot_cause|stage_transition|route_decision|deal_copy)", plans) == []


@contextmanager
def asking(desk: Desk) -> Iterator[list[tuple[str, Any]]]:
    """What is asked of the database meanwhile."""
    seen: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append((statement, parameters))

    event.listen(desk.house.database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(desk.house.database.engine, "before_cursor_execute", note)


def planned(desk: Desk, statement: str, parameters: Any) -> str:
    """How the database would find it where there is much."""
    with desk.house.database.engine.begin() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "\n".join(row[0] for row in rows)


def test_every_text_is_said_in_both_languages() -> None:
    said = [one for value in vars(words).values() for one in texts(value)]

    assert [one for one in said if not CYRILLIC.search(one.ru) or CYRILLIC.search(one.en)] == []
    assert [t for t in said if set(re.findall(r"{\w+}", t.ru)) != set(re.findall(r"{\w+}", t.en))] == []


@pytest.mark.parametrize("file", [f for f in PAGES if f.stem.startswith("journal")], ids=lambda file: file.stem)
def test_a_template_names_only_words_that_exist(file: Any) -> None:
    page = file.read_text(encoding="utf-8")

    assert [name for name in re.findall(r"\bj\.([A-Z_]+)", page) if not hasattr(words, name)] == []
