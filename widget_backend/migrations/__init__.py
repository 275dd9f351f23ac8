"""Alembic migrations of the product's tables."""
