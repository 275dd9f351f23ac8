"""A Bitrix24 portal as a real HTTP server with its own state, written from the vendor's documentation.

Driven by clients that are not ours, over a served port (``mount.serve``):

* ``fast_bitrix24``: ``Bitrix(url + portal.webhook(), ssl=False)`` works as it is. Leave ``respect_velocity_policy``
  on: with it off the client breaks on any answer that says ``operating``, as every answer does.
* ``b24pysdk`` builds ``https://`` addresses. Patch ``b24pysdk.api.callers.call_method._MethodCaller._base_url`` with a
  property that answers ``f"http://{self._domain}/rest"``, and ``_OAUTH_TOKEN_URL`` and ``_APP_INFO_URL`` of
  ``BitrixOAuthRequester`` with ``{url}/oauth/token/`` and ``{url}/rest/app.info/``; the domain is ``127.0.0.1:PORT``.
  Then webhook, batch, lists, automatic refresh on ``expired_token`` and ``get_app_info`` work.
"""

from widget_backend.sandbox.bitrix24.app import Emulator, create_app
from widget_backend.sandbox.bitrix24.portal import Portal

__all__ = ["Emulator", "Portal", "create_app"]
