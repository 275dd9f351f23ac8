"""Calls about the daily work: leads, contacts, companies, and what hangs on them."""
