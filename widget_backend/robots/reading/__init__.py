"""Reading rules: the schema of what people write, and whether a clinic's CRM has what a rule speaks of."""
