"""What webhooks measure of their own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from kernel.measures import Measure, MeasureKind
from plugins.webhooks.codes import DeliveryFault
from plugins.webhooks.endpoint import WebhookEndpoint

TAKEN = "taken"


def measures(endpoints: Collection[WebhookEndpoint], *, disabled: int, behind: int) -> Sequence[Measure]:
    """`behind`: events that the slowest endpoint which is not disabled has not passed."""
    attempts: Counter[str] = Counter()
    for endpoint in endpoints:
        attempts.update(endpoint.attempts)
    results = ("", *DeliveryFault)
    return (
        Measure(
            name="webhooks_attempts_total",
            help="Messages sent to endpoints, by what has come of it.",
            kind=MeasureKind.COUNTER,
            labels=("result",),
            samples={(result or TAKEN,): float(attempts[result]) for result in results},
        ),
        Measure.gauge("webhooks_endpoints", "Endpoints in the config.", len(endpoints)),
        Measure.gauge("webhooks_endpoints_disabled", "Endpoints that nothing is sent to.", disabled),
        Measure.gauge(
            "webhooks_endpoints_failing",
            "Endpoints whose last attempt failed.",
            sum(endpoint.progress.failures > 0 for endpoint in endpoints),
        ),
        Measure.gauge("webhooks_behind_events", "Events that the slowest endpoint has not passed yet.", behind),
    )
