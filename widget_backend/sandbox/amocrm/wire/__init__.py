"""How the API speaks: queries, bodies, HAL answers, refusals, and the table of routes."""
