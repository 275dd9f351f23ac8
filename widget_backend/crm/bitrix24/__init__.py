"""Bitrix24, cloud and self-hosted: the set-up of one portal over an incoming webhook or as an installed application."""

from __future__ import annotations

from widget_backend.crm.bitrix24.structure import PortalStructure
from widget_backend.crm.port import Connection, Structure
from widget_backend.transport import Door


def structure(connection: Connection, door: Door) -> Structure:
    """The set-up of the portal at the other end of ``connection``; sends nothing yet."""
    return PortalStructure(connection, door)
