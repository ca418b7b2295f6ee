"""What notify measures of its own work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kernel.measures import Measure, MeasureKind
from plugins.notify.codes import SendFault

TAKEN = "taken"


def measures(sent: Counter[str], *, pending: int, dropped: int, failing: int) -> Sequence[Measure]:
    """`sent`: notifications by their fault, empty for those that were taken."""
    return (
        Measure(
            name="notify_sent_total",
            help="Notifications, by what has come of them.",
            kind=MeasureKind.COUNTER,
            labels=("result",),
            samples={(result or TAKEN,): float(sent[result]) for result in ("", *SendFault)},
        ),
        Measure.gauge("notify_pending", "Alerts that wait to be told, over all targets.", pending),
        Measure.counter("notify_dropped_total", "Alerts that were too many to be kept.", dropped),
        Measure.gauge("notify_targets_failing", "Targets whose last notification failed.", failing),
    )
