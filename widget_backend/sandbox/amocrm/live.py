"""The things an account holds once it is at work, as plain values: talks, incoming requests, triggers, bots."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Message:
    """One message of a talk; an incoming one is the patient's."""

    id: str
    text: str
    created_at: int
    incoming: bool
    author: str


@dataclass
class Talk:
    """A talk with a contact in one chat, about one lead."""

    id: int
    chat_id: str
    contact_id: int
    lead_id: int | None
    origin: str
    created_at: int
    updated_at: int
    is_in_work: bool = True
    is_read: bool = False
    messages: list[Message] = field(default_factory=list)


@dataclass
class Unsorted:
    """An incoming request: its lead stands on the incoming stage until somebody accepts or declines it.

    ``outcome`` is empty, "accept", "decline" or "link"; ``sorted_at`` says when.
    """

    uid: str
    category: str
    source_uid: str | None
    source_name: str
    pipeline_id: int
    created_at: int
    metadata: dict[str, Any]
    lead_id: int
    contact_id: int | None = None
    company_id: int | None = None
    outcome: str = ""
    sorted_at: int = 0


@dataclass
class Trigger:
    """An automatic action on stages of a pipeline (one, or several it is stretched over).

    ``kind`` is "webhook" (``url``), "widget" (``client_id`` and ``settings``) or "bot" (``bot_id``); ``events`` are words of
    the vendor's page: status, call_in, chat, mail_in, site_visit.
    """

    id: int
    pipeline_id: int
    status_ids: tuple[int, ...]
    kind: str
    events: tuple[str, ...] = ("status",)
    url: str = ""
    client_id: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    bot_id: int = 0
    delay: float = 0.0


@dataclass
class Bot:
    """A SalesBot: numbered steps with question, answer and finish; ``exits`` is what follows a widget's named exit.

    ``client_id`` is the integration whose widget step it has.
    """

    id: int
    name: str
    steps: list[dict[str, Any]]
    client_id: str = ""
    exits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


@dataclass
class Run:
    """One run of a bot on a record; ``rest`` are the handlers that go on when what it waits for has come.

    ``state`` is "running", "waiting" (for a widget), "asking" (for the patient), "done" or "stopped"; ``exit`` is the name
    of the exit it took, ``trail`` tells what it did.
    """

    bot_id: int
    key: str
    entity: str
    entity_id: int
    data: dict[str, Any] = field(default_factory=dict)
    json: dict[str, Any] = field(default_factory=dict)
    rest: list[dict[str, Any]] = field(default_factory=list)
    state: str = "running"
    exit: str = ""
    message: str = ""
    trail: list[str] = field(default_factory=list)
    step: int = 0
    block: str = "question"
