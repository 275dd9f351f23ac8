"""Emulators of the two CRMs: real HTTP servers with their own state.

They are written from the vendors' documentation and import nothing of the product, so that a wrong mapping in an adapter
is not mirrored here.
"""
