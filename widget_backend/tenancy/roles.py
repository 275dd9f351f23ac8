"""Who may do what in an installation. Pure.

A role follows from the CRM (its administrators are ours), read anew each time a page is opened, and from what an
administrator has appointed, which may be taken away at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, get_args

from widget_backend.security.sessions import Role
from widget_backend.texts import Text

Right = Literal["look", "set_up", "export", "work_deals", "change_rules", "change_settings", "replay"]

#: ``look``: see pages, without patients' data; ``set_up``: whatever changes the CRM's structure; ``export``: take files away;
#: ``work_deals``: see what is in deals, copy and route them; ``change_rules``: of robots; ``change_settings``: of the
#: clinic, who takes deals among them; ``replay``: what has stopped
RIGHTS: Final[Mapping[Role, frozenset[Right]]] = {
    "owner": frozenset(get_args(Right)),
    "admin": frozenset(get_args(Right)),
    "coordinator": frozenset({"look", "work_deals"}),
    "marketer": frozenset({"look"}),
    "auditor": frozenset({"look", "export"}),
    "user": frozenset({"look"}),
}
#: roles that an administrator may appoint
APPOINTED: Final[tuple[Role, ...]] = ("coordinator", "marketer", "auditor")

NOT_YOURS: Final[Mapping[Right, Text]] = {
    "look": Text(
        "Эта страница вам не открыта. Ничего не изменено: попросите администратора CRM дать доступ.",
        "This page is not open to you. Nothing was changed: ask an administrator of the CRM for access.",
    ),
    "set_up": Text(
        "Менять настройку CRM может только её администратор, вам открыт просмотр. Ничего не изменено: попросите "
        "администратора открыть эту страницу.",
        "Only an administrator of the CRM may change its set-up, you may look. Nothing was changed: ask an administrator to "
        "open this page.",
    ),
    "export": Text(
        "Выгружать файлы могут администратор CRM и аудитор, вам открыт просмотр. Ничего не выгружено: попросите "
        "администратора.",
        "An administrator of the CRM and an auditor may take files away, you may look. Nothing was exported: ask an "
        "administrator.",
    ),
    "work_deals": Text(
        "Копировать и распределять сделки отсюда могут администратор CRM и координатор. Ничего не изменено: попросите "
        "администратора назначить вас координатором.",
        "An administrator of the CRM and a coordinator may copy and route deals here. Nothing was changed: ask an "
        "administrator to make you a coordinator.",
    ),
    "change_rules": Text(
        "Менять правила роботов может только администратор CRM, вам открыт просмотр. Ничего не изменено: попросите "
        "администратора.",
        "Only an administrator of the CRM may change the robots' rules, you may look. Nothing was changed: ask an "
        "administrator.",
    ),
    "change_settings": Text(
        "Менять настройки клиники может только администратор CRM, вам открыт просмотр. Ничего не изменено: попросите "
        "администратора.",
        "Only an administrator of the CRM may change the clinic's settings, you may look. Nothing was changed: ask an "
        "administrator.",
    ),
    "replay": Text(
        "Повторять остановленное может только администратор CRM, вам открыт просмотр. Ничего не повторено: попросите "
        "администратора.",
        "Only an administrator of the CRM may repeat what has stopped, you may look. Nothing was repeated: ask an "
        "administrator.",
    ),
}


def can(role: Role, right: Right) -> bool:
    """Whether a role has a right; one we do not know has none."""
    return right in RIGHTS.get(role, frozenset())


def role_still(settings: Mapping[str, Any], user_id: str, role: Role) -> Role:
    """The role that a page was opened with, unless an administrator has taken it away since or given another one."""
    if role in APPOINTED and isinstance(settings.get("staff"), dict):
        return role_of(settings, user_id, is_admin=False)
    return role


def role_of(settings: Mapping[str, Any], user_id: str, *, is_admin: bool) -> Role:
    """The role of a user of the CRM. An owner who is no administrator any more is a user like others.

    ``settings`` of the installation: ``owner`` is who installed it, ``staff`` maps users to the roles they were given.
    """
    if is_admin:
        return "owner" if user_id and settings.get("owner") == user_id else "admin"
    staff = settings.get("staff")
    appointed = staff.get(user_id) if isinstance(staff, dict) else None
    return appointed if appointed in APPOINTED else "user"
