"""Words of the event log: the types of events, and the numbers of field types in them."""

from __future__ import annotations

NOTE_EVENTS = {
    "common": "common_note_added",
    "call_in": "incoming_call",
    "call_out": "outgoing_call",
    "service_message": "service_note_added",
    "extended_service_message": "service_note_added",
    "message_cashier": "message_to_cashier_note_added",
    "geolocation": "geo_note_added",
    "sms_in": "incoming_sms",
    "sms_out": "outgoing_sms",
    "attachment": "attachment_note_added",
}

#: action of a change of a record -> how its event ends
RECORD_EVENTS = {"add": "added", "delete": "deleted", "restore": "restored"}

#: old value that a task's change keeps -> its event, and the keys of the value in it
TASK_EVENTS = {
    "text": ("task_text_changed", ("task", "text")),
    "complete_till": ("task_deadline_changed", ("task_deadline", "timestamp")),
    "task_type_id": ("task_type_changed", ("task_type", "id")),
}

#: any change of any field; the log itself writes the field's number into the word
ANY_FIELD = "custom_field_value_changed"

FIELD_NUMBERS = {
    "text": 1,
    "numeric": 2,
    "checkbox": 3,
    "select": 4,
    "multiselect": 5,
    "date": 6,
    "url": 7,
    "multitext": 8,
    "textarea": 9,
    "radiobutton": 10,
    "streetaddress": 11,
    "smart_address": 13,
    "birthday": 14,
    "legal_entity": 15,
    "date_time": 19,
}

TYPES = (
    "lead_added",
    "lead_deleted",
    "lead_restored",
    "lead_status_changed",
    "lead_linked",
    "lead_unlinked",
    "contact_added",
    "contact_deleted",
    "contact_restored",
    "contact_linked",
    "contact_unlinked",
    "company_added",
    "company_deleted",
    "company_restored",
    "company_linked",
    "company_unlinked",
    "task_added",
    "task_deleted",
    "task_completed",
    "task_type_changed",
    "task_text_changed",
    "task_deadline_changed",
    "task_result_added",
    "incoming_call",
    "outgoing_call",
    "incoming_chat_message",
    "outgoing_chat_message",
    "entity_direct_message",
    "incoming_sms",
    "outgoing_sms",
    "entity_tag_added",
    "entity_tag_deleted",
    "sale_field_changed",
    "name_field_changed",
    ANY_FIELD,
    "entity_responsible_changed",
    "robot_replied",
    "intent_identified",
    "common_note_added",
    "attachment_note_added",
    "geo_note_added",
    "service_note_added",
    "message_to_cashier_note_added",
    "entity_merged",
)
