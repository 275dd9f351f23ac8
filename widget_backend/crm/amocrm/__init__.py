"""amoCRM (and Kommo): the set-up of one account over API v4, with a long-lived or an application's token."""

from __future__ import annotations

from collections.abc import Mapping

from widget_backend.config import ServerSettings
from widget_backend.crm.amocrm import hooks as hooks  # the package is the vendor's face
from widget_backend.crm.amocrm import webhook as webhook
from widget_backend.crm.amocrm.losses import loss as loss
from widget_backend.crm.amocrm.oauth import AmoOAuth
from widget_backend.crm.amocrm.register import AccountRecords
from widget_backend.crm.amocrm.structure import AccountStructure
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Connection, OAuth, Records, Structure
from widget_backend.transport import Door

#: where the browser comes back from the consent page, and the install hook arrives; registered with the integration
CALLBACK = "/install/amocrm"
#: what the integration's card asks an account for -> whether nothing works without it (amocrm.md §1.1)
PERMISSIONS: Mapping[str, bool] = {"crm": True}


def structure(connection: Connection, door: Door) -> Structure:
    """The set-up of the account at the other end of ``connection``; sends nothing yet."""
    return AccountStructure(connection, door)


def records(connection: Connection, door: Door, chart: Chart) -> Records:
    """The records of the account at the other end of ``connection``, in the words of its chart; sends nothing yet."""
    return AccountRecords(connection, door, chart)


def board(pipeline: str = "") -> str:
    """The path of the page where a pipeline's deals stand, by its id; of all deals without one."""
    return f"/leads/pipeline/{pipeline}/" if pipeline else "/leads/"


def card(deal: str) -> str:
    """The path of a deal's card."""
    return f"/leads/detail/{deal}"


def oauth(settings: ServerSettings, door: Door) -> OAuth:
    """How accounts let our integration in; the settings must have its id and secret."""
    assert settings.amocrm
    return AmoOAuth(
        settings.amocrm, settings.public_url + CALLBACK, settings.amocrm_hosts, settings.amocrm_oauth_page, door
    )


def announce(connection: Connection, door: Door) -> None:
    """Nothing to say: where a removal is told stands in the integration's card."""
