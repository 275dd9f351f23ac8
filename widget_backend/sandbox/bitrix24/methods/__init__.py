"""The REST methods by section; importing a module registers its methods."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import every section, so that the table of methods is whole."""
    for module in iter_modules(__path__, __name__ + "."):
        import_module(module.name)
