"""The CRM's own rules: stages, fields, items, filters, names and values as the two APIs write them."""
