"""Calls about what an admin sets up once: pipelines, fields, tabs, reasons, tags."""
