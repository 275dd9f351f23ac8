"""All that the page of the CRM's robots says, and the command."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

TITLE = Text("Роботы CRM", "The CRM's robots")
LEAD = Text(
    "Правила выполняет приложение, и это работает на любом тарифе. Здесь часть правил можно передать роботам самой CRM: тогда "
    "они видны на экране «Роботы» и работают, даже если приложение недоступно. Делать это необязательно.",
    "The application carries out the rules, on any plan. Here some of them can be handed to the CRM's own robots: then they "
    "are seen on its screen of robots and work even while the application is away. Nobody has to do this.",
)
FACTS: Final = (
    Text(
        "Ни одно правило не выполняется дважды: переданное приложение больше не выполняет, пока его не вернут.",
        "No rule runs twice: one that was handed over is not carried out by the application until it is taken back.",
    ),
    Text(
        "О выполненном роботами CRM в журнале приложения записи и объяснения «почему» не будет.",
        "The application's journal says nothing of what the CRM's robots did, nor why.",
    ),
    Text(
        "Сделки, которые уже стоят на этапе, дождутся своего срока в приложении: новое касается тех, что придут после.",
        "Deals that stand at a stage already wait for their time in the application: the new way is for those that come later.",
    ),
)

# states
NO_NATIVE = Text("В этой CRM передавать правила некому", "There is nobody to hand rules to in this CRM")
NO_NATIVE_HINT = Text(
    "Роботов на этапы этой CRM приложение поставить не может. Все правила выполняет приложение, делать ничего не нужно.",
    "The application cannot put robots on the stages of this CRM. It carries out all rules, there is nothing to do.",
)
EMPTY = Text("Правил пока нет", "There are no rules yet")
EMPTY_HINT = Text(
    "Они появятся, когда администратор пройдёт настройку до конца. В CRM ничего не изменено.",
    "They appear once an administrator has gone through the set-up. Nothing was changed in the CRM.",
)
TO_WIZARD = Text("Открыть настройку", "Open the set-up")
NOT_DONE = Text("Не сделано", "Not done")
READ_ONLY = Text("Только просмотр", "View only")

# handed over
HANDED = Text("Передано", "Handed over")
HANDED_NONE = Text(
    "Пока ничего не передано: все правила выполняет приложение.", "Nothing yet: the application does it all."
)
BY_ROBOTS = Text("Роботам на этапах: {count}", "To robots on stages: {count}")
BY_FLOWS = Text("Бизнес-процессам: {count}", "To workflows: {count}")
SINCE = Text("с {at}", "since {at}")
STALE = Text(
    "Правило с тех пор изменилось, а CRM выполняет прежнее: верните его и передайте снова.",
    "The rule has changed since, and the CRM carries out the old one: take it back and hand it over again.",
)
GONE = Text(
    "Правила больше нет, а CRM его выполняет: верните.", "The rule is gone, and the CRM carries it out: take it back."
)
FILE = Text("Скачать архив роботов", "Download the archive of robots")
FILE_READY = Text(
    "Архив готов, загрузка началась. Не началась? Нажмите здесь", "The archive is ready. Not downloading? Press here"
)
IMPORT = Text("Открыть в CRM страницу импорта", "Open the CRM's page of import")
STEPS_TITLE = Text("Как поставить роботов", "How to put the robots there")
STEPS: Final = (
    Text(
        "Скачайте архив. Он собран для этой CRM и других этапов не касается.",
        "Download the archive. It is made for this CRM and touches no other stages.",
    ),
    Text(
        "Администратор CRM открывает «Пресеты решений», выбирает импорт и загружает архив. Сделки, воронки и поля остаются на "
        "месте: очистка в архиве выключена. Если CRM всё же предложит удалить данные, откажитесь и закройте страницу.",
        "An administrator of the CRM opens its solution presets, chooses import and uploads the archive. Deals, pipelines and "
        "fields stay: clearing is off in the archive. Should the CRM offer to delete data, refuse and close the page.",
    ),
    Text(
        "Экран «Роботы» этих воронок до импорта не открывайте: открытый однажды, он прячет привезённых роботов. Импорт делают "
        "один раз.",
        "Do not open the screen of robots of these pipelines before: once opened, it hides what is imported. Import once only.",
    ),
    Text(
        "До импорта переданные правила не выполняет никто: не откладывайте его.",
        "Until then nobody carries out what was handed over: do not put it off.",
    ),
)
LIMITS = Text(
    "Роботов в архиве: {robots}, триггеров: {triggers}, этапов: {stages}. Если на тарифе CRM роботов меньше, она остановит все "
    "роботы сделок: проверьте тариф до импорта.",
    "Robots in the archive: {robots}, triggers: {triggers}, stages: {stages}. Where the CRM's plan has fewer, it stops all "
    "robots of deals: look at the plan before.",
)

# taking back
TAKE_BACK = Text("Вернуть приложению", "Take back")
REMOVED = Text(
    "Роботы этих правил убраны с этапов в CRM", "The robots of these rules were taken off the stages in the CRM"
)
REMOVED_HINT = Text(
    "Убрать их может только человек, на экране «Роботы». Иначе правило сработает дважды.",
    "Only a person can remove them, on the screen of robots. Else a rule would act twice.",
)
STILL_THERE = Text(
    "Отметьте, что роботы убраны с этапов. Ничего не изменено: иначе правило сработало бы дважды.",
    "Tick that the robots were removed from their stages. Nothing was changed: else a rule would act twice.",
)

# offers
CAN = Text("Можно передать", "Can be handed over")
CAN_NONE = Text("Больше ничего передать нельзя.", "There is nothing else to hand over.")
TO_ROBOTS = Text("Передать роботам на этапах", "Hand to robots on stages")
TO_ROBOTS_HINT = Text(
    "Выбранные правила приложение выполнять перестанет, роботов ставит архив.",
    "The application stops carrying out what is chosen; an archive puts the robots there.",
)
TO_FLOW = Text("Передать бизнес-процессу", "Hand to a workflow")
TO_FLOW_HINT = Text(
    "Ожидание живёт в CRM: приложение ставит шаблон и запускает его, когда сделка приходит на этап.",
    "The waiting lives in the CRM: the application puts a template there and starts it when a deal comes to the stage.",
)
ALL_OF = Text("Все: {name}", "All: {name}")
OTHER = Text("Другие правила", "Other rules")
CANNOT = Text("Остаётся в приложении", "Stays in the application")
OFF = Text("Выключенные правила не показаны: {count}", "Rules that are switched off are not shown: {count}")

# what came of it
GIVEN = Text(
    "Передано правил: {count}. Приложение их больше не выполняет: скачайте архив и импортируйте его.",
    "Handed over: {count}. The application no longer carries them out: download the archive and import it.",
)
FLOWING = Text(
    "Правило «{rule}» передано бизнес-процессу: для новых сделок ждёт CRM.",
    "The rule “{rule}” was handed to a workflow: for new deals the CRM waits.",
)
TAKEN = Text(
    "Возвращено правил: {count}. Их снова выполняет приложение.", "Taken back: {count}. The application does it again."
)
NONE_CHOSEN = Text(
    "Ни одно правило не выбрано. Ничего не изменено: отметьте правила и повторите.",
    "No rule was chosen. Nothing was changed: tick rules and try again.",
)
NOT_NOW = Text(
    "Правило «{rule}» передать нельзя: оно уже передано, выключено или изменилось. Ничего не изменено: обновите страницу.",
    "The rule “{rule}” cannot be handed over: it was already, is switched off or has changed. Nothing was changed: reload.",
)
NOT_HANDED = Text(
    "Эти правила не переданы. Ничего не изменено: обновите страницу.",
    "These rules were not handed over. Nothing was changed: reload the page.",
)
NOTHING_HANDED = Text(
    "Роботам ничего не передано, класть в архив нечего. Передайте правила на странице «Роботы CRM» или добавьте --hand-over.",
    "Nothing was handed to robots, there is nothing to put in the archive. Hand rules over on the page of the CRM's robots, or "
    "add --hand-over.",
)
NO_ARCHIVE = Text(
    "Архив роботов бывает только для Битрикс24. Ничего не сделано: правила выполняет приложение.",
    "An archive of robots is for Bitrix24 only. Nothing was done: the application carries out the rules.",
)
