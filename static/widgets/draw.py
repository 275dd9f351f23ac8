"""Draws the logos of the amoCRM widget and the icon of Bitrix24's market with Chromium: ``python static/widgets/draw.py``. The
results are committed, so that neither a build nor a test needs a browser."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

IMAGES: Final = Path(__file__).parent / "amocrm" / "images"
#: square, and nothing shows through (bitrix24.md §7, row 17)
ICON: Final = Path(__file__).parents[1] / "market" / "icon.png"
ICON_SIDE: Final = 512
TOOTH: Final = (
    "M50 26 C43 26 39 20 29 20 C17 20 11 30 11 42 C11 53 16 59 19 70 C22 81 23 94 31 94 C40 94 37 71 50 71 "
    "C63 71 60 94 69 94 C77 94 78 81 81 70 C84 59 89 53 89 42 C89 30 83 20 71 20 C61 20 57 26 50 26 Z"
)
#: file -> width, height, where the mark stands (left, top, side), whether the way of a patient is drawn beside it
LOGOS: Final = {
    "logo.png": (130, 100, (15, 0, 100), False),
    "logo_main.png": (400, 272, (36, 66, 140), True),
    "logo_small.png": (108, 108, (4, 4, 100), False),
    "logo_medium.png": (240, 84, (8, 6, 72), True),
    "logo_min.png": (84, 84, (4, 4, 76), False),
    "logo_dp.png": (174, 109, (8, 20, 69), True),
}


def mark(left: int, top: int, side: int) -> str:
    """A tooth on a tile, readable on white and on dark."""
    scale = side / 100
    return (
        f'<g transform="translate({left} {top}) scale({scale})"><rect x="2" y="2" width="96" height="96" rx="24" '
        f'fill="url(#tile)"/><g transform="translate(17 13) scale(.66)"><path d="{TOOTH}" fill="#fff"/>'
        '<path d="M24 44 C24 37 27 33 32 32" fill="none" stroke="#7fd4e6" stroke-width="5" stroke-linecap="round"/></g></g>'
    )


def way(left: float, middle: float, right: float, size: float) -> str:
    """Three stages and a turn to the next pipeline."""
    xs = [left + (right - left) * share for share in (0, 0.5, 1)]
    fills = ("#0f6ab4", "#1792a8", "#22b07d")
    dots = "".join(
        f'<circle cx="{x}" cy="{middle}" r="{size}" fill="{fill}"/>' for x, fill in zip(xs, fills, strict=True)
    )
    tick = (
        f'<path d="M{xs[2] - size * 0.45} {middle} l{size * 0.32} {size * 0.36} l{size * 0.6} -{size * 0.7}" fill="none" '
        f'stroke="#fff" stroke-width="{size * 0.26}" stroke-linecap="round" stroke-linejoin="round"/>'
    )
    line = f'<path d="M{left} {middle} H{right}" stroke="#8fa6b8" stroke-width="{size * 0.4}"/>'
    return line + dots + tick


def drawing(width: int, height: int, place: tuple[int, int, int], has_way: bool) -> str:
    """One logo as a page of its size."""
    left, top, side = place
    beside = way(left + side + side * 0.28, height / 2, width - side * 0.3, side * 0.11) if has_way else ""
    return (
        "<!DOCTYPE html><style>body{margin:0}svg{display:block}</style>"
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"><defs>'
        '<linearGradient id="tile" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#1aa6b7"/>'
        f'<stop offset="1" stop-color="#0f5fa8"/></linearGradient></defs>{mark(left, top, side)}{beside}</svg>'
    )


def main() -> None:
    """Write every logo, on a ground that lets the page's own through."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (width, height, place, has_way) in LOGOS.items():
            page = browser.new_page(viewport={"width": width, "height": height})
            page.set_content(drawing(width, height, place, has_way))
            page.screenshot(path=IMAGES / name, omit_background=True)
        page = browser.new_page(viewport={"width": ICON_SIDE, "height": ICON_SIDE})
        page.set_content(drawing(ICON_SIDE, ICON_SIDE, (16, 16, ICON_SIDE - 32), False))
        page.screenshot(path=ICON)
        browser.close()


if __name__ == "__main__":
    main()
