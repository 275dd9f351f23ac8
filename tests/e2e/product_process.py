"""``dental-crm`` as deployed, in a process of its own, where the names and the certificate of the tests are known."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import requests.adapters

sys.path.insert(0, str(Path(__file__).parent))

import names

from widget_backend.cli import main

if __name__ == "__main__":
    socket.getaddrinfo = names.resolve(names.read(os.environ["E2E_NAMES"]))
    requests.adapters.DEFAULT_CA_BUNDLE_PATH = os.environ["E2E_CERTIFICATE"]
    main()
