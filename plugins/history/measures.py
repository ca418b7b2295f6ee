"""What the archive measures of its own work."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.measures import Measure, MeasureKind
from plugins.history import schema
from plugins.history.follower import ArchiveFollower
from plugins.history.readers import Readers


def measures(follower: ArchiveFollower, readers: Readers, behind: int) -> Sequence[Measure]:
    """`behind`: events that the archive has not taken yet."""
    writer = follower.writer
    return (
        Measure.gauge("history_cursor_seq", "The last event that the archive has.", writer.cursor),
        Measure.gauge("history_durable_seq", "The last event that it has synced.", writer.durable or 0),
        Measure.gauge("history_behind_events", "Events that it has not taken yet.", behind),
        Measure.gauge("history_size_bytes", "Its files on disk.", schema.size_of(writer.path)),
        Measure.gauge("history_held_rows", "Rows in memory, of what is open.", writer.held),
        Measure.gauge("history_failing", "1 while it cannot go on.", float(follower.trouble is not None)),
        Measure.counter("history_rebuilds_total", "Times that it was begun anew.", follower.rebuilds),
        Measure.counter("history_passed_over_total", "Events that it could not read.", writer.passed_over),
        Measure.counter("history_queries_total", "Queries.", readers.queries),
        Measure.counter(
            "history_queries_too_long_total", "Queries that were ended at their deadline.", readers.too_long
        ),
        Measure(
            name="history_batch_seconds",
            help="What writing a batch takes.",
            kind=MeasureKind.HISTOGRAM,
            samples={(): writer.batches},
        ),
    )
