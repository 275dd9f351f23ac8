"""Pages that are not fragments: the shell that a CRM opens in its frame, and notices without a session."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flask import Response, g, make_response, render_template

from widget_backend.clock import now
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import installations, standing
from widget_backend.texts import Text
from widget_backend.web.context import context

#: where the shell's skeleton begins: the set-up, and the daily work once that was proven
START: Final = "/wizard"
OFFICE: Final = "/office"


def shell(visit: Visit, frame_origin: str, start: str = "") -> Response:
    """The page around all fragments: carries the session, may be framed by ``frame_origin`` alone, loads ``start``, or what
    an account is occupied with.

    The template gets ``session``, ``vendor`` (bitrix24 or amocrm: whose frame it is), ``start``, ``visit``, and in
    ``trial`` words to say above every page, or nothing.
    """
    g.frame_origin, g.language = frame_origin, visit.language
    with context().database.transaction() as session:
        info = installations.get(session, visit.installation_id)
    page = render_template(
        "layout/shell.html",
        session=context().sessions.issue(replace(visit, since=int(now().timestamp()))),
        vendor=info.vendor,
        start=start or (OFFICE if info.activated_at else START),
        visit=visit,
        trial=standing.on_trial(info),
    )
    return make_response(page)


def notice(
    title: Text, message: Text, status: int = 200, *, frame_origin: str = "", action: tuple[Text, str] | None = None
) -> Response:
    """A page that says one thing; ``action``: words and address of its one button."""
    g.frame_origin = frame_origin or g.get("frame_origin", "")
    page = render_template("pages/notice.html", title=title, message=message, action=action)
    return make_response(page, status)
