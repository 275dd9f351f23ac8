"""What leaves the account by itself: hooks and their retries, widget actions, and the event log beside them."""
