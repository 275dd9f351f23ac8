"""The account: all of its state, and what a test does to it from outside (grant, revoke, uninstall, rename, wait)."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
import uuid
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from widget_backend.sandbox.amocrm import tokens
from widget_backend.sandbox.amocrm.crm import deleting
from widget_backend.sandbox.amocrm.hooks.changes import Change
from widget_backend.sandbox.amocrm.hooks.delivery import Delivery, Sent, queue_install, queue_uninstall
from widget_backend.sandbox.amocrm.hooks.telling import flush
from widget_backend.sandbox.amocrm.limits import Rate
from widget_backend.sandbox.amocrm.live import Bot, Run, Talk, Trigger, Unsorted
from widget_backend.sandbox.amocrm.settings import Settings
from widget_backend.sandbox.amocrm.state import (
    ALL_SCOPES,
    ENTITIES,
    Code,
    CustomField,
    FieldGroup,
    Integration,
    LossReason,
    Note,
    Pipeline,
    Record,
    Role,
    Source,
    Tag,
    Task,
    Token,
    User,
    Webhook,
)
from widget_backend.sandbox.amocrm.stock import ADMIN, furnish
from widget_backend.sandbox.amocrm.widgets import checks
from widget_backend.sandbox.amocrm.widgets.archive import Archive, part

ACCESS_SECONDS = 86_400
REFRESH_SECONDS = 90 * 86_400
CODE_SECONDS = 20 * 60
LONG_LIVED_SECONDS = 5 * 365 * 86_400

#: tries of hooks that are remembered
MOST_SENT = 500
#: runs of bots that are remembered
MOST_RUNS = 5000

#: what outlives a reset, so that addresses and keys stay valid
KEPT = (
    "lock",
    "clock",
    "skew",
    "id",
    "amojo_id",
    "subdomain",
    "base_url",
    "integrations",
    "widgets",
    "tokens",
    "codes",
    "signing_key",
    "version",
)


class Account:
    """One account's state; every change goes through ``lock``."""

    def __init__(self, language: str = "ru", clock: Callable[[], float] = time.time, subdomain: str = "acme") -> None:
        self.language = language
        self.clock = clock
        self.skew = 0.0
        self.lock = threading.RLock()
        self.id = 777001
        self.amojo_id = str(uuid.uuid4())
        self.subdomain = subdomain
        self.name = "Clinic" if language == "en" else "Клиника"
        self.currency = "RUB"
        self.base_url = f"https://{subdomain}.amocrm.ru"
        self.signing_key = secrets.token_hex(32)
        self.settings = Settings()
        self.rate = Rate()
        self.users: dict[int, User] = {}
        self.roles: dict[int, Role] = {}
        self.users_groups: list[dict[str, Any]] = []
        self.task_types: list[dict[str, Any]] = []
        self.integrations: dict[str, Integration] = {}
        self.widgets: dict[str, Archive] = {}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, Code] = {}
        self.pipelines: dict[int, Pipeline] = {}
        self.loss_reasons: dict[int, LossReason] = {}
        self.fields: dict[str, dict[int, CustomField]] = {entity: {} for entity in ENTITIES}
        self.groups: dict[str, dict[str, FieldGroup]] = {entity: {} for entity in ENTITIES}
        self.tags: dict[str, dict[int, Tag]] = {entity: {} for entity in ENTITIES}
        self.webhooks: dict[int, Webhook] = {}
        self.sources: dict[int, Source] = {}
        self.records: dict[str, dict[int, Record]] = {entity: {} for entity in ENTITIES}
        self.links: dict[tuple[str, int], dict[tuple[str, int], dict[str, Any]]] = defaultdict(dict)
        self._numbers: dict[str, Iterator[int]] = {}
        self._nothing_has_happened()

    @classmethod
    def demo(cls, language: str = "ru", clock: Callable[[], float] = time.time, subdomain: str = "acme") -> Account:
        """A fresh account: an admin and a manager, the stock pipeline, fields, tabs and task types."""
        account = cls(language, clock, subdomain)
        furnish(account)
        return account

    def reset(self) -> None:
        """Forget everything but integrations and their tokens: as good as new, addresses and keys stay valid."""
        fresh = type(self).demo(self.language, self.clock, self.subdomain)
        kept = {name: vars(self)[name] for name in KEPT}
        vars(self).clear()
        vars(self).update(vars(fresh) | kept)
        self.version += 1

    def now(self) -> float:
        """The account's time: the clock, plus what a test has skipped."""
        return self.clock() + self.skew

    def skip(self, seconds: float) -> None:
        """Let time pass at once: tokens age, waiting hooks become due."""
        self.skew += seconds

    def number(self, kind: str, first: int = 1, step: int = 2) -> int:
        """The next id of its kind; ids have gaps, as in an account among many."""
        return next(self._numbers.setdefault(kind, itertools.count(first, step)))

    def issue_integration(
        self,
        client_id: str = "",
        client_secret: str = "",
        redirect_uri: str = "",
        *,
        kind: str = "public",
        scopes: Iterable[str] = ALL_SCOPES,
        uninstall_url: str = "",
        lead_sources: bool = True,
        widget_code: str = "",
        dp_url: str = "",
    ) -> Integration:
        """Register an integration and install it; secrets have 64 characters."""
        client_id = client_id or str(uuid.uuid4())
        integration = Integration(
            client_id,
            client_secret or secrets.token_hex(32),
            kind,
            redirect_uri,
            frozenset(scopes),
            uninstall_url=uninstall_url,
            lead_sources=lead_sources,
            widget_code=widget_code or f"widget_{len(self.integrations) + 1}",
            dp_url=dp_url,
        )
        self.integrations[client_id] = integration
        return integration

    def upload_widget(self, client_id: str, data: bytes) -> Archive:
        """Take an integration's widget as an archive; raises ``archive.Unfit`` with all that is wrong with it."""
        archive, integration = checks.accepted(data), self.integrations[client_id]
        self.widgets[client_id] = archive
        integration.lead_sources = "lead_sources" in archive.areas
        integration.dp_url = str(part(archive.manifest, "dp").get("webhook_url", "")) or integration.dp_url
        self.version += 1
        return archive

    def long_lived_token(
        self,
        user_id: int = ADMIN,
        scopes: Iterable[str] = ALL_SCOPES,
        client_id: str = "",
        seconds: float = LONG_LIVED_SECONDS,
    ) -> str:
        """A token without a refresh, of a private integration without a widget unless one is named."""
        if not client_id:
            private = (each for each in self.integrations.values() if each.kind == "private")
            found = next(private, None) or self.issue_integration(kind="private", lead_sources=False)
            client_id = found.client_id
        return self._token(client_id, user_id, frozenset(scopes), seconds).access

    def authorization_code(self, client_id: str = "", user_id: int = ADMIN) -> str:
        """A code of the named or only integration, to be exchanged once and within 20 minutes."""
        code = "def50200" + secrets.token_hex(160)
        self.codes[code] = Code(client_id or next(iter(self.integrations)), user_id, self.now() + CODE_SECONDS)
        return code

    def grant(self, client_id: str = "", user_id: int = ADMIN) -> Token:
        """A new token pair of a user in an integration (the only one, unless named); it is installed by that."""
        integration = self.integrations[client_id or next(iter(self.integrations))]
        integration.installed = True
        token = self._token(integration.client_id, user_id, integration.scopes, ACCESS_SECONDS)
        token.refresh = "def50200" + secrets.token_hex(200)
        token.refresh_expires = self.now() + REFRESH_SECONDS
        return token

    def renew(self, old: Token) -> Token:
        """A new pair for an old one, whose refresh token is spent; an admin's grant stays one."""
        token = self.grant(old.client_id, old.user_id)
        old.refresh, token.by_admin = "", old.by_admin
        return token

    def revoke(self, access: str) -> None:
        """Make a token unknown."""
        self.tokens.pop(access, None)

    def expire(self, access: str) -> None:
        """Let an access token be over its day at once; its refresh token lives on."""
        if token := self.tokens.get(access):
            token.expires = 0.0

    def uninstall(self, client_id: str) -> None:
        """Switch an integration off: tokens are dead at once, the signed uninstall hook waits in the outbox."""
        integration = self.integrations[client_id]
        integration.installed = False
        self.tokens = {access: token for access, token in self.tokens.items() if token.client_id != client_id}
        queue_uninstall(self, integration)

    def rename(self, subdomain: str, host: str = "") -> None:
        """Give the account another subdomain; with ``host`` only that one answers from now on."""
        self.subdomain = subdomain
        self.settings.host = host

    def change(self, change: Change) -> None:
        """Note what a write has done; hooks and the event log are made of it."""
        self.changes.append(change)

    def install(self, client_id: str, user_id: int = ADMIN) -> None:
        """Press Install inside amoCRM: the install hook with a code waits in the outbox."""
        queue_install(self, self.integrations[client_id], user_id)

    def trash(self, entity: str, record_id: int, user_id: int = ADMIN) -> None:
        """Delete a record as people do in the vendor's pages; it can be restored."""
        deleting.trash(self, entity, record_id, user_id)
        flush(self)

    def restore(self, entity: str, record_id: int, user_id: int = ADMIN) -> None:
        """Take a record out of the trash."""
        deleting.restore(self, entity, record_id, user_id)
        flush(self)

    def merge(self, entity: str, main_id: int, other_id: int, user_id: int = ADMIN) -> None:
        """Merge a duplicate into a record, as people do in the vendor's pages."""
        deleting.merge(self, entity, main_id, other_id, user_id)
        flush(self)

    @property
    def main_pipeline(self) -> Pipeline:
        """Where a lead goes when nothing is said."""
        return next(each for each in self.ordered_pipelines if each.is_main)

    @property
    def ordered_pipelines(self) -> list[Pipeline]:
        """The pipelines in their order."""
        return sorted(self.pipelines.values(), key=lambda each: (each.sort, each.id))

    def fields_of(self, entity: str) -> list[CustomField]:
        """The custom fields of an entity in their order."""
        return sorted(self.fields[entity].values(), key=lambda each: (each.sort, each.id))

    def _nothing_has_happened(self) -> None:
        self.notes: dict[int, Note] = {}
        self.tasks: dict[int, Task] = {}
        self.events: dict[str, dict[str, Any]] = {}
        self.changes: list[Change] = []
        self.outbox: list[Delivery] = []
        self.sent: deque[Sent] = deque(maxlen=MOST_SENT)
        self.told: Counter[str] = Counter()
        #: grows with every change: pages look whether it did
        self.version = 0
        self.talks: dict[int, Talk] = {}
        self.chats: dict[str, int] = {}
        self.unsorted: dict[str, Unsorted] = {}
        self.merged: dict[tuple[str, int], int] = {}
        self.triggers: dict[int, Trigger] = {}
        self.bots: dict[int, Bot] = {}
        self.runs: deque[Run] = deque(maxlen=MOST_RUNS)
        self.run_bots: list[dict[str, Any]] = []
        self.waiting_bots: dict[tuple[int, str], Run] = {}
        self.continued_bots: list[dict[str, Any]] = []

    def _token(self, client_id: str, user_id: int, scopes: frozenset[str], seconds: float) -> Token:
        expires = self.now() + seconds
        access = tokens.access_token(self, client_id, user_id, scopes, expires)
        by_admin = self.users[user_id].is_admin
        token = Token(access, "", client_id, user_id, scopes, by_admin, expires)
        self.tokens[access] = token
        return token
