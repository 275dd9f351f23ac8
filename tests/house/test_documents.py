"""What the papers say is what the code has: settings, commands, exit codes, errors, migrations, vendors."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from widget_backend import config, errors, storage, tables
from widget_backend.cli import cli
from widget_backend.crm.registry import VENDORS
from widget_backend.db import Owned

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = sorted(set(re.findall(r'environ\.get\("(\w+)"', inspect.getsource(config))))
#: what a vendor's folder offers to the rest
FACE = {"structure", "records", "oauth", "loss", "announce", "board", "webhook", "hooks"}
GROUND = {"token", "ticket", "audit_row", "audit_chain"}
WIZARD = {"wizard_draft", "wizard_plan", "wizard_run"}
COPIES = {"effect", "deal_copy"}
INBOX = {
    "inbox_message",
    "inbox_reconcile",
    "inbox_loss",
    "deal_state",
    "contact_state",
    "stage_transition",
    "own_mark",
}
ROBOTS = {"robot_rule", "robot_book", "robot_cause", "robot_firing", "robot_timer", "robot_increase"}
ROUTING = {"visit", "rota", "arrival", "route_decision"}
ERRORS = [c for c in vars(errors).values() if inspect.isclass(c) and issubclass(c, errors.AppError)]


@pytest.mark.parametrize("name", SETTINGS)
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"dental-crm {name}" in README


@pytest.mark.parametrize("error", ERRORS)
def test_every_error_is_in_the_tree_drawn(error: type[errors.AppError]) -> None:
    assert error.__name__ in str(errors.__doc__)


def test_the_newest_migration_is_the_one_the_code_asks_for() -> None:
    settings = Config()
    settings.set_main_option("script_location", str(ROOT / "widget_backend" / "migrations"))

    assert ScriptDirectory.from_config(settings).get_current_head() == storage.HEAD


def test_every_table_of_a_tenant_carries_its_installation() -> None:
    owned = {m.local_table.name for m in Owned.registry.mappers if issubclass(m.class_, Owned)}

    assert owned == {"binding", "run", "step", "chart", "answer", *GROUND, *WIZARD, *INBOX, *ROBOTS, *ROUTING, *COPIES}
    assert owned < set(tables.metadata.tables)


def test_both_vendors_have_the_same_face() -> None:
    faces = {key: FACE & vars(_folder(key)).keys() for key in VENDORS}

    assert faces == {"amocrm": FACE, "bitrix24": FACE}


def _folder(key: str) -> object:
    from widget_backend.crm import amocrm, bitrix24

    return {"amocrm": amocrm, "bitrix24": bitrix24}[key]
