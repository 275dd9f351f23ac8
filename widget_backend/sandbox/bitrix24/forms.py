"""What came in: the path's method, PHP-style nested keys of query and form, JSON bodies; a body wins over the query."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

#: PHP stops nesting here and drops the variable
DEEPEST = 64

_BRACKET = re.compile(r"\[([^\]]*)\]")


def params(request: Request) -> dict[str, Any]:
    """All parameters of a request in PHP's shape."""
    query = nest(parse_qsl(request.query_string.decode("utf-8", "replace"), keep_blank_values=True))
    return {**query, **_body(request)}


def query_params(text: str) -> dict[str, Any]:
    """The parameters of a batch command's query string."""
    pairs = (piece.partition("=") for piece in text.split("&") if piece)
    return nest((unquote_plus(key), unquote_plus(value)) for key, _, value in pairs)


def nest(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """``a[b][]=1`` -> ``{"a": {"b": ["1"]}}``; a repeated plain key keeps its last value."""
    tree: dict[str, Any] = {}
    for key, value in pairs:
        path = _path(key)
        if path and len(path) <= DEEPEST:
            _put(tree, path, value)
    return {key: arrays(value) for key, value in tree.items()}


def arrays(value: Any) -> Any:
    """Maps with keys 0..n-1 as lists, for PHP does not tell the two apart."""
    if isinstance(value, dict):
        if value and [str(key) for key in value] == [str(index) for index in range(len(value))]:
            return [arrays(item) for item in value.values()]
        return {str(key): arrays(item) for key, item in value.items()}
    if isinstance(value, list):
        return [arrays(item) for item in value]
    return value


def enumerate_map(value: Any) -> dict[str, Any]:
    """A PHP array as a map, whether it arrived as a list or as an object; anything else is empty."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def method_name(path: str) -> str:
    """``CRM.Deal.List.json`` -> ``crm.deal.list``."""
    name = path.strip("/").lower()
    return re.sub(r"\.(json|xml)$", "", name)


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype == "application/json":
        try:
            body = json.loads(request.get_data(cache=True) or b"{}")
        except ValueError:
            return {}
        return {key: arrays(value) for key, value in enumerate_map(body).items()}
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return nest(request.form.items(multi=True))
    return query_params(request.get_data(as_text=True))


def _path(key: str) -> list[str]:
    """``a[b][]`` -> ``["a", "b", ""]``; PHP turns dots and spaces of the first name into underscores."""
    head, bracket, rest = key.lstrip().partition("[")
    if not head:
        return []
    head = head.replace(".", "_").replace(" ", "_")
    return [head, *_BRACKET.findall(bracket + rest)] if "]" in rest else [head + ("_" + rest if bracket else "")]


def _put(tree: dict[str, Any], path: list[str], value: Any) -> None:
    node = tree
    for step in path[:-1]:
        name = step or _free(node)
        if not isinstance(node.get(name), dict):
            node[name] = {}
        node = node[name]
    node[path[-1] or _free(node)] = value


def _free(node: dict[str, Any]) -> str:
    """The index that ``[]`` takes: one above the largest number in use."""
    used = [int(key) for key in node if key.isdigit()]
    return str(max(used) + 1 if used else 0)
