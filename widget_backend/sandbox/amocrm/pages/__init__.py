"""The account's pages for people: boards, cards, the trash, stage actions, and the journal of hooks."""
