"""Our words in amoCRM's: entities, colours, field types, events, names the vendor gives by itself. Tables only."""

from __future__ import annotations

from collections.abc import Mapping

#: our entity -> the vendor's, in paths
ENTITIES: Mapping[str, str] = {"deal": "leads", "contact": "contacts"}

#: system stages, of the same id in every pipeline (amocrm.md §3.2), and the kind of stage they are
WON, LOST = 142, 143
FINAL: Mapping[int, str] = {WON: "won", LOST: "lost"}
FINAL_IDS: Mapping[str, int] = {kind: number for number, kind in FINAL.items()}
#: ``type`` of «Неразобранное»: takes no deals of ours and is not to be counted on
UNSORTED_TYPE = 1
#: names the vendor gives to 142 and 143
STOCK_NAMES = frozenset(
    {
        "успешно реализовано",
        "закрыто и не реализовано",
        "closed - won",
        "closed - lost",
        "closed won",
        "closed lost",
    }
)

#: our colours among the 21 that may be written (§3.2)
COLOURS: Mapping[str, str] = {
    "light_yellow": "#fffeb2",
    "yellow": "#fff000",
    "light_orange": "#ffeab2",
    "orange": "#ffce5a",
    "light_pink": "#ffdbdb",
    "pink": "#ff8f92",
    "light_blue": "#d6eaff",
    "blue": "#98cbff",
    "light_green": "#ebffb1",
    "green": "#87f2c0",
    "light_violet": "#f9deff",
    "violet": "#eb93ff",
    "grey": "#e6e8ea",
}
#: all that may be written (§3.2): a colour read elsewhere is not among them and cannot be put back
WRITABLE_COLOURS = frozenset(
    {*COLOURS.values(), "#fffd7f", "#ffdc7f", "#ffc8c8", "#c1e0ff", "#deff81", "#f3beff", "#ccc8f9", "#f2f3f4"}
)
#: colours as they are read: the written ones, and how older accounts show them
COLOUR_NAMES: Mapping[str, str] = {
    **{code: name for name, code in COLOURS.items()},
    "#99ccff": "blue",
    "#ffcc66": "orange",
}

#: our field types as they are made (§3.3); «monetary» is a paid option, so money is a number here
FIELD_TYPES: Mapping[str, str] = {
    "text": "text",
    "long_text": "textarea",
    "number": "numeric",
    "money": "numeric",
    "boolean": "checkbox",
    "date": "date",
    "datetime": "date_time",
    "list": "select",
    "url": "url",
}
MULTIPLE_LIST = "multiselect"
#: field types as they are read; one not named here keeps the vendor's word
FIELD_TYPE_NAMES: Mapping[str, str] = {
    "text": "text",
    "textarea": "long_text",
    "numeric": "number",
    "monetary": "number",
    "checkbox": "boolean",
    "date": "date",
    "date_time": "datetime",
    "select": "list",
    "radiobutton": "list",
    "multiselect": "list",
    "url": "url",
}
#: fields with utm marks and the like: there from the start, never deleted
TRACKING = "tracking_data"
#: what the codes of our fields begin with
CODE_PREFIX = "DENT_"
#: the tab of the card that is there from the start; on write it is ``null`` (§3.3)
MAIN_GROUPS = frozenset({None, "", "default"})
#: tabs the vendor makes; they take no fields of ours
STOCK_GROUPS = MAIN_GROUPS | {"statistic"}

#: our events -> account webhooks (§5.1). There is no event of a message; a conversation is updated with each one
EVENTS: Mapping[str, tuple[str, ...]] = {
    "deal_added": ("add_lead",),
    "deal_updated": ("update_lead",),
    "deal_moved": ("status_lead",),
    "deal_deleted": ("delete_lead",),
    "contact_added": ("add_contact",),
    "contact_updated": ("update_contact",),
    "contact_deleted": ("delete_contact",),
    "activity_added": ("note_lead", "note_contact"),
    "message_received": ("add_talk", "update_talk"),
    "task_added": ("add_task",),
    "task_completed": ("update_task",),
}

#: countries where the account speaks Russian; elsewhere the names of its task types tell
RUSSIAN_COUNTRIES = frozenset({"RU", "BY", "KZ", "UZ", "KG", "TJ", "AM", "AZ", "GE", "MD", "TM"})
