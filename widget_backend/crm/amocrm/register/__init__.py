"""The account's records: deals, contacts, tasks, notes."""

from widget_backend.crm.amocrm.register.records import AccountRecords as AccountRecords  # the package is its face
