"""The demo as a new user starts it: both CRMs and the application, until it is stopped, and then nothing is left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import FrameLocator, Page, expect
from test_walk_bitrix24 import finished
from wizard import Wizard

COMMAND = [sys.executable, "-m", "widget_backend.cli", "demo"]
#: an address that a newcomer is told to open
MARKET = r"http://localhost:\d+/\S+"
#: of the application in an amoCRM account
FRAME = "iframe.dental-crm__frame"
PATIENT, PLACE = "Примерова Ольга", "Координаторы / План составлен"


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the demo keeps what it needs for a while; of a short name, as a socket's path has to be."""
    with tempfile.TemporaryDirectory(prefix="demo-") as made:
        yield Path(made)


def environ(folder: Path) -> dict[str, str]:
    """Settings of a real installation, which the demo must not touch."""
    real = {"DENTAL_CRM_HOME": str(folder / "home"), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}
    return os.environ | real | {"DENTAL_CRM_LANG": "ru", "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}


def children(process: int) -> list[int]:
    """The processes that this one has started, and theirs."""
    found = [int(word) for word in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return found + [each for child in found for each in children(child)]


@contextmanager
def begun(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A demo that serves, and all that it has said."""
    with subprocess.Popen(COMMAND, env=environ(folder), stdout=subprocess.PIPE, text=True) as demo:
        try:
            yield demo, "".join(takewhile(lambda line: "Ctrl+C" not in line, demo.stdout or []))
        finally:
            demo.terminate()


def test_a_demo_serves_both_markets_until_it_is_stopped(folder: Path) -> None:
    with begun(folder) as (demo, said):
        markets = re.findall(MARKET, said)
        ready = re.findall(r"http://127.0.0.1:\d+/", said)
        pages = [urlopen(address, timeout=10).read().decode() for address in markets]
        boards = [urlopen(address, timeout=10).read().decode() for address in ready]
        started = children(demo.pid)
        demo.send_signal(signal.SIGINT)
        code = demo.wait(30)

    assert code == 0
    assert [("Установить" in page, "Стоматология" in page) for page in pages] == [(True, True)] * 2
    assert ["Координаторы" in board for board in boards] == [True, True]
    assert len(started) >= 4
    assert [each for each in started if Path(f"/proc/{each}").exists()] == []
    assert list(folder.glob("dental-crm-*")) == []


def test_a_newcomer_copies_a_deal_and_takes_it_back_in_both_crms(folder: Path, page: Page) -> None:
    with begun(folder) as (demo, said):
        bitrix24, amocrm = re.findall(MARKET, said)
        at_the_portal(page, bitrix24)
        at_the_account(page, amocrm)
        page.goto("about:blank")  # nothing is under way when the demo goes
        demo.send_signal(signal.SIGTERM)
        code = demo.wait(30)

    assert code == 0
    assert list(folder.glob("dental-crm-*")) == []


def at_the_portal(page: Page, market: str) -> None:
    """Installed, a patient's deal copied in its card, explained by the journal, and taken back, all by mouse."""
    page.goto(market)
    page.get_by_role("button", name="Установить").click()
    wizard = Wizard(page, page.frame_locator("#frame"), "")
    wizard.walk()
    finished(page)
    wizard.expect_done()
    page.get_by_role("link", name="Сделки").click()
    page.get_by_role("link", name="Приемы").click()
    page.get_by_text("Новое обращение").click()
    page.get_by_label("Пациент", exact=True).fill(PATIENT)
    page.get_by_role("button", name="Создать").click()
    page.get_by_role("link", name=PATIENT).click()
    page.get_by_role("link", name="Пациент", exact=True).click()
    panel = Wizard(page, page.frame_locator("#frame"), "")

    panel.press("do-copy")
    panel.inside.get_by_label("Воронка и этап").select_option(label=PLACE)
    expect(panel.inside.get_by_role("heading", name="Переносится")).to_be_visible()
    panel.inside.get_by_role("button", name="Создать копию").dblclick()
    expect(panel.inside.locator("#done")).to_contain_text("Координаторы")
    card = page.url
    page.get_by_role("link", name="Стоматология").click()
    explained(page.frame_locator("#frame"))

    page.goto(card)
    panel.inside.get_by_role("button", name="Отменить копию").dblclick()
    expect(panel.inside.locator("#done")).to_contain_text("Отменено")
    page.get_by_role("link", name="Стоматология").click()
    taken_back(page.frame_locator("#frame"))


def at_the_account(page: Page, market: str) -> None:
    """The same in amoCRM, by the widget that stands in a lead's card."""
    page.goto(market)
    page.get_by_role("link", name="Установить").click()
    page.get_by_label("Согласен передавать эти данные приложению").check()
    page.get_by_role("button", name="Установить").click()
    expect(page.get_by_role("button", name="Открыть мастер")).to_be_visible()
    page.get_by_role("link", name="← amoМаркет").click()
    expect(page.get_by_text("установлена", exact=True)).to_be_visible()
    page.get_by_role("link", name="Настройки").click()
    page.get_by_role("button", name="Открыть мастер").click()
    wizard = Wizard(page, page.frame_locator(FRAME), "")
    wizard.walk()
    wizard.expect_done()
    page.get_by_role("button", name="Закрыть", exact=True).click()
    page.get_by_role("link", name="Клиника").click()
    page.get_by_role("link", name="Приемы").click()
    page.get_by_role("button", name="Заявка").click()
    page.get_by_label("Название").fill("Протезирование")
    page.get_by_label("Имя пациента").fill(PATIENT)
    page.get_by_role("button", name="Создать").click()
    page.get_by_role("link", name="Протезирование").click()
    block, window = page.locator("#widgets_block"), page.get_by_role("dialog")

    block.get_by_role("button", name="Скопировать в воронку").click()
    window.get_by_role("button", name="Воронка и этап").click()
    window.get_by_role("option", name=PLACE).click()
    expect(window.get_by_text("Переносится")).to_be_visible()
    window.get_by_role("button", name="Создать копию").dblclick()
    expect(window.get_by_text("Создано копий: 1")).to_be_visible()
    page.keyboard.press("Escape")
    card = page.url
    page.get_by_role("link", name="Стоматология").click()
    explained(page.frame_locator(FRAME))

    page.goto(card)
    block.get_by_role("button", name="Отменить копию").click()
    expect(block.get_by_role("status")).to_contain_text("Отменено")
    page.get_by_role("link", name="Стоматология").click()
    taken_back(page.frame_locator(FRAME))


def explained(office: FrameLocator) -> None:
    """The journal tells of one copy, who made it and where to."""
    made = office.locator(".entry").filter(has_text="Скопирована: сделка №")
    expect(made).to_have_count(1)
    expect(made).to_contain_text("Анна Админова")
    expect(made).to_contain_text(PLACE)


def taken_back(office: FrameLocator) -> None:
    """The journal tells that it is gone, and nothing of it has failed."""
    expect(office.locator(".entry").filter(has_text="Скопирована: сделка №")).to_contain_text("отменена")
    expect(office.locator(".entry-bad")).to_have_count(0)


def test_a_demo_that_runs_once_installs_into_both_and_ends(folder: Path) -> None:
    done = subprocess.run(
        [*COMMAND, "--once"], env=environ(folder), capture_output=True, text=True, timeout=90, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("Готово и проверено") == 2
    assert "Приложение запущено и отвечает" in done.stdout
    assert list(folder.glob("dental-crm-*")) == []
