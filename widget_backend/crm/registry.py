"""The vendors: one line each. A new vendor is a folder of the same shape plus a line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from widget_backend.budget import DatabaseBudget
from widget_backend.config import Rate, ServerSettings, Settings
from widget_backend.crm import amocrm, bitrix24
from widget_backend.crm.chart import Chart
from widget_backend.crm.entrance import Entrance, Host, Tended, TendedRecords
from widget_backend.crm.native import Native
from widget_backend.crm.port import Application, Connection, Loss, OAuth, Records, Structure
from widget_backend.db import Database, in_transaction
from widget_backend.errors import VendorError
from widget_backend.requestlog import DatabaseLog
from widget_backend.tenancy import installations
from widget_backend.tenancy.installations import InstallationInfo
from widget_backend.texts import Text
from widget_backend.transport import PATIENT, Door, Patience

#: part of the name of the rate budget for requests before an account is known
NOBODY = "oauth"
#: stands where the door will put an access token
TOKEN = "-"  # noqa: S105


@dataclass(frozen=True, slots=True)
class Vendor:
    """One CRM. ``rate``: its usual limit per account. ``oauth``: how accounts let us in;
    ``loss``: what a refusal says of our access; ``announce``: has the account tell us of the application's own life.
    ``board``: the path of the page where a pipeline's deals stand; ``card``: that of a deal; ``we_name_secret``: what proves
    its events is not given by the CRM, we choose it;
    ``native``: its own automation, where that can be handed rules. ``permissions``: what our card there asks for -> whether
    nothing works without it. ``spots``: our word for a place in its pages -> its own, where places are bound by name."""

    key: str
    title: Text
    rate: Rate
    structure: Callable[[Connection, Door], Structure]
    records: Callable[[Connection, Door, Chart], Records]
    oauth: Callable[[ServerSettings, Door], OAuth]
    loss: Callable[[VendorError], Loss]
    announce: Callable[[Connection, Door], None]
    board: Callable[[str], str]
    card: Callable[[str], str]
    we_name_secret: bool = False
    native: Native | None = None
    permissions: Mapping[str, bool] = field(default_factory=dict)
    spots: Mapping[str, str] = field(default_factory=dict)


VENDORS: Mapping[str, Vendor] = {
    "bitrix24": Vendor(
        "bitrix24",
        Text("Битрикс24", "Bitrix24"),
        rate=Rate(2.0, 50),
        structure=bitrix24.structure,
        records=bitrix24.records,
        oauth=bitrix24.oauth,
        loss=bitrix24.loss,
        announce=bitrix24.announce,
        board=bitrix24.board,
        card=bitrix24.card,
        native=bitrix24.PortalNative(),
        permissions=bitrix24.PERMISSIONS,
        spots=bitrix24.SPOTS,
    ),
    "amocrm": Vendor(
        "amocrm",
        Text("amoCRM", "amoCRM"),
        rate=Rate(6.5, 1),
        structure=amocrm.structure,
        records=amocrm.records,
        oauth=amocrm.oauth,
        loss=amocrm.loss,
        announce=amocrm.announce,
        board=amocrm.board,
        card=amocrm.card,
        we_name_secret=True,
        permissions=amocrm.PERMISSIONS,
    ),
}


@dataclass(frozen=True, slots=True)
class Connected:
    """One installation's account, ready to be spoken to. ``door`` counts what was sent."""

    structure: Structure
    door: Entrance
    connection: Connection

    def records(self, chart: Chart) -> Records:
        """The account's records, in the words of its chart."""
        return TendedRecords(VENDORS[self.door.vendor].records(self.connection, self.door, chart), self.door)


def connect(
    database: Database, settings: ServerSettings, installation_id: int, patience: Patience = PATIENT
) -> Connected:
    """The account of an installation; sends nothing yet. Raises :class:`NotFound`.

    Its calls raise :class:`AccessLost` where only its owner can let us in again; the installation's status says so then.
    """
    with database.transaction() as session:
        info = installations.get(session, installation_id)
    return connected(database, settings, info, patience)


def connected(
    database: Database, settings: ServerSettings, info: InstallationInfo, patience: Patience = PATIENT
) -> Connected:
    """The same, of an installation that was just read."""
    vendor, account = VENDORS[info.vendor], f"{info.vendor}:{info.host}"
    host = Host(database, oauth(database, settings, info.vendor, info.host), vendor.loss, info.id)
    log = DatabaseLog(database.engine, account)
    budget = DatabaseBudget(database.engine, account, rate(settings, info.vendor), patience)
    door = Entrance(host, info.base_url, info.vendor, budget, log, in_transaction, patience)
    # the door puts the real token in, request by request
    application = Application(settings.public_url, info.application_token)
    connection = Connection(info.base_url, TOKEN, application, info.account)
    return Connected(Tended(vendor.structure(connection, door), door), door, connection)


def oauth(database: Database, settings: ServerSettings, key: str, host: str = NOBODY) -> OAuth:
    """How accounts of a vendor let us in; ``host``: whose rate budget its requests count in."""
    vendor, account = VENDORS[key], f"{key}:{host}"
    budget = DatabaseBudget(database.engine, account, rate(settings, key))
    door = Door(key, budget, DatabaseLog(database.engine, account), in_transaction=in_transaction)
    return vendor.oauth(settings, door)


def rate(settings: Settings, key: str) -> Rate:
    """How fast accounts of a vendor may be asked."""
    return settings.rates.get(key, VENDORS[key].rate)


def offered(settings: ServerSettings) -> tuple[str, ...]:
    """The vendors whose application is ours to speak for."""
    return tuple(key for key in VENDORS if getattr(settings, key) is not None)
