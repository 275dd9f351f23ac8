"""The portal: all of its state, and what a test does to it from outside (install, revoke, place a robot, wait)."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterable

from widget_backend.sandbox.bitrix24 import robots
from widget_backend.sandbox.bitrix24.crm.stock import furnish
from widget_backend.sandbox.bitrix24.events import fire_of_app
from widget_backend.sandbox.bitrix24.state import (
    ALL_SCOPES,
    Application,
    Department,
    PlacedRobot,
    Status,
    Token,
    User,
    UserField,
    Webhook,
    stage_directory,
)
from widget_backend.sandbox.bitrix24.store import Store

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 180 * 24 * 3600
CODE_SECONDS = 30


class Portal(Store):
    """One portal and what happens to it; every change goes through ``lock``."""

    @classmethod
    def demo(cls, language: str = "ru", clock: Callable[[], float] = time.time, plan: str = "std") -> Portal:
        """A fresh portal: the stock default pipeline and directories, an admin (1) and a manager (7)."""
        portal = cls(language, clock, plan)
        portal.users[1] = User(1, "Анна", "Админова", admin=True, crm_admin=True, can_import=True)
        portal.users[7] = User(7, "Мария", "Менеджерова")
        portal.departments[1] = Department(1, "Клиника", head=1)
        furnish(portal)
        return portal

    def reset(self) -> None:
        """Forget everything but webhooks and applications' keys: as good as new, addresses stay valid."""
        fresh = Portal.demo(self.settings.lang, self.clock, self.settings.plan)
        kept = {name: vars(self)[name] for name in ("lock", "base_url", "member_id", "webhooks", "apps")}
        kept |= {name: vars(self)[name] for name in ("tokens_by_access", "removed_apps")}
        kept["changes"] = self.changes + 1
        vars(self).clear()
        vars(self).update(vars(fresh) | kept)

    def changed(self) -> None:
        """Something is not as it was: pages that are open look again."""
        self.changes += 1

    @property
    def server_endpoint(self) -> str:
        """The REST address of the OAuth side."""
        return f"{self.settings.oauth_url or self.base_url}/rest/"

    def number(self, kind: str, first: int = 1, step: int = 2) -> int:
        """The next id of its kind; ids of a portal have gaps."""
        return next(self._numbers.setdefault(kind, itertools.count(first, step)))

    def webhook(self, user_id: int = 1, scopes: Iterable[str] = ALL_SCOPES) -> str:
        """The path of a new incoming webhook, ``/rest/1/<code>/``."""
        hook = Webhook(user_id, secrets.token_hex(8), frozenset(scopes))
        self.webhooks.append(hook)
        return f"/rest/{user_id}/{hook.code}/"

    def revoke(self, path: str) -> None:
        """Delete the webhook of this path."""
        code = path.strip("/").split("/")[-1]
        self.webhooks = [hook for hook in self.webhooks if hook.code != code]

    def issue_app(
        self,
        client_id: str = "",
        scopes: Iterable[str] = ALL_SCOPES,
        client_secret: str = "",
        redirect_uri: str = "",
        installed: bool = True,
        page_url: str = "",
        installer_url: str = "",
        handler_url: str = "",
        name: str = "",
    ) -> Application:
        """Install an application; one that was removed before comes back under its keys, its options if they were kept."""
        if client_id in self.apps:
            self.update_app(client_id, installed)
            return self.apps[client_id]
        number = self.number("app", 5, 1)
        client_id = client_id or f"app.{secrets.token_hex(7)}.{number}"
        known = self.removed_apps.pop(client_id, None)
        app = Application(
            number,
            client_id,
            client_secret or (known.client_secret if known else secrets.token_urlsafe(32)),
            code=f"sandbox.app{number}",
            scopes=frozenset(scopes),
            application_token=secrets.token_hex(16),
            redirect_uri=redirect_uri or (known.redirect_uri if known else ""),
            page_url=page_url or (known.page_url if known else ""),
            installer_url=installer_url or (known.installer_url if known else ""),
            installed=installed,
            options=known.options if known else {},
            handler_url=handler_url or (known.handler_url if known else ""),
            name=name or (known.name if known else ""),
        )
        self.apps[client_id] = app
        return app

    def update_app(self, client_id: str = "", installed: bool = False, purge: bool = True) -> None:
        """Bring a newer version: not installed until its installer has run again, its handlers, widgets and robots gone.

        Whether today's cloud does ``purge`` them is unknown. ``ONAPPUPDATE`` goes to the handlers of before.
        """
        client_id = client_id or next(iter(self.apps))
        app = self.apps[client_id]
        app.version, app.installed = app.version + 1, installed
        data = {"VERSION": app.version, "PREVIOUS_VERSION": app.version - 1, "LANGUAGE_ID": self.settings.lang}
        fire_of_app(self, client_id, "ONAPPUPDATE", data, 1)
        if purge:
            self._purge(client_id)

    def finish_install(self, client_id: str = "", user_id: int = 1) -> None:
        """What ``BX24.installFinish()`` does: from now on events come, ``ONAPPINSTALL`` first."""
        client_id = client_id or next(iter(self.apps))
        app = self.apps[client_id]
        app.installed = True
        data = {"VERSION": app.version, "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": self.settings.lang}
        fire_of_app(self, client_id, "ONAPPINSTALL", data, user_id, app.handler_url)

    def set_payment(self, client_id: str = "", expired: bool = True) -> None:
        """The application's paid time ends or begins: ``ONAPPPAYMENT`` goes out without tokens."""
        client_id = client_id or next(iter(self.apps))
        app = self.apps[client_id]
        app.payment_expired = expired
        state = {"STATUS": app.status, "PAYMENT_EXPIRED": "Y" if expired else "N", "DAYS": 0 if expired else 30}
        data = {"CODE": app.code, "VERSION": app.version, **state, "LANGUAGE_ID": self.settings.lang}
        fire_of_app(self, client_id, "ONAPPPAYMENT", data, 0)

    def uninstall(self, client_id: str, clean: bool = False) -> None:
        """Remove an application with its handlers, widgets and robots; ``ONAPPUNINSTALL`` goes out without tokens."""
        data = {"CLEAN": int(clean), "LANGUAGE_ID": self.settings.lang}
        fire_of_app(self, client_id, "ONAPPUNINSTALL", data, 0)
        self._purge(client_id)
        self.removed_apps[client_id] = app = self.apps.pop(client_id)
        if clean:
            app.options = {}

    def tokens(self, user_id: int = 1, client_id: str = "", hops: int = 0) -> Token:
        """A new token pair of a user in an application (the only one, unless named); ``hops`` if an event brings it."""
        client_id = client_id or next(iter(self.apps))
        now = self.clock()
        token = Token(
            secrets.token_hex(35),
            secrets.token_hex(35),
            client_id,
            user_id,
            float(int(now) + ACCESS_SECONDS),
            now + REFRESH_SECONDS,
            hops,
        )
        self.tokens_by_access[token.access] = token
        return token

    def expire(self, access: str) -> None:
        """Let an access token be over its hour at once."""
        if token := self.tokens_by_access.get(access):
            token.expires = 0.0

    def authorization_code(self, client_id: str, user_id: int = 1) -> str:
        """A code to exchange within 30 seconds."""
        code = secrets.token_hex(35)
        self.codes[code] = (client_id, user_id, self.clock() + CODE_SECONDS)
        return code

    def place_robot(self, code: str, stage_id: str, client_id: str = "", timeout: int = 0, **properties: str) -> None:
        """Put a registered robot on a stage, as an admin does in the automation designer; it waits ``timeout`` seconds."""
        client_id = client_id or next(iter(self.apps))
        number = self.number("placed robot", 1, 1)
        self.placed_robots.append(PlacedRobot(client_id, code, stage_id, properties, timeout, number))

    def expire_robots(self) -> None:
        """Give up robots that have waited for longer than they were told to."""
        with self.lock:
            robots.expire(self)

    def hire(self, user: User, department: str = "", head: bool = False) -> User:
        """One more employee; of a department by its name, as its head or not. A new name is a new department."""
        self.users[user.id] = user
        if department:
            known = next((row for row in self.departments.values() if row.name == department), None)
            known = known or Department(self.number("department", 3), department, parent=1)
            self.departments[known.id] = known
            user.department, known.head = known.id, user.id if head else known.head
        return user

    def place_trigger(self, code: str, stage_id: str, client_id: str = "") -> None:
        """Put a registered trigger on a stage: executing it moves a deal there."""
        self.placed_triggers[(client_id or next(iter(self.apps)), code)] = stage_id

    def say(self, in_russian: str, in_english: str) -> str:
        """A text in the portal's language, as far as the portal translates its refusals."""
        return in_russian if self.settings.lang == "ru" else in_english

    def stages(self, category_id: int) -> list[Status]:
        """The stages of a deal pipeline in their order."""
        return self.directory(stage_directory(category_id))

    def deal_stages(self) -> dict[str, Status]:
        """Every stage of every deal pipeline by its code; leads have stages of the same codes, which are not meant."""
        rows = self.statuses.values()
        return {row.status_id: row for row in rows if row.entity_id.startswith("DEAL_STAGE")}

    def directory(self, entity_id: str) -> list[Status]:
        """The rows of a directory in their order."""
        rows = [row for row in self.statuses.values() if row.entity_id == entity_id]
        return sorted(rows, key=lambda row: (row.sort, row.id))

    def fields_of(self, entity_id: str) -> list[UserField]:
        """The user fields of an entity such as ``CRM_DEAL`` in their order."""
        rows = [row for row in self.fields.values() if row.entity_id == entity_id]
        return sorted(rows, key=lambda row: (row.sort, row.id))

    def _purge(self, client_id: str) -> None:
        self.handlers = [row for row in self.handlers if row.client_id != client_id]
        self.placements = [row for row in self.placements if row.client_id != client_id]
        self.robots = [row for row in self.robots if row.client_id != client_id]
        self.user_field_types = [row for row in self.user_field_types if row.client_id != client_id]
