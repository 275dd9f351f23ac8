"""The portal's records: deals, contacts, tasks, notes."""

from widget_backend.crm.bitrix24.register.records import PortalRecords as PortalRecords  # the package is its face
