"""Delivery to browsers and to CRMs: who asks, pages, assets, health. No logic of the product."""
