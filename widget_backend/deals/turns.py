"""Turns: one process at a time works on something of a clinic; the next one waits, with no connection held meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from widget_backend.deals.clinic import Clinic
from widget_backend.errors import Unavailable
from widget_backend.locks import Busy, awaited
from widget_backend.texts import Text

#: seconds that somebody else's turn may last: longer than a request to a CRM
PATIENCE: Final = 100.0

UNDER_WAY = Text(
    "Это уже делает другой процесс. Ничего не задвоено: повторите через минуту, ответом будет его результат.",
    "Another process is doing this very thing. Nothing was doubled: repeat in a minute, its result is the answer.",
)


@contextmanager
def turn(clinic: Clinic, name: str) -> Iterator[None]:
    """Hold ``name`` of the clinic while the block runs; it falls free with its holder. Raises :class:`Unavailable` where
    the others take too long."""
    with ExitStack() as held:
        try:
            held.enter_context(awaited(clinic.database, f"{clinic.id}:{name}", PATIENCE))
        except Busy:
            raise Unavailable(UNDER_WAY, vendor=clinic.vendor) from None
        yield
