"""Onboarding: an account comes, somebody opens our pages in it, it is in arrears, it goes. No pages, no vendor."""

from __future__ import annotations

from installer.onboarding.arrears import ask_standing, reread_paused, reread_standing
from installer.onboarding.arriving import Arrival, prove, receive
from installer.onboarding.connecting import (
    NOT_ADMIN,
    accept,
    announce,
    connect,
    exchange,
    keep_application_token,
    renew,
    spend,
)
from installer.onboarding.inviting import FRAME, Guest, admit, invite, ticket
from installer.onboarding.leaving import confirm_removal, hear_removal, look_into_removal, uninstall

__all__ = [
    "FRAME",
    "NOT_ADMIN",
    "Arrival",
    "Guest",
    "accept",
    "admit",
    "announce",
    "ask_standing",
    "confirm_removal",
    "connect",
    "exchange",
    "hear_removal",
    "invite",
    "keep_application_token",
    "look_into_removal",
    "prove",
    "receive",
    "renew",
    "reread_paused",
    "reread_standing",
    "spend",
    "ticket",
    "uninstall",
]
