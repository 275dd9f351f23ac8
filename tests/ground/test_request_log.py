"""The log of requests to vendors, when it cannot be written."""

from __future__ import annotations

from sqlalchemy import create_engine

from widget_backend.requestlog import DatabaseLog
from widget_backend.transport import Call

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"


def test_an_answer_is_not_lost_with_its_line_in_the_log() -> None:
    log = DatabaseLog(create_engine(NOWHERE), "amocrm:alice.amocrm.ru")

    log.note(Call("POST", "https://alice.amocrm.ru/oauth2/access_token", "oauth refresh_token"), 200, 12, "", "")
