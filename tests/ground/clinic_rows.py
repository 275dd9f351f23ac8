"""A clinic's rows on the ground floor: its installation, tokens, an audit row and a ticket."""

from __future__ import annotations

from dataclasses import dataclass

from ground.loopback_oauth import TokenServer, grant
from sqlalchemy import text

from widget_backend import audit
from widget_backend.audit import Act
from widget_backend.db import Database, scope
from widget_backend.security import tickets
from widget_backend.security.sessions import Visit
from widget_backend.tenancy import installations, tokens
from widget_backend.tenancy.grants import Grant
from widget_backend.tenancy.installations import InstallationInfo


@dataclass(frozen=True)
class Row:
    """One installed clinic."""

    database: Database
    id: int

    @property
    def info(self) -> InstallationInfo:
        with self.database.transaction() as session:
            return installations.get(session, self.id)

    @property
    def pair(self) -> tokens.Tokens | None:
        with scope(self.id), self.database.transaction() as session:
            return tokens.load(session)

    def acts(self, action: str) -> None:
        with scope(self.id), self.database.transaction() as session:
            audit.record(session, self.id, Act("7", "admin", action, "installation", "support"), {"rows": 1})

    def ticket(self) -> str:
        with scope(self.id), self.database.transaction() as session:
            return tickets.issue(session, Visit(self.id, "7", "admin", placement="CRM_DEAL_DETAIL_TAB", entity="759"))


def install(database: Database, vendor: str, name: str) -> Row:
    return connect(database, grant(vendor, name, 1))


def installed_at(database: Database, server: TokenServer) -> Row:
    return connect(database, server.consent())


def connect(database: Database, granted: Grant) -> Row:
    with database.transaction() as session:
        installation_id = installations.connect(session, granted)
    with scope(installation_id), database.transaction() as session:
        tokens.save(session, installation_id, granted)
    return Row(database, installation_id)


def raw(database: Database, statement: str, **values: object) -> list[tuple[object, ...]]:
    """What a thief of the database would read."""
    with database.engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return [tuple(row) for row in result] if result.returns_rows else []
