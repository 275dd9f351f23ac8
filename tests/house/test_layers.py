"""Imports point downward: the table of the README's picture, held against the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: longest prefix wins
LAYERS = {
    "widget_backend.texts": 0,
    "widget_backend.clock": 0,
    "widget_backend.config": 0,
    "widget_backend.errors": 0,
    "widget_backend.db": 0,
    "widget_backend.transport": 0,
    "widget_backend.security": 0,
    "widget_backend.sealed": 0,
    "widget_backend.disk": 0,
    "widget_backend.worktime": 0,
    "widget_backend.zones": 0,
    "widget_backend.phones": 0,
    "widget_backend.fields": 0,
    "widget_backend.budget": 1,
    "widget_backend.requestlog": 1,
    "widget_backend.locks": 1,
    "widget_backend.embedded": 1,
    "widget_backend.storage": 1,
    "widget_backend.tenancy": 1,
    "widget_backend.audit": 1,
    "widget_backend.answers": 1,
    "widget_backend.jobs": 1,
    "widget_backend.crm": 2,
    "widget_backend.deals": 3,
    "widget_backend.robots": 4,
    "widget_backend.robots.grammar": 0,
    "widget_backend.robots.rule": 0,
    "widget_backend.inbox": 5,
    "widget_backend.panel": 5,
    "widget_backend.rulebook": 5,
    "widget_backend.preferences": 5,
    "widget_backend.journal": 5,
    "widget_backend.wellbeing": 5,
    "widget_backend.native": 5,
    "installer": 5,
    "installer.routes": 6,
    "widget_backend.web": 6,
    "widget_backend.widget": 6,
    "widget_backend.market": 6,
    "widget_backend.app": 6,
    "widget_backend.tasks": 6,
    "widget_backend.tables": 6,
    "widget_backend.cli": 6,
}
#: what a vendor's folder may know of the rest
SEALED = ("widget_backend.crm.amocrm", "widget_backend.crm.bitrix24")
#: package -> the only places that may import it
CONFINED = {
    "requests": ("widget_backend.transport",),
    "sqlalchemy": (
        "widget_backend.db",
        "widget_backend.budget",
        "widget_backend.locks",
        "widget_backend.requestlog",
        "widget_backend.storage",
        "widget_backend.tenancy",
        "widget_backend.security",
        "widget_backend.sealed",
        "widget_backend.audit",
        "widget_backend.answers",
        "widget_backend.jobs",
        "widget_backend.crm.bindings",
        "widget_backend.crm.charts",
        "widget_backend.deals",
        "widget_backend.robots",
        "widget_backend.inbox",
        "widget_backend.journal",
        "widget_backend.wellbeing",
        "installer.journal",
        "installer.handover",
        "installer.onboarding",
        "installer.wizard",
        "installer.routes.wizard",
        "installer.routes.showing",
    ),
    "flask": ("widget_backend.web", "widget_backend.app", "installer.routes", "widget_backend.sandbox"),
    "gunicorn": ("widget_backend.cli.web",),
    "procrastinate": ("widget_backend.jobs",),
    "jwt": ("widget_backend.security", "widget_backend.crm.amocrm"),
    "cryptography": ("widget_backend.security", "widget_backend.cli.demo"),
    "prometheus_client": ("widget_backend.web.probes", "widget_backend.cli.web"),
    "click": ("widget_backend.cli",),
    "rich": ("widget_backend.cli",),
    "yaml": ("installer.preset.reading",),
    "marshmallow": ("installer.preset.reading", "widget_backend.robots.reading", "widget_backend.web.api"),
    "flask_smorest": ("widget_backend.web.api",),
    "webargs": ("widget_backend.web.api",),
}


def modules() -> list[str]:
    files = [f for top in ("widget_backend", "installer") for f in (ROOT / top).rglob("*.py")]
    names = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in files if "versions" not in f.parts]
    return sorted(name.removesuffix(".__init__") for name in names)


def imported(module: str) -> Iterator[str]:
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")


def layer(name: str) -> int:
    fitting = [prefix for prefix in LAYERS if below(name, prefix)]
    return LAYERS[max(fitting, key=len)] if fitting else -1


def ours(module: str) -> list[str]:
    return [name for name in imported(module) if name.split(".")[0] in ("widget_backend", "installer")]


PRODUCT = [m for m in modules() if not below(m, "widget_backend.sandbox") and "migrations" not in m]


@pytest.mark.parametrize("module", [m for m in PRODUCT if m not in ("widget_backend", "widget_backend.tables")])
def test_nothing_imports_from_above(module: str) -> None:
    upward = [name for name in ours(module) if layer(name) > layer(module)]

    assert upward == []


@pytest.mark.parametrize("module", [m for m in PRODUCT if m != "widget_backend"])
def test_every_module_has_its_layer(module: str) -> None:
    assert layer(module) >= 0


@pytest.mark.parametrize("vendor", SEALED)
def test_a_vendor_never_knows_its_sibling(vendor: str) -> None:
    others = [v for v in SEALED if v != vendor]
    foreign = [n for m in modules() if below(m, vendor) for n in ours(m) if any(below(n, o) for o in others)]

    assert foreign == []


@pytest.mark.parametrize(
    "module", [m for m in modules() if not any(below(m, v) for v in (*SEALED, "widget_backend.sandbox"))]
)
def test_nothing_of_a_vendor_leaks_out_of_its_folder(module: str) -> None:
    inside = [n for n in ours(module) if any(n.startswith(v + ".") for v in SEALED)]

    assert inside == []


@pytest.mark.parametrize("module", [m for m in modules() if below(m, "widget_backend.sandbox")])
def test_the_sandbox_knows_nothing_of_the_product(module: str) -> None:
    product = [name for name in ours(module) if not below(name, "widget_backend.sandbox")]

    assert product == []


@pytest.mark.parametrize("package", CONFINED)
def test_a_package_is_imported_where_it_belongs_and_nowhere_else(package: str) -> None:
    users = {m for m in PRODUCT for name in imported(m) if below(name, package)}
    strangers = [m for m in sorted(users) if not any(below(m, place) for place in CONFINED[package])]

    assert strangers == []
