"""The wizard as a person meets it in a frame: its screens, its buttons, and a careful look at each of them."""

from __future__ import annotations

import itertools
import os
import time
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import market_screens
from axe_playwright_python.sync_playwright import Axe
from browser import overflow
from playwright.sync_api import Frame, FrameLocator, Locator, Page, Route, TimeoutError, expect

#: for people to look at: CI has nobody who does, and draws slowly
PICTURES = not os.environ.get("CI")
SCHEMES, WIDTHS = ("light", "dark"), (1280, 375)

#: an install must end in less than half a minute
SOON = 90_000
#: what htmx has not taken in hand yet
LIFELESS = ", ".join(f"[hx-{verb}]:not([data-htmx-powered])" for verb in ("get", "post"))

EVENTS = "/wizard/events"
#: of a portal that has heard ``installFinish``
FINISHED = "window.told && !window.told.INSTALL"

HEIGHT = "Math.max(900, document.documentElement.scrollHeight)"

#: until the page has had one height for twelve pictures: a frame that grows under a mouse is missed by it
AT_REST = """new Promise((done) => {
  let before = -1, same = 0;
  const look = () => {
    same = document.body.scrollHeight === before ? same + 1 : 0;
    before = document.body.scrollHeight;
    if (same < 12) requestAnimationFrame(look); else done();
  };
  look();
})"""


def ask(url: str, headers: dict[str, str] | None = None, method: str = "GET", body: str = "") -> tuple[int, str]:
    """One request that is no page's: status and body."""
    parts = urlsplit(url)
    with closing(HTTPSConnection(parts.netloc, timeout=20)) as connection:
        connection.request(method, f"{parts.path}?{parts.query}", body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class Wizard:
    """``inside`` is the application's frame, or the page itself where it is not framed."""

    def __init__(self, page: Page, inside: FrameLocator | Page, origin: str) -> None:
        self.page = page
        self.inside = inside
        self.origin = origin
        self._asked: list[str] = []
        page.on("request", lambda request: self._asked.append(urlsplit(request.url).path))

    def screen(self, name: str) -> Locator:
        """Wait for a screen: ``plan-ready``."""
        return self._seen(f'main[data-screen="{name}"]')

    def is_run(self, state: str) -> Locator:
        """Wait for the run to be shown in this state: ``waiting``."""
        return self._seen(f".progress-{state}")

    def press(self, button: str) -> None:
        """Press a button by its id, once the page has been brought to life and its frame has grown: a quick hand sees it a
        moment before."""
        self.inside.locator(LIFELESS).first.wait_for(state="detached")
        self.page.evaluate(AT_REST)
        self.inside.locator(f"#{button}").click()

    def to_the_plan(self) -> None:
        """From the check of access to the plan, taking what is offered."""
        self.screen("access-ready")
        self.press("next")
        self.screen("choices-ready")
        self.press("show-plan")
        self.screen("plan-ready")

    def find_nothing_to_do(self) -> None:
        """From the check of access to a plan in which everything is in its place, and on to the result."""
        self.screen("access-ready")
        self.press("next")
        self.screen("choices-ready")
        self.press("show-plan")
        self.screen("plan-settled")
        self.press("to-result")

    def apply(self) -> None:
        """Agree to the plan that is shown."""
        self.press("apply-now")

    def expect_done(self) -> None:
        """Wait for the result of a run in which all went well."""
        self.screen("result-done")

    def walk(self) -> None:
        """From the first screen to the result, taking what is offered."""
        self.to_the_plan()
        self.apply()

    def follow_by(self, way: str) -> None:
        """Progress by the stream, or by asking, as where all streams are taken."""
        if way == EVENTS:
            return

        def answer(route: Route) -> None:
            status, words = ask(self.origin + way, route.request.all_headers())
            route.fulfill(status=status, body=words, content_type="text/html; charset=utf-8")

        self.page.route(self.origin + EVENTS, answer)

    def asked(self, path: str) -> int:
        """How often the page has asked for this."""
        return self._asked.count(path)

    def asked_until(self, session: str, status: int) -> str:
        """Ask for the wizard with this session until it is answered with ``status``: the words of that answer."""
        until = time.monotonic() + SOON / 1000
        answered, words = 0, ""
        while answered != status and time.monotonic() < until:
            answered, words = ask(f"{self.origin}/wizard", {"Authorization": f"Bearer {session}", "HX-Request": "true"})
            time.sleep(0.1)
        assert answered == status
        return words

    def says(self, words: str) -> None:
        """Wait until the page says this."""
        expect(self.inside.locator("body")).to_contain_text(words, timeout=SOON)

    def unfold(self) -> None:
        """Open everything that can be opened."""
        self.frame.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")

    @property
    def frame(self) -> Frame:
        """The frame as something that scripts can be run in."""
        return next(frame for frame in self.page.frames if frame.url.startswith(self.origin))

    @property
    def token(self) -> str:
        """The session that the page carries."""
        return str(self.frame.get_attribute("meta[name=app-session]", "content"))

    def look(self, name: str, folder: Path) -> list[str]:
        """Both themes at both widths: what sticks out or is against the rules of access; with ``PICTURES``, one of each."""
        found = []
        for scheme, width in itertools.product(SCHEMES, WIDTHS):
            self.page.set_viewport_size({"width": width, "height": 900})
            self.page.emulate_media(color_scheme=scheme)
            found += [f"{name} {scheme} {width}: {fault}" for fault in self._faults()]
            if PICTURES:  # a frame is drawn as far as it is seen
                self.page.set_viewport_size({"width": width, "height": self.page.evaluate(HEIGHT)})
                self.page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", animations="disabled")
        self.page.emulate_media(color_scheme=SCHEMES[0])
        if PICTURES:
            market_screens.take(self.page, name, folder)
        self.page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        self.page.evaluate(AT_REST)
        return found

    def _seen(self, selector: str) -> Locator:
        found = self.inside.locator(selector)
        try:
            found.wait_for(timeout=SOON)
        except TimeoutError as late:
            raise AssertionError(f"no {selector} but: {self._shown()}") from late
        return found

    def _shown(self) -> str:
        """What stands in its place, and what was asked for last."""
        return f"{self.inside.locator('body').inner_html(timeout=1000)[:3000]}\n{self._asked[-20:]}"

    def _faults(self) -> list[str]:
        frame = self.frame
        found = [f"{pixels} px too wide" for pixels in (overflow(frame), overflow(self.page)) if pixels > 0]
        violations: list[dict[str, Any]] = Axe().run(frame).response["violations"]
        return found + [f"axe {each['id']}: {each['nodes'][0]['html'][:200]}" for each in violations]
