"""A clinic as its integrator meets it: an emulated CRM, a database, and the command ``dental-crm`` between them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sandboxes import Sandbox

from widget_backend.cli import cli

#: a pipeline of a clinic's own, with a name of the preset's
OWN = ("Приемы", "Новая заявка", "Звоним", "Ждём пациента")
#: a command that waits for a line on standard input before it starts, so that its number is known beforehand
_AFTER_A_LINE = "import sys; sys.stdin.readline(); from widget_backend.cli import main; main()"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON value it printed."""
        return json.loads(self.out)


def one_sentence(ended: Ended, *words: str) -> None:
    """What a person reads when something is wrong."""
    assert ended.code == 1
    assert "Traceback" not in ended.err + ended.out
    assert len(ended.err.strip().splitlines()) == 1, ended.err
    assert [word for word in words if word not in ended.err] == []


@dataclass
class Clinic:
    """``sandbox`` is the clinic's CRM. ``limited``: it answers no faster than a real one, and is asked no faster."""

    sandbox: Sandbox
    database_url: str
    home: Path
    limited: bool = False

    def __post_init__(self) -> None:
        vars(self.sandbox.state.settings).update(rate=self.limited, rate_limit=self.limited)

    @property
    def name(self) -> str:
        return {"bitrix24": "boris", "amocrm": "alice"}[self.sandbox.vendor]

    def whole(self) -> tuple[Any, ...]:
        """All that an administrator sees of the structure."""
        hands = self.sandbox.hands
        pipelines = hands.pipelines()
        return (list(pipelines), pipelines, sorted(hands.fields("deal")), sorted(hands.fields("contact")))

    def run(self, command: str, preset: str = "dental", *options: str) -> Ended:
        """Run a command on this clinic's CRM, in this process."""
        return self.bare(command, preset, *self.sandbox.target, *options)

    def bare(self, *words: str) -> Ended:
        """Run these very words."""
        done = CliRunner().invoke(cli, words, env=self.environ)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exc_info
        return Ended(done.exit_code, done.stdout, done.stderr)

    def process(self, *words: str, **environ: str) -> Ended:
        """Run these words as a user does: in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "widget_backend.cli", *words],
            capture_output=True,
            text=True,
            env={**os.environ, **self.environ, **environ},
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def waiting(self, *words: str) -> subprocess.Popen[str]:
        """A process that will run these words once a line is written to it."""
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _AFTER_A_LINE, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **self.environ},
        )

    @property
    def environ(self) -> dict[str, str]:
        quick = {} if self.limited else {"BITRIX24_RATE": "9999/9999", "AMOCRM_RATE": "9999/9999"}
        return {
            "DENTAL_CRM_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "DENTAL_CRM_LANG": "ru",
            **quick,
        }
