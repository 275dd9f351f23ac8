"""Document: a text of law as values, shown as a page and written into the kit from the same words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from widget_backend.texts import Text


@dataclass(frozen=True, slots=True)
class Section:
    """``points``: sentences that stand one below the other after ``lines``."""

    title: Text
    lines: tuple[Text, ...]
    points: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """``lead``: what it is about, in a sentence or two."""

    title: Text
    lead: Text
    sections: tuple[Section, ...]

    def written(self, language: str) -> str:
        """As plain text with marks of headings and points."""
        parts = [f"# {self.title.into(language)}", self.lead.into(language)]
        for number, section in enumerate(self.sections, start=1):
            parts += [f"## {number}. {section.title.into(language)}", *said(section.lines, language)]
            parts += ["\n".join(f"- {point}" for point in said(section.points, language))] if section.points else []
        return "\n\n".join(parts) + "\n"


def said(texts: Sequence[Text], language: str) -> list[str]:
    """Each in one language."""
    return [text.into(language) for text in texts]


def table(head: Sequence[Text], rows: Sequence[Sequence[Text]], language: str) -> str:
    """A table as markdown."""
    lines = [said(head, language), ["---"] * len(head), *(said(row, language) for row in rows)]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"
