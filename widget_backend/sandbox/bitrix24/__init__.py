"""A Bitrix24 portal as a real HTTP server with its own state, written from the vendor's documentation.

``portal.calls`` holds what reached a method, ``emulator.faults`` plans what goes wrong (``refusals.py`` names the kinds),
``portal.settings`` the plan and the limits; ``frames.py`` opens applications as the portal does.

Driven by clients that are not ours, over a served port (``mount.serve``):

* ``fast_bitrix24``: ``Bitrix(url + portal.webhook(), ssl=False)`` works as it is. Leave ``respect_velocity_policy``
  on: with it off the client breaks on any answer that says ``operating``, as every answer does.
* ``b24pysdk`` builds ``https://`` addresses. Patch ``_base_url`` of its ``_MethodCaller`` with a property that answers
  ``f"http://{self._domain}/rest"``, and ``_OAUTH_TOKEN_URL`` and ``_APP_INFO_URL`` of ``BitrixOAuthRequester`` with
  ``{url}/oauth/token/`` and ``{url}/rest/app.info/``; the domain is ``127.0.0.1:PORT``.
"""

from widget_backend.sandbox.bitrix24.app import Emulator, create_app
from widget_backend.sandbox.bitrix24.portal import Portal

__all__ = ["Emulator", "Portal", "create_app"]
