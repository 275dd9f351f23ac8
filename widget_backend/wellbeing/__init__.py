"""Wellbeing: whether all that a clinic needs from us and its CRM works, and what to do where it does not."""
