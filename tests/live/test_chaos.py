"""A town of clinics whose CRMs lose, double and mix up what they tell, and whose worker is killed: nobody notices."""

from __future__ import annotations

from bench.chaos import Kills, judged
from bench.chaos_script import Script
from bench.live_town import ground
from databases import fresh


def test_chaos_ends_as_peace_does(server_url: str) -> None:
    with ground(fresh(server_url)) as there:
        verdict = judged(there, 4, Script(patients=4, seed=1), workers=1, kills=Kills(every=3.0, most=2))

    print(verdict)
    assert verdict.is_good, str(verdict)
    assert verdict.wild.kills == 2
    assert verdict.wild.events >= 300
