"""Robots: rules that answer what happens to deals. Run here, as a CRM's API cannot place robots on stages."""
