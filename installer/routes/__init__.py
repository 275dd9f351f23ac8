"""Pages and addresses of the installer: both CRMs' doors, and the wizard. They parse, call one function, render."""

from __future__ import annotations

from flask import Blueprint

from installer.routes import amocrm, bitrix24, wizard

BLUEPRINTS: tuple[Blueprint, ...] = (bitrix24.blueprint, amocrm.blueprint, wizard.blueprint)
