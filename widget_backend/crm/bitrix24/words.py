"""Our words in Bitrix24's: entities, stages, colours, field types, events, places, languages. Tables only."""

from __future__ import annotations

from collections.abc import Mapping

#: our entity -> ``entityTypeId`` (bitrix24.md §4) and the word in ``crm.<word>.userfield.*``
ENTITY_TYPES: Mapping[str, int] = {"deal": 2, "contact": 3}
DEAL, CONTACT, LEAD = 2, 3, 1

#: directory of sources, and of the stages of a pipeline (§4.2)
SOURCES = "SOURCE"
STAGES = "DEAL_STAGE"
#: the pipeline that is always there, has no prefix in its codes and cannot be deleted (§4.1)
DEFAULT_PIPELINE = "0"

#: ``SEMANTICS`` -> kind of stage; empty is a stage under way
STAGE_KINDS: Mapping[str, str] = {"S": "won", "F": "lost"}
SEMANTICS: Mapping[str, str] = {"open": "", "won": "S", "lost": "F"}
#: codes of the eight stages a new pipeline comes with (§4.2), and the names they are given
STOCK_NAMES: Mapping[str, frozenset[str]] = {
    "NEW": frozenset({"новая", "новый", "new"}),
    "PREPARATION": frozenset({"подготовка документов", "prepare documents", "document preparation"}),
    # the vendor's own word begins with a Latin letter in some builds
    "PREPAYMENT_INVOICE": frozenset({"счет на предоплату", "cчет на предоплату", "prepayment invoice"}),
    "EXECUTING": frozenset({"в работе", "in progress", "executing"}),
    "FINAL_INVOICE": frozenset({"финальный счет", "final invoice"}),
    "WON": frozenset({"сделка успешна", "deal won", "won"}),
    "LOSE": frozenset({"сделка провалена", "deal lost", "lost"}),
    "APOLOGY": frozenset({"анализ причины провала", "analyze failure", "analyse failure", "failure analysis"}),
}

#: our colours; any may be written (§4.2)
COLOURS: Mapping[str, str] = {
    "light_yellow": "#FFF6B3",
    "yellow": "#FFE14D",
    "light_orange": "#FFE0B0",
    "orange": "#FFB547",
    "light_pink": "#FFD6DC",
    "pink": "#FF8FA3",
    "light_blue": "#CDEBFF",
    "blue": "#7CC4FA",
    "light_green": "#DDF3B8",
    "green": "#8FD65C",
    "light_violet": "#EAD9FF",
    "violet": "#B98AF5",
    "grey": "#DFE3E8",
}
COLOUR_NAMES: Mapping[str, str] = {code.lower(): name for name, code in COLOURS.items()}

#: our field types as they are made (§4.5)
FIELD_TYPES: Mapping[str, str] = {
    "text": "string",
    "long_text": "string",
    "number": "double",
    "money": "money",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "list": "enumeration",
    "url": "url",
}
#: lines of a long text; a text of more than one line is read as a long one
LONG_TEXT_ROWS = 5
#: field types as they are read; one not named here keeps the vendor's word
FIELD_TYPE_NAMES: Mapping[str, str] = {
    "string": "text",
    "integer": "number",
    "double": "number",
    "money": "money",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "enumeration": "list",
    "url": "url",
}

#: our events -> the portal's, all of scope ``crm`` (§2.3). A move inside a pipeline is an update; a message and a to-do are
#: activities, and a conversation's activity is updated with each message
EVENTS: Mapping[str, tuple[str, ...]] = {
    "deal_added": ("ONCRMDEALADD",),
    "deal_updated": ("ONCRMDEALUPDATE",),
    "deal_moved": ("ONCRMDEALUPDATE", "ONCRMDEALMOVETOCATEGORY"),
    "deal_deleted": ("ONCRMDEALDELETE",),
    "contact_added": ("ONCRMCONTACTADD",),
    "contact_updated": ("ONCRMCONTACTUPDATE",),
    "contact_deleted": ("ONCRMCONTACTDELETE",),
    "activity_added": ("ONCRMACTIVITYADD",),
    "message_received": ("ONCRMACTIVITYADD", "ONCRMACTIVITYUPDATE"),
    "task_added": ("ONCRMACTIVITYADD",),
    "task_completed": ("ONCRMACTIVITYUPDATE",),
}

#: our places -> the portal's (§5.2)
SPOTS: Mapping[str, str] = {
    "deal_tab": "CRM_DEAL_DETAIL_TAB",
    "deal_toolbar": "CRM_DEAL_DETAIL_TOOLBAR",
    "deal_list_menu": "CRM_DEAL_LIST_MENU",
    "left_menu": "LEFT_MENU",
}
SPOT_NAMES: Mapping[str, str] = {code: spot for spot, code in SPOTS.items()}

#: languages in which labels are read; ours are written in one, which fills them all (§10, 20)
LANGUAGES = ("ru", "en")
#: languages (of ``LANGUAGE_ID``) and regions (before the ``_`` of ``LICENSE``) where the portal speaks Russian
RUSSIAN = frozenset({"ru", "by", "kz", "kg", "uz", "am", "az", "ge"})

#: user fields for which a portal may keep no filter flag, whatever it was told: the flag is sent and not compared
WITHOUT_FILTER_FLAG = frozenset({"money", "url", "address", "file"})
