"""``basic`` scope: the application, its scopes and options, methods, features, users."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24 import plans
from widget_backend.sandbox.bitrix24.crm.values import flag
from widget_backend.sandbox.bitrix24.envelope import access_denied, argument_missing, iso
from widget_backend.sandbox.bitrix24.registry import METHODS, Call, is_available, method
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES


@method("app.info", "basic")
def app_info(call: Call) -> Any:
    plan = call.portal.settings.plan
    licence = f"{call.portal.settings.lang}_{plan}"
    app = call.caller.app
    if app is None:
        return {"SCOPE": sorted(call.caller.scopes), "LICENSE": licence}
    return {
        "ID": app.id,
        "CODE": app.code,
        "VERSION": app.version,
        "STATUS": app.status,
        "INSTALLED": app.installed,
        "PAYMENT_EXPIRED": "Y" if app.payment_expired else "N",
        "DAYS": None,
        "LANGUAGE_ID": call.portal.settings.lang,
        "LICENSE": licence,
        "LICENSE_TYPE": plan,
        "LICENSE_FAMILY": plans.family(plan),
    }


@method("scope", "basic")
def scope(call: Call) -> Any:
    return sorted(ALL_SCOPES) if flag(call.any_case("full")) == "Y" else sorted(call.caller.scopes)


@method("methods", "basic")
def methods(call: Call) -> Any:
    names = [found.name for key, found in METHODS.items() if is_available(call.portal, key)]
    wanted = call.any_case("scope")
    if wanted:
        names = [name for name in names if str(wanted) in METHODS[name.lower()].scopes]
    elif flag(call.any_case("full")) == "N":
        names = [name for name in names if METHODS[name.lower()].scopes - {"basic"} <= call.caller.scopes]
    return names


@method("method.get", "basic")
def method_get(call: Call) -> Any:
    name = str(call.any_case("name") or "").lower()
    existing = is_available(call.portal, name)
    allowed = existing and METHODS[name].scopes - {"basic"} <= call.caller.scopes
    return {"isExisting": existing, "isAvailable": allowed}


@method("feature.get", "basic")
def feature_get(call: Call) -> Any:
    code = str(call.any_case("CODE") or "")
    if not code:
        raise argument_missing("CODE")
    return {"value": "Y" if plans.has_feature(call.portal.settings, code) else "N"}


@method("server.time", "basic")
def server_time(call: Call) -> Any:
    return iso(call.portal.clock())


@method("app.option.get", "basic", app=True)
def app_option_get(call: Call) -> Any:
    name = call.any_case("option")
    return call.app.options if name is None else call.app.options.get(str(name), "")


@method("app.option.set", "basic", app=True, write=True)
def app_option_set(call: Call) -> Any:
    if not call.caller.user.admin:
        raise access_denied()
    options = call.mapping("options")
    if not options:
        raise argument_missing("options")
    call.app.options.update(
        {key: value if isinstance(value, dict | list) else str(value) for key, value in options.items()}
    )
    return True
