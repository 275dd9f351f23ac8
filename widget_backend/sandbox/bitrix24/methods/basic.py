"""``basic`` scope: the application, its scopes and options, methods, features, users."""

from __future__ import annotations

from typing import Any

from widget_backend.sandbox.bitrix24.crm.values import LEGACY_YES, flag
from widget_backend.sandbox.bitrix24.envelope import Page, RestError, access_denied, iso
from widget_backend.sandbox.bitrix24.registry import METHODS, Call, is_available, method
from widget_backend.sandbox.bitrix24.state import ALL_SCOPES, User

#: feature -> plan families that have it
FEATURES = {"rest_offline_extended": ("pro", "ent"), "rest_auth_connector": ("pro", "ent")}

FAMILIES = ("project", "basic", "std", "pro", "ent")


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
        "LICENSE_FAMILY": next((family for family in FAMILIES if plan.startswith(family)), plan),
    }


@method("profile", "basic")
def profile(call: Call) -> Any:
    user = call.caller.user
    row: dict[str, Any] = {"ID": str(user.id), "ADMIN": user.admin, "NAME": user.name, "LAST_NAME": user.last_name}
    return row | {"PERSONAL_GENDER": "", "TIME_ZONE": ""}


@method("user.admin", "basic")
def user_admin(call: Call) -> Any:
    return call.caller.user.admin


@method("user.access", "basic")
def user_access(call: Call) -> Any:
    wanted = call.any_case("ACCESS")
    codes = wanted if isinstance(wanted, list) else [wanted]
    return call.caller.user.admin or f"U{call.caller.user.id}" in codes


@method("user.current", "basic")
def user_current(call: Call) -> Any:
    _check_user_scope(call)
    return shown_user(call.caller.user)


@method("user.get", "basic")
def user_get(call: Call) -> Any:
    _check_user_scope(call)
    wanted = {key.lstrip("=").upper(): value for key, value in call.mapping("FILTER").items()}
    wanted |= {key.upper(): value for key, value in call.params.items() if key.upper() in ("ID", "ACTIVE")}
    rows = [shown_user(user) for user in call.portal.users.values()]
    rows = [row for row in rows if all(_fits(row, key, value) for key, value in wanted.items())]
    return Page(rows, total=len(rows))


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
        raise RestError("ERROR_ARGUMENT", "Argument 'CODE' is null or empty", 400, argument="CODE")
    return {"value": "Y" if call.portal.settings.plan.startswith(FEATURES.get(code, ("-",))) else "N"}


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
        raise RestError("ERROR_ARGUMENT", "Argument 'options' is null or empty", 400, argument="options")
    call.app.options.update(
        {key: value if isinstance(value, dict | list) else str(value) for key, value in options.items()}
    )
    return True


def shown_user(user: User) -> dict[str, Any]:
    """A user's row; flags are real booleans here."""
    return {
        "ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": f"user{user.id}@clinic.example",
        "PERSONAL_GENDER": "",
        "WORK_POSITION": "",
        "UF_DEPARTMENT": [1],
        "USER_TYPE": "employee",
    }


def _fits(row: dict[str, Any], key: str, value: Any) -> bool:
    if key not in row:
        return True
    if isinstance(row[key], bool):
        return bool(row[key]) == any(value is yes or value == yes for yes in LEGACY_YES)
    options = value if isinstance(value, list) else [value]
    return str(row[key]) in [str(option) for option in options]


def _check_user_scope(call: Call) -> None:
    if not call.caller.scopes & {"user", "user_basic", "user_brief"}:
        text = "The request requires higher privileges than provided by the access token"
        raise RestError("insufficient_scope", text, 401)
