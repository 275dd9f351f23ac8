"""The privacy policy and the licence as pages: without a session, since whoever has not installed us yet reads them."""

from __future__ import annotations

from typing import Final

from flask import Blueprint, g, render_template, request

from widget_backend import market
from widget_backend.market import Document
from widget_backend.market.naming import NAME
from widget_backend.web.context import context
from widget_backend.web.words import spoken

#: language of the other version -> its name there
OTHER: Final = {"en": "English", "ru": "Русский"}

blueprint = Blueprint("documents", __name__)


@blueprint.get(market.PRIVACY_PATH)
def privacy() -> str:
    """What data, what for, how long."""
    return _shown(market.privacy(market.publisher(context().settings)))


@blueprint.get(market.LICENCE_PATH)
def licence() -> str:
    """On what terms."""
    return _shown(market.licence(market.publisher(context().settings)))


def _shown(document: Document) -> str:
    """In the language of ``lang``, else as for any page."""
    if asked := request.args.get("lang", ""):
        g.language = spoken(asked)
    return render_template("pages/document.html", document=document, product=NAME, other=OTHER, path=request.path)
