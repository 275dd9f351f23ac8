"""The table of API routes, and what a handler of one is given and gives back."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from werkzeug.routing import Map, Rule

from widget_backend.sandbox.amocrm.wire.query import check_known, words

if TYPE_CHECKING:
    from widget_backend.sandbox.amocrm.account import Account
    from widget_backend.sandbox.amocrm.state import Integration, Token, User


@dataclass(frozen=True)
class Caller:
    """Who calls: the user acted for, the integration, and the token itself; ``is_admin`` is the token's right."""

    user: User
    integration: Integration
    token: Token
    is_admin: bool


@dataclass(frozen=True)
class Call:
    """One call: ``url`` is the API's base address, ``path`` begins after ``/api/v4``."""

    account: Account
    caller: Caller
    method: str
    path: str
    url: str
    query: dict[str, Any]
    body: Any
    pairs: list[tuple[str, str]] = field(default_factory=list)

    def href(self, path: str) -> dict[str, Any]:
        """A ``_links`` block that points at an address of the API."""
        return {"self": {"href": f"{self.url}{path}"}}

    def expect(self, filters: Iterable[str], orders: Iterable[str]) -> None:
        """Name the keys that do something; in strict mode any other is refused, else it is ignored."""
        if self.account.settings.strict_query:
            check_known(self.query, filters, orders)

    @property
    def with_(self) -> frozenset[str]:
        """The words of ``with``."""
        return words(self.query)

    @property
    def filter(self) -> dict[str, Any]:
        """The filter, empty if there is none."""
        given = self.query.get("filter")
        return given if isinstance(given, dict) else {}


@dataclass(frozen=True)
class Answer:
    """What a handler says; no body means no content at all."""

    body: Any = None
    status: int = 200


NOTHING = Answer(None, 204)

Handler = Callable[..., Answer]


@dataclass(frozen=True)
class Route:
    """An address with a verb; ``admin`` refuses tokens without the admin's right."""

    method: str
    path: str
    handler: Handler
    admin: bool
    version: str = "v4"


ROUTES: list[Route] = []


def route(method: str, path: str, *, admin: bool = False, version: str = "v4") -> Callable[[Handler], Handler]:
    """Register a function for a verb and an address below ``/api/v4``, or that of another version."""

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, path, handler, admin, version))
        return handler

    return register


@cache
def routing() -> Map:
    """The map of all registered routes, made once; the endpoint of a rule is its :class:`Route`."""
    rules = [Rule(f"/api/{each.version}{each.path}", methods=[each.method], endpoint=each) for each in ROUTES]
    return Map(rules, strict_slashes=False)
