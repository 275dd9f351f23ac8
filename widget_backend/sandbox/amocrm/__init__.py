"""An amoCRM account as a real HTTP server with its own state, written from the vendor's documentation.

People use it by its pages (``/``): boards, cards, the trash, stage actions (``/settings/stages/``), and the journal of
hooks with the handlers' answers (``/settings/hooks/``). Tests use ``account`` and the control room, JSON below
``/_sandbox/``: ``GET state``, ``requests``; ``POST settings`` (faults of hooks: ``lose_percent``, ``double_percent``,
``reorder_percent``, ``delay_s``, ``event_seed``), ``faults``, ``leads``, ``clock``, ``deliver``, ``reset``, ``apps``;
``triggers``, ``untrigger``, ``bots``; ``message``, ``call``, ``request`` of a patient; ``trash``, ``restore``, ``merge``.

Driven by clients that are not ours, over a served port (``mount.serve``):

* ``aioamocrm``: ``AmoCRMClient(base_url=url, auth=LongLivedToken(account.long_lived_token()))`` works as it is, with
  ``OAuth2`` as well.
* ``amocrm-api`` builds ``https://`` addresses. Patch ``amocrm.v2.interaction.BaseInteraction._get_url`` with one that
  answers ``f"{url}/api/v4/{path}"``, and lead the ``requests.post`` of ``amocrm.v2.tokens`` to ``url``. It has no pace
  of its own: switch ``settings.rate`` off.
"""

from widget_backend.sandbox.amocrm.account import Account
from widget_backend.sandbox.amocrm.app import Emulator, create_app

__all__ = ["Account", "Emulator", "create_app"]
