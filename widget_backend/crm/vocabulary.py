"""The words of the CRM's structure that both vendors are translated into: attributes, field types, colours, system fields.

=============  ======================================================================================================
kind           attributes (those in brackets are fixed once the object exists)
=============  ======================================================================================================
pipeline       name · position (int, order among the preset's pipelines; set once, never compared)
stage          name · position (int from 1, order inside the pipeline) · colour (a name of COLOURS) · [kind: STAGE_KINDS]
loss_reason    name
source         name
tag            name                                            entity: deal or contact
task_type      name
group          name · position (set once)                      entity: deal or contact; a tab of the card in amoCRM
field          name · [type: FIELD_TYPES] · options (tuple of Option) · [multiple: bool] · filterable (bool)
               group (Ref to a group, or None) · required_at (tuple of Ref to stages)      entity: deal or contact
card           sections (tuple of Section)                     entity: deal (parent: its pipeline) or contact (no parent)
subscription   events (tuple of EVENTS)
placement      name · spot (one of SPOTS) · titles (options: language, name in it)
robot          name · description · properties (tuple of Option: key, label) · returns (tuple of Option)
trigger        name
=============  ======================================================================================================

``position`` of a remote object is the number its CRM sorts by; only the order of the numbers means anything. ``name`` of a
remote is read in the account's language.
"""

from __future__ import annotations

from widget_backend.crm.model import Kind

STAGE_KINDS = ("open", "won", "lost")

ENTITIES = ("deal", "contact")

FIELD_TYPES = ("text", "long_text", "number", "money", "boolean", "date", "datetime", "list", "url")

COLOURS = (
    "light_yellow",
    "yellow",
    "light_orange",
    "orange",
    "light_pink",
    "pink",
    "light_blue",
    "blue",
    "light_green",
    "green",
    "light_violet",
    "violet",
    "grey",
)

#: built-in fields by our names; which of them a CRM has, and under which id, is said in ``Capabilities.system_fields``
SYSTEM_FIELDS = (
    "deal.title",
    "deal.amount",
    "deal.client",
    "deal.responsible",
    "deal.comment",
    "deal.source",
    "deal.source_details",
    "deal.utm",
    "deal.loss_reason",
    "deal.origin",
    "contact.last_name",
    "contact.first_name",
    "contact.second_name",
    "contact.birth_date",
    "contact.phone",
    "contact.email",
    "contact.responsible",
    "contact.comment",
)

EVENTS = (
    "deal_added",
    "deal_updated",
    "deal_moved",
    "deal_deleted",
    "contact_added",
    "contact_updated",
    "contact_deleted",
    "activity_added",
    "message_received",
    "task_added",
    "task_completed",
)

SPOTS = ("deal_tab", "deal_toolbar", "deal_list_menu", "left_menu")

#: attributes that are set when the object is made and never compared afterwards
SET_ONCE: dict[Kind, frozenset[str]] = {
    Kind.PIPELINE: frozenset({"position"}),
    Kind.GROUP: frozenset({"position"}),
    Kind.ROBOT: frozenset({"returns"}),
}

#: attributes a CRM cannot change on an existing object: another value means another object
IDENTITY: dict[Kind, frozenset[str]] = {
    Kind.STAGE: frozenset({"kind"}),
    Kind.FIELD: frozenset({"type", "multiple"}),
}
