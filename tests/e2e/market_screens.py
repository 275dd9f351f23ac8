"""Pictures for the markets' cards: what the walk has in front of it, as large as a card shows it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from widget_backend.market.pictures import SIZE, TAKEN

#: how an amoCRM page is asked for in its plain look -> its language
PLAIN = {"": "ru", "?lang=en": "en"}


def take_area(page: Page, address: str, look: str, folder: Path) -> None:
    """The same of an area of amoCRM, in its plain look; ``folder`` holds those of the languages."""
    if look in PLAIN:
        take(page, f"widget {address}", folder / PLAIN[look])


def take(page: Page, name: str, folder: Path) -> None:
    """A picture of 1280 by 720 where the look called ``name`` is one of those; ``folder`` is named by its language."""
    if name not in TAKEN:
        return
    target = folder.parent / "market" / folder.name / f"{TAKEN[name]}.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    page.evaluate("window.scrollTo(0, 0)")
    page.screenshot(path=target, animations="disabled")
