"""Tenants: an installation in one account of one CRM."""
