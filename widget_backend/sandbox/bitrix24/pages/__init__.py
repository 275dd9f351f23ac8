"""The pages for people: boards, cards, timelines, notices, the automation designer, and what was sent to applications."""

from pathlib import Path

TEMPLATES = Path(__file__).parents[4] / "templates"
