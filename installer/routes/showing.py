"""How the wizard's screens are drawn: with their list of steps, for whom, and with a refusal above where there is one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, make_response, render_template
from flask.sansio.app import App

from installer.wizard import desk, path, words
from installer.wizard.draft import Step
from widget_backend.errors import AppError, Conflict, InvalidInput
from widget_backend.tenancy import roles, standing
from widget_backend.texts import Text
from widget_backend.web.auth import installation, visit
from widget_backend.web.context import context

#: both are given the session of the transaction they run in
Show = Callable[[Any], Mapping[str, Any]]
Do = Callable[[Any], object]
View = Callable[[], Response]


def furnish(app: App) -> None:
    """Give templates the wizard's words."""
    app.jinja_env.globals.update(w=words, saying=words.saying)
    app.jinja_env.filters["capital"] = capital


def page(name: str, show: Show, status: int = 200) -> Response:
    """One screen, with what ``show`` reads for it."""
    with context().database.transaction() as session:
        shown = show(session)
        nav = path.nav(session, name)
    drawn = render_template(f"wizard/{name}.html", nav=nav, step=name, **circumstances(), **shown)
    return make_response(drawn, status)


def fragment(name: str, status: int = 200, **shown: Any) -> Response:
    """A part of a screen."""
    return make_response(render_template(f"wizard/{name}.html", **circumstances(), **shown), status)


def done(command: Do, then: View, back: View | None = None) -> Response:
    """Do it in a transaction and show what follows; a refusal is said on the screen it was asked from."""
    try:
        with context().database.transaction() as session:
            command(session)
    except (Conflict, InvalidInput) as fault:
        if back is None:
            raise
        return _refused(back(), fault)
    return then()


def remember(step: Step) -> None:
    """A reload shows this screen again; who only looks moves nobody."""
    if may_change():
        with context().database.transaction() as session:
            desk.open_step(session, visit(), step)


def circumstances() -> dict[str, Any]:
    """What every template asks: whose CRM, who looks, and why they may change nothing."""
    info = installation()
    rights = {"may": may_change(), "may_take": roles.can(visit().role, "export"), "why_not": _why_not()}
    return {**rights, "vendor": info.vendor, "info": info}


def may_change() -> bool:
    """Whether whoever looks may change something now."""
    return _why_not() is None


def capital(sentence: str) -> str:
    """A sentence with a capital letter in front; a name with capitals of its own (amoCRM) stays as it is written."""
    first = sentence.partition(" ")[0]
    return sentence if first[1:] != first[1:].lower() else sentence[:1].upper() + sentence[1:]


def _why_not() -> Text | None:
    if not roles.can(visit().role, "set_up"):
        return roles.NOT_YOURS["set_up"]
    held = standing.SCREENS.get(installation().status)
    return held[1] if held else None


def _refused(screen: Response, fault: AppError) -> Response:
    said = render_template("wizard/refused.html", fault=fault, **circumstances())
    screen.data = said + screen.get_data(as_text=True)
    screen.status_code = fault.status
    return screen
