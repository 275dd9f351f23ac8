"""Delivery to browsers and to CRMs: who asks, pages, assets, probes. No logic of the product."""
