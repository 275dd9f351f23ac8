"""Widgets of integrations: the archive they come in, and the pages of the account that host them."""
