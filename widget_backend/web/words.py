"""Words in templates: the language of a request, and ``say``, by which a template writes a :class:`Text` in it."""

from __future__ import annotations

from flask import Flask, g, request

from widget_backend.texts import Language, Text
from widget_backend.web.assets import asset
from widget_backend.web.context import context
from widget_backend.zones import city

SUPPORT = Text("Код для поддержки", "Code for support")


def language() -> Language:
    """Of the session, else as the CRM says in ``LANG``, else as the browser asks, else as the server is set."""
    known: Language | None = g.get("language")
    if known is not None:
        return known
    said = request.args.get("LANG", "")
    accepted = request.accept_languages.best_match(["ru", "en"])
    return spoken(said) if said else spoken(accepted) if accepted else context().settings.language


def spoken(code: str) -> Language:
    """The nearer of our languages: Russian where it is understood, English elsewhere."""
    return "ru" if code.lower()[:2] in ("ru", "be", "by", "kk", "kz", "ky", "kg", "uz") else "en"


def say(text: Text | str) -> str:
    """The words in the language of this request."""
    return text.into(language()) if isinstance(text, Text) else text


def furnish(app: Flask) -> None:
    """Give templates ``say`` (a filter and a function), ``city``, ``asset``, ``language`` and ``nonce``."""
    app.jinja_env.filters["say"] = say
    app.jinja_env.filters["city"] = city
    app.jinja_env.globals.update(say=say, asset=asset)
    app.context_processor(lambda: {"language": language(), "nonce": g.get("nonce", ""), "support": SUPPORT})
