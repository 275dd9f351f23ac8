"""All that a portal holds, before anybody has put something there."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24.limits import LeakyBucket, Operating
from widget_backend.sandbox.bitrix24.settings import Settings

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.delivery import Delivery, Sent
    from widget_backend.sandbox.bitrix24.imported import NativeRobot, WorkflowRun, WorkflowTemplate
from widget_backend.sandbox.bitrix24.state import (
    Application,
    Category,
    Department,
    Handler,
    Moved,
    PlacedRobot,
    Placement,
    Received,
    Robot,
    Status,
    Token,
    User,
    UserField,
    UserFieldType,
    Waiting,
    Webhook,
)

#: as many calls and deliveries are remembered
CALLS = 10_000
SENT = 1_000


class Store:
    """One portal's collections, all empty; every change goes through ``lock``."""

    def __init__(self, language: str = "ru", clock: Callable[[], float] = time.time, plan: str = "std") -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.settings = Settings(plan=plan, lang=language)
        self.member_id = secrets.token_hex(16)
        self.base_url = "https://clinic7.bitrix24.example"
        self.currency = "RUB" if language == "ru" else "EUR"
        self.users: dict[int, User] = {}
        self.departments: dict[int, Department] = {}
        self.webhooks: list[Webhook] = []
        self.apps: dict[str, Application] = {}
        self.removed_apps: dict[str, Application] = {}
        self.tokens_by_access: dict[str, Token] = {}
        self.codes: dict[str, tuple[str, int, float]] = {}
        self.buckets: dict[str, LeakyBucket] = defaultdict(LeakyBucket)
        self.operating = Operating()
        self.calls: deque[Received] = deque(maxlen=CALLS)
        #: grows with every change: a page that has seen this many shows the truth
        self.changes = 0
        self._numbers: dict[str, Iterator[int]] = {}
        self._empty_crm()
        self._empty_automation()

    def _empty_crm(self) -> None:
        self.categories: dict[int, Category] = {}
        self.statuses: dict[int, Status] = {}
        self.fields: dict[int, UserField] = {}
        self.items: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
        self.product_rows: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        self.history: list[Moved] = []
        self.layouts: dict[tuple[int, int, int], list[dict[str, Any]]] = {}
        self.activities: dict[int, dict[str, Any]] = {}
        self.comments: dict[int, dict[str, Any]] = {}
        self.log_messages: dict[int, dict[str, Any]] = {}
        self.tasks: dict[int, dict[str, Any]] = {}
        self.notices: dict[int, dict[str, Any]] = {}

    def _empty_automation(self) -> None:
        self.handlers: list[Handler] = []
        self.placements: list[Placement] = []
        self.user_field_types: list[UserFieldType] = []
        self.robots: list[Robot] = []
        self.placed_robots: list[PlacedRobot] = []
        self.native_robots: list[NativeRobot] = []
        #: stages that have a row of robots, be it an empty one: the screen of robots makes one for each stage
        self.automated_stages: set[str] = set()
        self.workflow_templates: dict[int, WorkflowTemplate] = {}
        self.workflow_runs: dict[str, WorkflowRun] = {}
        self.triggers: dict[tuple[str, str], str] = {}
        self.placed_triggers: dict[tuple[str, str], str] = {}
        self.fired_triggers: list[dict[str, Any]] = []
        self.robot_answers: list[dict[str, Any]] = []
        self.waiting_robots: dict[str, Waiting] = {}
        self.offline_events: list[dict[str, Any]] = []
        self.outbox: list[Delivery] = []
        self.sent: deque[Sent] = deque(maxlen=SENT)
        self.told: Counter[tuple[str, ...]] = Counter()
        self.backing_off: dict[str, float] = {}
        self.pinged: dict[int, float] = {}
        self.event_key = secrets.token_hex(16)
