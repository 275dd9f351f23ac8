"""What a test or ``POST /_sandbox/settings`` can change of a portal: its plan and limits, and how it treats events."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    """One portal's settings; times are in seconds."""

    plan: str = "std"
    lang: str = "ru"
    rest_enabled: bool = True
    #: lower-case or not: these answer 404
    hidden_methods: list[str] = field(default_factory=list)
    #: pipelines beside the default one; 0 is no limit
    pipeline_limit: int = 0
    #: the new host; the old one answers 302
    renamed_to: str = ""
    #: where the OAuth side is, as in the world, on a host of its own; empty: on the portal's
    oauth_url: str = ""
    closed: bool = False
    #: ask for mandatory user fields in ``crm.item.*``
    check_required: bool = False

    rate_limit: bool = True
    operating_ceiling: float = 480.0
    #: method -> seconds that a call is said to work
    costs: dict[str, float] = field(default_factory=dict)
    #: seconds that adding a user field really takes
    latency_s: float = 0.0
    #: the longest that one HTTP request may work by ``costs`` and ``latency_s``
    request_s: float = 60.0

    #: a refresh token may be used again
    old_refresh_lives: bool = False
    #: leave out of a code's grant what the documentation does not name
    brief_grants: bool = False

    #: of a hundred deliveries so many are lost, sent twice, or overtaken by later ones; the seed says which
    lose_percent: float = 0.0
    double_percent: float = 0.0
    reorder_percent: float = 0.0
    event_seed: int = 0
    #: how long every delivery waits in the queue, and how much longer one that is overtaken
    delay_s: float = 0.0
    overtaken_s: float = 1.0
    #: so many of the next deliveries are lost, or sent twice
    drop_events: int = 0
    duplicate_events: int = 0
    #: the newest delivery goes first
    reorder_events: bool = False
    #: a handler slower than this is left alone for ``back_off_s``
    slow_handler_s: float = 5.0
    back_off_s: float = 60.0
