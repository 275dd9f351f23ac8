"""The table of REST methods, and the one way to run one: existence, scope, rights, limits, working time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from widget_backend.sandbox.bitrix24 import plans
from widget_backend.sandbox.bitrix24.envelope import (
    Outcome,
    Page,
    RestError,
    access_denied,
    insufficient_scope,
    method_not_found,
    operation_time_limit,
    time_block,
)
from widget_backend.sandbox.bitrix24.forms import enumerate_map
from widget_backend.sandbox.bitrix24.state import Received

if TYPE_CHECKING:
    from widget_backend.sandbox.bitrix24.portal import Portal
    from widget_backend.sandbox.bitrix24.state import Application, User

#: methods that alter tables and take their time, see ``Settings.latency_s``
SLOW = ("userfield.add", "userfieldconfig.add")


@dataclass(frozen=True)
class Caller:
    """Who calls: the user, the application (none: a webhook), and what the token allows.

    One caller lives as long as one HTTP request; ``told`` holds the events it has already caused. ``system`` marks what
    automation does on the user's behalf.
    """

    user: User
    app: Application | None
    scopes: frozenset[str]
    key: str
    access: str = ""
    connector: str = ""
    system: bool = False
    told: set[str] = field(default_factory=set, compare=False)


@dataclass(frozen=True)
class Call:
    """One call of one method."""

    portal: Portal
    caller: Caller
    params: dict[str, Any]

    @property
    def app(self) -> Application:
        """The calling application; only methods registered with ``app=True`` ask."""
        assert self.caller.app is not None
        return self.caller.app

    def get(self, name: str, default: Any = None) -> Any:
        """A parameter by its exact name."""
        return self.params.get(name, default)

    def any_case(self, name: str, default: Any = None) -> Any:
        """A parameter whose name may come in any case (legacy CRM, events)."""
        wanted = name.lower()
        exact = self.params.get(name)
        rest = (value for key, value in self.params.items() if key.lower() == wanted)
        return exact if exact is not None else next(rest, default)

    def mapping(self, name: str) -> dict[str, Any]:
        """A parameter that is a PHP array; absent or scalar: empty."""
        return enumerate_map(self.any_case(name))

    def array(self, name: str) -> dict[str, Any]:
        """A legacy parameter that has to be a PHP array."""
        value = self.any_case(name)
        if not isinstance(value, dict | list):
            raise RestError("", f"Parameter '{name}' must be array.")
        return enumerate_map(value)

    def required(self, name: str) -> Any:
        """A controller's parameter that has to be there."""
        if (value := self.params.get(name)) is None:
            raise RestError("100", f"Could not find value for parameter {{{name}}}")
        return value

    def required_int(self, name: str) -> int:
        """A controller's whole number."""
        value = self.required(name)
        if isinstance(value, bool | dict | list) or not str(value).strip().lstrip("-").isdigit():
            text = f"Invalid value {{{value}}} to match with parameter {{{name}}}. Should be value of type int."
            raise RestError("100", text)
        return int(str(value).strip())


Body = Callable[[Call], Any]


@dataclass(frozen=True)
class Method:
    """A registered method; ``app`` refuses webhooks, ``admin`` refuses ordinary users."""

    name: str
    body: Body
    scopes: frozenset[str]
    write: bool
    app: bool
    admin: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, scope: str = "crm", *, write: bool = False, app: bool = False, admin: bool = False
) -> Callable[[Body], Body]:
    """Register a function as a REST method; ``scope`` may name several, all of them needed."""

    def register(body: Body) -> Body:
        METHODS[name.lower()] = Method(name, body, frozenset(scope.split()), write, app, admin)
        return body

    return register


def is_available(portal: Portal, name: str) -> bool:
    """Whether the plan and the settings let a method be called here."""
    return name in METHODS and plans.has_method(portal.settings, name)


def run(portal: Portal, caller: Caller, name: str, params: dict[str, Any]) -> Outcome:
    """Call a method by its lower-case name; raises :class:`RestError`."""
    portal.calls.append(Received(METHODS[name].name if name in METHODS else name, params, caller.key))
    found = _admit(portal, caller, name)
    key = (caller.key, name)
    if portal.operating.total(key, portal.clock()) >= portal.settings.operating_ceiling:
        raise operation_time_limit()
    latency = portal.settings.latency_s if name.endswith(SLOW) else 0.0
    if latency:
        time.sleep(latency)
    started = portal.clock()
    with portal.lock:
        result = found.body(Call(portal, caller, params))
        if found.write:
            portal.changed()
        finished = portal.clock() + portal.settings.costs.get(name, 0.0)
        portal.operating.add(key, started, finished - started + latency)
        spent = portal.operating.total(key, started)
        block = time_block(started, finished, spent, portal.operating.reset_at(key, started))
    return Outcome(result if isinstance(result, Page) else Page(result), block, finished - started + latency)


def _admit(portal: Portal, caller: Caller, name: str) -> Method:
    if not is_available(portal, name):
        raise method_not_found()
    found = METHODS[name]
    if not found.scopes - {"basic"} <= caller.scopes:
        raise insufficient_scope()
    if found.app and caller.app is None:
        raise RestError("WRONG_AUTH_TYPE", "Application context required", 403)
    if found.admin and not caller.user.admin:
        raise access_denied()
    return found
