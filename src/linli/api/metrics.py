"""Counters of the API. With `PROMETHEUS_MULTIPROC_DIR` set, they are those of all processes together."""

from __future__ import annotations

import os
from functools import cache

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess

REQUESTS = Counter("linli_http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "linli_http_request_seconds", "Time to answer.", ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)  # fmt: skip
_METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"))


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one request. `route` is a template, never a path: ids must not become labels."""
    method = method if method in _METHODS else "other"
    requests, took = _children(method, route, status)
    requests.inc()
    took.observe(seconds)


@cache
def _children(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def exposition() -> tuple[bytes, str]:
    """(body, content type)."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(), CONTENT_TYPE_LATEST
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry), CONTENT_TYPE_LATEST
