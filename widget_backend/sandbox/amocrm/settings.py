"""How the account behaves; where the vendor's answer is unverified, either can be set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    """What ``POST /_sandbox/settings`` can change."""

    rate: bool = True
    rate_per_client: int = 7
    rate_per_account: int = 50
    #: refusals within a minute that block the account, 0 for never; the vendor's number is not published
    block_after: int = 20
    retry_after: int = 1
    limit_html: bool = False
    blocked: bool = False
    #: "writes" or "all": the subscription has ended
    unpaid: str = ""
    #: "amocrm" or "kommo": language of the 401, body of the 405
    brand: str = "amocrm"
    #: the account's own host after a rename; requests to other hosts find no account
    host: str = ""
    #: hosts that belong to somebody else's account
    foreign_hosts: list[str] = field(default_factory=list)
    #: false: entity filters do nothing
    api_filter: bool = True
    #: refuse filter and order keys that the vendor would silently ignore
    strict_query: bool = False
    fields_page: int = 250
    field_quota: int = 0
    super_fields: bool = True
    strict_colors: bool = True
    #: true: an incoming stage that is switched off is left out of every answer
    hide_unsorted: bool = False
    unsorted_editable: bool = False
    last_stage_deletable: bool = False
    main_moves: bool = True
    cap_status: int = 422
    #: refuse a lead on a stage whose required fields are empty
    enforce_required: bool = False
    #: let every integration write sources
    lead_sources: bool = False
    webhooks_available: bool = True
    webhook_settings_map: bool = False
    #: allow subscribing to unsorted and message events
    unsorted_hooks: bool = False
    post_enables_webhook: bool = False
    duplicate_control: bool = False
    #: "digits": ``query`` finds a phone by its digits however it was written; "written": only as it was written
    phone_search: str = "digits"
    #: linking what is linked already is a server's failure, as reported
    relink_fails: bool = False
    #: of a hundred hooks so many are lost, sent twice, or overtaken by later ones; the seed says which
    lose_percent: float = 0.0
    double_percent: float = 0.0
    reorder_percent: float = 0.0
    event_seed: int = 0
    #: how long every hook waits before it leaves, and how much longer one that is overtaken
    delay_s: float = 0.0
    overtaken_s: float = 1.0
    #: stage actions and bots' questions come as JSON, as the vendor's pages print them
    actions_as_json: bool = False
    #: what signs a bot's question: "HS512", or "HS256" as reported
    bot_algorithm: str = "HS512"
    #: seconds that every write takes on the vendor's side
    write_seconds: float = 0.0
