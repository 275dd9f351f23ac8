"""What holds an installation up, in words for its owner: the bill, access lost, the application removed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from widget_backend.errors import Conflict
from widget_backend.tenancy.installations import InstallationInfo, Status
from widget_backend.texts import Text


class HeldUp(Conflict):
    """Nothing may be changed in this account for now. ``title``: the heading of its screen."""

    def __init__(self, title: Text, message: Text) -> None:
        super().__init__(message)
        self.title = title


PAUSED: Final = (
    Text("Оплаченный срок закончился", "The paid time is over"),
    Text(
        "Оплаченный или пробный срок приложения закончился, или закончилась подписка CRM. Данные и настройки целы, изменения "
        "приостановлены. Продлите подписку в CRM и откройте приложение снова: всё продолжится с того же места.",
        "The paid or trial time of the application, or the CRM's subscription, is over. Data and settings are safe, changes "
        "are paused. Renew the subscription in the CRM and open the application again: everything goes on from there.",
    ),
)
RECONNECT: Final = (
    Text("Нужно подключить заново", "Connect again"),
    Text(
        "CRM больше не принимает наш доступ: сотрудник, который его выдал, отключён, или доступ отозван. Данные и настройки "
        "целы, ничего не задвоится. Откройте приложение из CRM под администратором: доступ восстановится сам.",
        "The CRM no longer accepts our access: whoever granted it was dismissed, or it was revoked. Data and settings are "
        "safe, nothing will be doubled. Open the application from the CRM as an administrator: access is restored by that.",
    ),
)
HALTED: Final = (
    Text("Работа приостановлена", "Work is paused"),
    Text(
        "Администратор клиники приостановил приложение: правила не работают, события CRM сохраняются. Ничего не потеряно: "
        "после «Продолжить работу» в настройках всё накопленное будет обработано.",
        "An administrator of the clinic has paused the application: rules do not run, events of the CRM are stored. Nothing is "
        "lost: after “Go on with the work” in the settings all that has gathered is worked on.",
    ),
)
TRIAL: Final = Text(
    "Идёт пробный период. Всё работает полностью; чтобы работа не остановилась, продлите приложение в CRM до его конца.",
    "This is the trial period. Everything works; so that work does not stop, renew the application in the CRM before it ends.",
)
#: status -> heading and words of its screen
SCREENS: Final[Mapping[Status, tuple[Text, Text]]] = {"paused": PAUSED, "reconnect": RECONNECT}


def check(info: InstallationInfo) -> None:
    """Raises :class:`HeldUp` unless work may go on."""
    if info.status in SCREENS:
        raise HeldUp(*SCREENS[info.status])


def check_work(info: InstallationInfo) -> None:
    """Raises :class:`HeldUp` unless robots and buttons may go on. The set-up may while a clinic has only paused its work."""
    check(info)
    if is_halted(info):
        raise HeldUp(*HALTED)


def is_halted(info: InstallationInfo) -> bool:
    """Whether the clinic itself has paused its work."""
    return bool(info.settings.get("halted"))


def screen(info: InstallationInfo) -> tuple[Text, Text] | None:
    """Heading and words of what holds the daily work up; ``None`` where nothing does."""
    return SCREENS.get(info.status) or (HALTED if is_halted(info) else None)


def on_trial(info: InstallationInfo) -> Text | None:
    """What to say above every page while nobody has paid yet."""
    return TRIAL if info.settings.get("paid") == "trial" else None
