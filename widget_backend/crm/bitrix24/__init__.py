"""Bitrix24, cloud and self-hosted: the set-up of one portal over an incoming webhook or as an installed application."""

from __future__ import annotations

from widget_backend.config import ServerSettings
from widget_backend.crm.bitrix24 import hooks as hooks  # the package is the vendor's face
from widget_backend.crm.bitrix24 import setting as setting
from widget_backend.crm.bitrix24 import webhook as webhook
from widget_backend.crm.bitrix24.lifecycle import announce as announce
from widget_backend.crm.bitrix24.losses import loss as loss
from widget_backend.crm.bitrix24.native import PortalNative as PortalNative
from widget_backend.crm.bitrix24.oauth import BitrixOAuth
from widget_backend.crm.bitrix24.permissions import PERMISSIONS as PERMISSIONS
from widget_backend.crm.bitrix24.register import PortalRecords
from widget_backend.crm.bitrix24.structure import PortalStructure
from widget_backend.crm.bitrix24.words import SPOTS as SPOTS
from widget_backend.crm.chart import Chart
from widget_backend.crm.port import Connection, OAuth, Records, Structure
from widget_backend.transport import Door


def structure(connection: Connection, door: Door) -> Structure:
    """The set-up of the portal at the other end of ``connection``; sends nothing yet."""
    return PortalStructure(connection, door)


def records(connection: Connection, door: Door, chart: Chart) -> Records:
    """The records of the portal at the other end of ``connection``, in the words of its chart; sends nothing yet."""
    return PortalRecords(connection, door, chart)


def board(pipeline: str = "") -> str:
    """The path of the page where a pipeline's deals stand, by its id; of all deals without one."""
    return f"/crm/deal/kanban/category/{pipeline}/" if pipeline else "/crm/deal/"


def card(deal: str) -> str:
    """The path of a deal's card."""
    return f"/crm/deal/details/{deal}/"


def oauth(settings: ServerSettings, door: Door) -> OAuth:
    """How portals let our application in; the settings must have its name and secret."""
    assert settings.bitrix24
    return BitrixOAuth(settings.bitrix24, settings.bitrix24_oauth_hosts, door)
