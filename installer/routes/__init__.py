"""Pages and addresses of the installer: both CRMs' doors, and the wizard. They parse, call one function, render."""

from __future__ import annotations

from flask import Blueprint

from installer.routes import amocrm, bitrix24, parting, widget, wizard

BLUEPRINTS: tuple[Blueprint, ...] = (
    bitrix24.blueprint,
    amocrm.blueprint,
    widget.blueprint,
    wizard.blueprint,
    parting.blueprint,
)
