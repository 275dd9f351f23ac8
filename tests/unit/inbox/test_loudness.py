"""Loudness: an account that tells much more than others stands in a queue of its own, until it is quiet again."""

from __future__ import annotations

from collections import Counter

from widget_backend.inbox.loudness import BURST, RATE, Loudness

BORIS, CLARA = 1, 3


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_usual_day_is_never_loud() -> None:
    clock = Clock()
    loudness = Loudness(clock)
    queues = Counter[str]()

    for second in range(600):
        clock.now = float(second)
        queues[loudness.queue(BORIS)] += 1

    assert queues == {"default": 600}


def test_an_import_is_loud_from_some_point_on_and_its_neighbour_is_not() -> None:
    loudness = Loudness(Clock())

    told = Counter(loudness.queue(BORIS) for _ in range(10_000))

    assert told == {"default": BURST, "loud": 10_000 - BURST}
    assert loudness.queue(CLARA) == "default"


def test_who_has_grown_quiet_is_heard_as_all_others_are() -> None:
    clock = Clock()
    loudness = Loudness(clock)
    before = [loudness.queue(BORIS) for _ in range(BURST + 1)]

    clock.now += 1 / RATE

    assert (before[-1], loudness.queue(BORIS), loudness.queue(BORIS)) == ("loud", "default", "loud")


def test_a_body_counts_as_all_that_it_tells() -> None:
    loudness = Loudness(Clock())

    told = Counter(loudness.queue(BORIS, 50) for _ in range(200))

    assert told == {"default": 1, "loud": 199}
