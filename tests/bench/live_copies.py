"""``python -m tests.bench.live_copies``: requests that one copied deal costs; notes, tasks and links between the two aside."""

from __future__ import annotations

import sys
import tempfile
import warnings
from collections import Counter
from pathlib import Path

sys.path.extend(str(Path(__file__).parents[1] / folder) for folder in ("", "web", "live"))

from copy_desks import settled
from databases import fresh, server
from houses import house

BARS = {"bitrix24": 2, "amocrm": 3}


def copies() -> None:
    """Print them for each CRM."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = Path(folder)
        with server(home / "pg", home / "home") as url, house(fresh(url), home / "house") as there:
            for vendor, crm in (("bitrix24", there.boris), ("amocrm", there.alice)):
                desk = settled(there, crm)
                desk.settings = {"without": ["ties"]}
                deal = desk.deal(desk.patient())
                made = desk.copies(deal)
                assert made.made
                asked = desk.requests
                listed = ", ".join(f"{name} x{count}" if count > 1 else name for name, count in Counter(asked).items())
                print(
                    f"{vendor}: {len(asked)} requests for a copied deal ({listed}); the bar is {BARS[vendor]}",
                    flush=True,
                )


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    copies()
