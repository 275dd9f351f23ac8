"""Provisioning: presets, planner, applier. What a clinic's CRM should hold, and how it gets there."""
