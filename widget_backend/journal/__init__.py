"""The journal: what happened in a clinic's deals, what the application did about it and why, and what has stopped."""
