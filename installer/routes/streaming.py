"""Progress as server-sent events: bounded in number and in time, numbered, so that who comes back goes on from there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

from flask import Response, stream_with_context

from installer.wizard import progress
from installer.wizard.progress import Progress
from widget_backend.db import Database, scope

#: half of a web process's threads: the rest answer pages
STREAMS: Final = 4
#: seconds: how long one stream lasts; how often the clock of a run that moves is told anew, how often one that rests gives a
#: sign of life; how often it is looked
LIFE: Final = 25.0
TICK: Final = 2.0
SIGN: Final = 15.0
LOOK: Final = 0.5

_free = threading.BoundedSemaphore(STREAMS)

Page = Callable[..., str]


def stream(database: Database, installation_id: int, page: Page, seen: str) -> Response | None:
    """The stream of an installation's run behind the event ``seen``; nothing where this process has enough open."""
    if not _free.acquire(blocking=False):
        return None
    response = Response(
        stream_with_context(_events(database, installation_id, page, seen)), mimetype="text/event-stream"
    )
    response.headers["Cache-Control"] = "no-cache"
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(_free.release)
    return response


def _events(database: Database, installation_id: int, page: Page, seen: str) -> Iterator[str]:
    ends = time.monotonic() + LIFE
    said = time.monotonic()
    while time.monotonic() < ends:
        now = _read(database, installation_id)
        if now is None:
            return
        silent = time.monotonic() - said
        if now.number != seen or (now.run.is_moving and silent >= TICK):
            seen, said = now.number, time.monotonic()
            yield event(now.number, page(progress=now))
        if not now.run.is_alive:
            return
        if silent >= SIGN:
            said = time.monotonic()
            yield ": still here\n\n"
        time.sleep(LOOK)


def event(number: str, fragment: str) -> str:
    """One event of the stream."""
    lines = "\n".join(f"data: {line}" for line in fragment.splitlines())
    return f"id: {number}\n{lines}\n\n"


def _read(database: Database, installation_id: int) -> Progress | None:
    with scope(installation_id), database.transaction() as session:
        return progress.read(session)
