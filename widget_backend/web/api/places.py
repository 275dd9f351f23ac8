"""What may stand in the addresses of the API: numbers of deals, and the short names of our own things."""

from __future__ import annotations

from typing import Any, Final

from flask import Flask
from werkzeug.routing import BaseConverter


class Deal(BaseConverter):
    """The CRM's number of a deal."""

    regex = "[1-9][0-9]{0,14}"


class Name(BaseConverter):
    """The key of a rule, the code of a run, the name of a cause."""

    regex = "[A-Za-z0-9_.:-]{1,100}"


PLACES: Final = {"deal": Deal, "name": Name}


def teach(app: Flask) -> None:
    """Let the application read them."""
    app.url_map.converters.update(PLACES)


def describe(api: Any) -> None:
    """Let the API's description tell of them."""
    for place in PLACES.values():
        api.register_converter(place, lambda found: {"type": "string", "pattern": f"^{found.regex}$"})
