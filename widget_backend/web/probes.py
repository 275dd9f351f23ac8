"""Whether this process lives, whether it can work, and what Prometheus reads."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Final

from flask import Blueprint, Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import REGISTRY, Collector

from widget_backend import jobs
from widget_backend.db import Database
from widget_backend.errors import Forbidden
from widget_backend.tenancy import installations
from widget_backend.texts import Text
from widget_backend.web.context import context

#: the folder by which several processes add up their numbers; set before they start
SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"

INSIDE_ONLY = Text(
    "Показатели открыты только внутри сети сервера. Ничего не передано: обратитесь к процессу напрямую, минуя прокси.",
    "The figures are open inside the server's network only. Nothing was told: ask the process itself, not through the proxy.",
)

REQUESTS = Counter("dental_http_requests_total", "Answered requests", ["endpoint", "method", "status"])
SECONDS = Histogram("dental_http_seconds", "Seconds until the answer began", ["endpoint"])

blueprint = Blueprint("probes", __name__)


@blueprint.get("/healthz/live")
def live() -> Response:
    """This process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/healthz/ready")
def ready() -> Response:
    """The database answers too; 503 where it does not."""
    answers = context().database.answers()
    response = jsonify({"status": "ok" if answers else "no database"})
    response.status_code = 200 if answers else 503
    return response


@blueprint.get("/metrics")
def metrics() -> Response:
    """Figures of all processes together, never a tenant's name. Raises :class:`Forbidden` to who comes through a proxy."""
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        raise Forbidden(INSIDE_ONLY)
    stored = CollectorRegistry()
    stored.register(_Stored(context().database))
    served: CollectorRegistry = REGISTRY
    if os.environ.get(SHARED):
        served = CollectorRegistry()
        MultiProcessCollector(served)  # type: ignore[no-untyped-call]
    return Response(generate_latest(served) + generate_latest(stored), content_type=CONTENT_TYPE_LATEST)


class _Stored(Collector):
    """What the database knows: the queue, and installations by status."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterable[Metric]:
        with self._database.transaction() as session:
            queue, standing = jobs.stats(session), installations.count(session)
        states = GaugeMetricFamily("dental_jobs", "Jobs in the queue", labels=["state"])
        for state, count in (("waiting", queue.waiting), ("running", queue.running), ("dead", queue.dead)):
            states.add_metric([state], count)
        yield states
        yield GaugeMetricFamily("dental_jobs_oldest_seconds", "How long the oldest due job waits", queue.oldest_wait)
        tenants = GaugeMetricFamily("dental_installations", "Installations", labels=["vendor", "status"])
        for (vendor, status), count in standing.items():
            tenants.add_metric([vendor, status], count)
        yield tenants


def measure(app: Flask) -> None:
    """Count each answer and how long it took to begin."""
    app.before_request(_begin)
    app.after_request(_count)


def _begin() -> None:
    g.began = time.monotonic()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, str(response.status_code)).inc()
    SECONDS.labels(endpoint).observe(time.monotonic() - g.get("began", time.monotonic()))
    return response
