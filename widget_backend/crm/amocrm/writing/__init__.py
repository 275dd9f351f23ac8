"""Carries out changes in one account: pipelines and stages, dictionaries, tabs, fields, hooks, deletes."""
