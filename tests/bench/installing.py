"""A whole install as a clinic does it, from the click in the market to ``installFinish``: machine seconds and requests.

The web process and the worker are in this process, the clinic presses what is offered without thinking. The bar: under 30
seconds, and at most six requests more than the install by command.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "web"))

from databases import fresh, server
from houses import Account, House, Portal, house, session_of
from wizards import Person

SECONDS, MORE = 30.0, 6
HEAD = f"{'':<38}{'requests':>9}{'seconds':>9}{'by command':>12}{'more':>6}"
#: what the last page of each has
END = {"bitrix24": "data-install-finish", "amocrm": 'id="open-crm"'}


def installing(by_command: Mapping[str, int]) -> None:
    """Print a row for each CRM. ``by_command``: vendor -> requests of the install by command."""
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        with server(home / "pg", home / "home") as url, house(fresh(url), home / "house", limited=True) as there:
            for name, crm in (("bitrix24", there.boris), ("amocrm", there.alice)):
                _row(name, there, crm, by_command[name])
    print(f"(the bar is {SECONDS:.0f} s and {MORE} requests more than by command)")


def _row(name: str, there: House, crm: Portal | Account, by_command: int) -> None:
    before, started = there.requests(), time.monotonic()
    last = _install(there, crm)
    seconds, sent = time.monotonic() - started, there.requests() - before
    assert END[name] in last, f"the install did not end: {last[:500]}"
    print(
        f"{name + ': from the click to the end':<38}{sent:>9}{seconds:>9.2f}{by_command:>12}{sent - by_command:>6}",
        flush=True,
    )


def _install(there: House, crm: Portal | Account) -> str:
    """Press what is offered: the last page."""
    page = there.installs(crm) if isinstance(crm, Portal) else there.consents(crm)
    clinic = Person(there, crm, session_of(page))
    clinic.get("/wizard")
    there.works()
    clinic.get("/wizard")
    return clinic.sets_up()
