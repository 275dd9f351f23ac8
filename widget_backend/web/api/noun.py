"""Noun: the routes of one kind of thing, each described where it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from widget_backend.tenancy.roles import Right
from widget_backend.web.api import problems, repeats
from widget_backend.web.api.bodies import Reader
from widget_backend.web.auth import require

PREFIX: Final = "/api/v1"
KEY: Final[Mapping[str, Any]] = {
    "in": "header",
    "name": repeats.HEADER,
    "schema": {"type": "string", "minLength": 1, "maxLength": repeats.LONGEST, "pattern": f"^{repeats.SIGNS}+$"},
    "description": "another one for each act; the same request under the same key is carried out once, within a day",
}

View = TypeVar("View", bound=Callable[..., Any])


class Noun:
    """Routes are functions: they take what the request says (by the schema ``takes``, or ``query``), then the places of the
    address by name, and give what the schema ``gives`` shows. Those that write are answered once for each key; a POST must
    have one and takes ``cause``."""

    def __init__(self, name: str, says: str) -> None:
        self._name = name
        self.blueprint: Any = Blueprint(name, __name__, url_prefix=PREFIX, description=says)
        self.blueprint.ARGUMENTS_PARSER = Reader()

    def get(
        self, path: str, gives: Schema, *, right: Right = "look", query: Schema | None = None
    ) -> Callable[[View], View]:
        """What we hold."""
        return self._route("GET", path, gives, right, query=query)

    def ask(self, path: str, gives: Schema, *, right: Right, takes: Schema) -> Callable[[View], View]:
        """What the CRM has to be asked for; nothing is written."""
        return self._route("POST", path, gives, right, takes=takes, asks=True)

    def act(self, path: str, gives: Schema, *, right: Right, takes: Schema | None = None) -> Callable[[View], View]:
        """A write that would be another one if it came twice."""
        return self._route("POST", path, gives, right, takes=takes, asks=True, writes=True)

    def put(self, path: str, gives: Schema, *, right: Right, takes: Schema) -> Callable[[View], View]:
        """A write that sets how something is."""
        return self._route("PUT", path, gives, right, takes=takes, writes=True)

    def drop(self, path: str, gives: Schema, *, right: Right) -> Callable[[View], View]:
        """Something is taken away."""
        return self._route("DELETE", path, gives, right, writes=True)

    def _route(
        self,
        method: str,
        path: str,
        gives: Schema,
        right: Right,
        *,
        takes: Schema | None = None,
        query: Schema | None = None,
        asks: bool = False,
        writes: bool = False,
    ) -> Callable[[View], View]:
        def describe(view: View) -> View:
            routed: Callable[..., Any] = self.blueprint.response(200, gives)(view)
            if writes:
                must = method == "POST"
                routed = repeats.once(routed, needed=must)
                routed = self.blueprint.doc(parameters=[{**KEY, "required": must}])(routed)
            if takes is not None:
                routed = self.blueprint.arguments(takes)(routed)
            if query is not None:
                routed = self.blueprint.arguments(query, location="query")(routed)
            for status in problems.ASKING if asks or writes else problems.ALWAYS:
                routed = self.blueprint.alt_response(status, problems.name(status))(routed)
            routed = self.blueprint.doc(operationId=f"{self._name}.{view.__name__}")(routed)
            self.blueprint.route(path, methods=[method])(require(right)(routed))
            return view

        return describe
