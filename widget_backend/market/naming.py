"""The application's name, the same in both markets, in the widget and in the documents."""

from __future__ import annotations

from typing import Final

from widget_backend.texts import Text

NAME: Final = Text("Стоматология: воронки и карточки", "Dental: pipelines and cards")
#: what is new in it; of the first version nothing is
NEWS: Final = Text(
    "Первая версия: установка воронок и карточек по шагам, панель сделки, копирование с предпросмотром, маршрут первичного и "
    "повторного пациента, правила, журнал, настройки и страница здоровья.",
    "The first version: pipelines and cards set up step by step, the panel of a deal, copying with a preview, the route of a "
    "new and a returning patient, rules, journal, settings and the page of health.",
)
