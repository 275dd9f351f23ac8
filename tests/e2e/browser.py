"""The browser of the walk: Debian's Chromium with third-party cookies blocked, and everything that goes wrong in its pages."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--ignore-certificate-errors",
]

STRICT = {"profile": {"cookie_controls_mode": 1, "block_third_party_cookies": True}}

#: what a page would only whisper is said aloud
LOUD = """document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""

MISSING = "chromium is not on this machine, so no page was looked at: apt-get install chromium fonts-dejavu-core"


def chromium() -> str:
    """The browser's path. Skips the test where there is none, and fails it where it has to be there (``CI``)."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found:
        return found
    if os.environ.get("CI"):
        pytest.fail(MISSING)
    pytest.skip(MISSING)


@contextlib.contextmanager
def strict_browser(folder: Path, places: Mapping[str, int]) -> Iterator[BrowserContext]:
    """A profile that keeps no third-party cookie and finds the tests' names on this machine."""
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text(json.dumps(STRICT))
    rules = ",".join(f"MAP *{suffix}:443 127.0.0.1:{port}" for suffix, port in places.items())
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder,
            executable_path=chromium(),
            args=[*FLAGS, f"--host-resolver-rules={rules}"],
            ignore_https_errors=True,
            locale="ru-RU",
            viewport={"width": 1280, "height": 800},
        )
        context.add_init_script(LOUD)
        context.set_default_timeout(30_000)
        yield context
        context.close()


class Faults:
    """What went wrong in a page and its frames since it was opened."""

    def __init__(self, page: Page) -> None:
        self.seen: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"page error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.seen.append(f"console {message.type}: {message.text} {message.location.get('url', '')}")

    def _failed(self, request: Request) -> None:
        # a page that is left, and a stream that is closed, end their own requests
        if request.failure != "net::ERR_ABORTED":
            self.seen.append(f"failed: {request.method} {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.seen.append(f"status {response.status}: {response.request.method} {response.url}")


def overflow(frame: Any) -> int:
    """How many pixels a page is wider than what shows it."""
    return int(frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
