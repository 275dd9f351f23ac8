"""A town of clinics for the benches of live deals: each has an emulated CRM of its own, and all are looked after by one
application, whose web server and workers are real processes.

One clinic of each vendor is set up by the wizard; the others are copies of it, in the CRM's state and in our database. All
CRMs are in this process, each at a port of its own.
"""

from __future__ import annotations

import copy
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("", "web", "live"))

from bench.live_clinic import Clinic, Post
from bench.live_doors import served
from houses import BITRIX24, Account, House, Portal
from houses import house as build
from processes import environment, serving
from sqlalchemy import text
from wizards import arrived

from widget_backend.cli.children import free_port
from widget_backend.crm import charts
from widget_backend.db import scope
from widget_backend.jobs.worker import THREADS
from widget_backend.robots import rules
from widget_backend.robots.rule import Rule
from widget_backend.sandbox import amocrm, bitrix24

#: seconds between two rounds of the post
ROUND = 0.02
#: how many carry it
CARRIERS = 4
#: what makes up an installation that is at work
TABLES = ("token", "chart", "robot_book", "robot_rule")
#: seconds that tokens of the copies are good for: nobody could renew them
LONG = 30 * 86_400


@dataclass
class Town:
    """``url``: of the web server; ``carried``: clinics whose events are on their way, in no outbox and no job yet."""

    house: House
    clinics: list[Clinic]
    url: str
    post: Post
    environ: dict[str, str]
    carried: set[int] = field(default_factory=set)

    @contextmanager
    def workers(self, count: int, threads: int = THREADS) -> Iterator[list[subprocess.Popen[bytes]]]:
        """So many workers, at work. Whoever kills one puts another in its place."""
        working = [self._starts(threads) for _ in range(count)]
        for process in working:
            _has_begun(process)
        try:
            yield working
        finally:
            for process in working:
                process.terminate()
            for process in working:
                buried(process)

    def worker(self, threads: int = THREADS) -> subprocess.Popen[bytes]:
        """One more worker, which has begun."""
        process = self._starts(threads)
        _has_begun(process)
        return process

    def _starts(self, threads: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "widget_backend.cli", "worker", "--threads", str(threads)],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    @contextmanager
    def telling(self, loud: int = 0) -> Iterator[None]:
        """The CRMs tell what happens in them, until the block ends; the first ``loud`` ones each have a carrier of their own,
        as no CRM waits for what another one has to tell."""
        over = threading.Event()
        shares = [[clinic] for clinic in self.clinics[:loud]]
        shares += [self.clinics[loud + n :: CARRIERS] for n in range(CARRIERS)]
        carriers = [threading.Thread(target=self._hand_out, args=(share, over), daemon=True) for share in shares]
        for carrier in carriers:
            carrier.start()
        try:
            yield
        finally:
            over.set()
            for carrier in carriers:
                carrier.join()

    def _hand_out(self, clinics: Sequence[Clinic], over: threading.Event) -> None:
        while not over.wait(ROUND):
            for clinic in clinics:
                if clinic.state.outbox:
                    self.carried.add(clinic.number)
                    clinic.hand_out(self.post)
                    self.carried.discard(clinic.number)

    def left(self) -> int:
        """Jobs that are not done yet, and events that are not told."""
        untold = sum(len(clinic.state.outbox) for clinic in self.clinics) + len(self.carried)
        return untold + self.count("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")

    def settles(self, seconds: float, every: float = 0.25) -> bool:
        """Wait until nothing is left, so long at the most."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            before = self._passed()
            # an event that became a job, or a job that made an event, between two looks would be seen by neither
            if not self.left() and self._passed() == before:
                return True
            time.sleep(every)
        return False

    def _passed(self) -> tuple[int, int]:
        """How many events and jobs there have ever been."""
        told = sum(clinic.state.told.total() for clinic in self.clinics)
        return told, self.count("SELECT coalesce(max(id), 0) FROM procrastinate_jobs")

    def count(self, statement: str, **values: Any) -> int:
        with self.house.database.engine.connect() as connection:
            return int(connection.execute(text(statement), values).scalar_one())

    def rows(self, statement: str, **values: Any) -> Sequence[Sequence[Any]]:
        with self.house.database.engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def keeps_rules(self, kept: Callable[[Rule], bool]) -> None:
        """All clinics go on with these rules only."""
        for clinic in self.clinics:
            with scope(clinic.number), self.house.database.transaction() as session:
                book = rules.load(session)
                chosen = [rule for rule in book.rules if kept(rule)]
                rules.replace(session, clinic.number, "bench", "1", chosen, list(book.tasks.values()))


@dataclass
class Ground:
    """The application before any town: one clinic of each vendor has been set up, of which the others are copies."""

    house: House
    firsts: tuple[Clinic, Clinic]
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @contextmanager
    def town(self, portals: int, accounts: int, *, limited: bool = True, processes: int = 2) -> Iterator[Town]:
        """So many clinics on Bitrix24 and on amoCRM. ``limited``: the CRMs' rate limits are on, and we keep to them;
        ``processes``: of the web server."""
        kinds = zip(self.firsts, (portals, accounts), strict=True)
        clinics = [self._copied(first, limited=limited) for first, count in kinds for _ in range(count)]
        with ExitStack() as open_:
            open_.enter_context(served(clinics))
            self._moved(clinics)
            environ = environment(self.house) | {"PYTHONPATH": str(Path(__file__).parents[2])}
            if limited:
                environ = {name: value for name, value in environ.items() if not name.endswith("_RATE")}
            environ["AMOCRM_HOSTS"] = " ".join([environ["AMOCRM_HOSTS"], *(clinic.url for clinic in clinics)])
            url = open_.enter_context(_web(environ, processes))
            post = Post(url)
            open_.callback(post.close)
            yield Town(self.house, clinics, url, post, environ)

    def _copied(self, first: Clinic, *, limited: bool) -> Clinic:
        """Another clinic just like it."""
        n = next(self._numbers)
        fresh: Any = bitrix24.Portal.demo() if first.vendor == "bitrix24" else amocrm.Account.demo()
        for name, value in vars(first.state).items():
            if name not in ("lock", "clock"):
                setattr(fresh, name, copy.deepcopy(value))
        if first.vendor == "bitrix24":
            fresh.member_id, fresh.settings.rate_limit = f"{n:032x}", limited
            app, account = bitrix24.create_app(fresh), fresh.member_id
            for token in fresh.tokens_by_access.values():
                token.expires += LONG
        else:
            fresh.id, fresh.settings.rate = 880_001 + n, limited
            app, account = amocrm.create_app(fresh), str(fresh.id)
            for token in fresh.tokens.values():
                token.expires += LONG
        return Clinic(first.vendor, self._rows_copied(first.number, account), fresh, first.chart, app)

    def _rows_copied(self, first: int, account: str) -> int:
        """The number of the new installation."""
        number = self._doubled("installation", "id", first, account=f"'{account}'")
        for table in TABLES:
            told = {"expires_at": f"expires_at + interval '{LONG} seconds'"} if table == "token" else {}
            self._doubled(table, "installation_id", first, installation_id=str(number), **told)
        return number

    def _doubled(self, table: str, key: str, first: int, **changed: str) -> int:
        columns = "SELECT column_name FROM information_schema.columns WHERE table_name = :table AND column_name != 'id'"
        with self.house.database.engine.begin() as connection:
            names = list(connection.execute(text(columns), {"table": table}).scalars())
            told = ", ".join(changed.get(name, name) for name in names)
            made = text(
                f"INSERT INTO {table} ({', '.join(names)}) SELECT {told} FROM {table} WHERE {key} = :first "
                f"RETURNING {key}"
            )
            return [int(number) for number in connection.execute(made, {"first": first}).scalars()][-1]

    def _moved(self, clinics: Sequence[Clinic]) -> None:
        """Each is reached at its own address, and has a rate budget of its own; all others have closed."""
        with self.house.database.engine.begin() as connection:
            connection.execute(text("UPDATE installation SET status = 'closed'"))
            for clinic in clinics:
                tail = "/rest/" if clinic.vendor == "bitrix24" else ""
                place = {"url": f"{clinic.url}{tail}", "host": urlsplit(clinic.url).netloc}
                active = "UPDATE installation SET status = 'active', base_url = :url, host = :host WHERE id = :id"
                connection.execute(text(active), {"id": clinic.number, **place})


@contextmanager
def ground(database_url: str = "") -> Iterator[Ground]:
    """Set up one clinic of each vendor; in an embedded database of its own where none is given."""
    with tempfile.TemporaryDirectory(prefix="dental-crm-bench-") as home, build(database_url, Path(home)) as there:
        yield Ground(there, (_set_up(there, there.boris), _set_up(there, there.alice)))


@contextmanager
def town(portals: int, accounts: int, *, limited: bool = True) -> Iterator[Town]:
    """A town on ground of its own."""
    with ground() as there, there.town(portals, accounts, limited=limited) as made:
        yield made


def _has_begun(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout
    process.stdout.readline()


def buried(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a worker that was told to end."""
    process.wait(60)
    assert process.stdout
    process.stdout.close()


def _set_up(there: House, crm: Portal | Account) -> Clinic:
    person = arrived(there, crm)
    person.plans(preset="dental")
    person.applies()
    there.works()
    if isinstance(crm, Portal):
        crm.state.finish_install(BITRIX24.client_id)
    for _ in range(4):
        there.delivers(crm)
        there.works()
    number = there.of(crm).id
    with scope(number), there.database.transaction() as session:
        chart = charts.load(session)
    assert chart is not None
    return Clinic("bitrix24" if isinstance(crm, Portal) else "amocrm", number, crm.state, chart)


@contextmanager
def _web(environ: dict[str, str], processes: int) -> Iterator[str]:
    url = f"http://127.0.0.1:{free_port()}"
    options = ("--bind", urlsplit(url).netloc, "--processes", str(processes))
    command = [sys.executable, "-W", "ignore", "-m", "widget_backend.cli", "web", *options]
    process = subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        serving(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(60)
