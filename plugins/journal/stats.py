"""What the journal counts of its own work."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from kernel.measures import Distribution, Measure


class JournalStats(Struct, kw_only=True):
    """Since the start of this run; read it whenever you like, on the loop's thread."""

    events: int = 0
    """Events that came to disk."""
    bytes: int = 0
    commits: int = 0
    """Writes with their syncs; each took everything that had come while the one before ran."""
    commit: Distribution = field(default_factory=Distribution)
    """Seconds from hand-over to durable, of each batch: one for each tick of the loop that published."""
    failures: int = 0
    """Outages: how many times writing began to fail."""
    sealed: int = 0
    """Segments that were compressed."""
    snapshots: int = 0
    snapshot_seq: int = 0
    """The event that the newest snapshot stands at."""


def measures(stats: JournalStats, *, size: int, seq: int) -> Sequence[Measure]:
    """What an on-call engineer asks of the disk. `size` of events.ndjson in bytes, `seq` of the last event taken."""
    return (
        Measure.histogram("journal_commit_seconds", "From hand-over to durable, of each batch.", stats.commit),
        Measure.counter("journal_syncs", "Writes to the disk, each synced.", stats.commits),
        Measure.counter("journal_written_bytes", "Bytes that came to disk.", stats.bytes),
        Measure.counter("journal_failures", "How many times writing began to fail.", stats.failures),
        Measure.gauge("journal_size_bytes", "How long events.ndjson is.", size),
        Measure.counter("journal_sealed_segments", "Segments compressed.", stats.sealed),
        Measure.counter("journal_snapshots", "Snapshots written.", stats.snapshots),
        Measure.gauge(
            "journal_unfolded_events",
            "Events since the last snapshot, for the next start to fold.",
            max(0, seq - stats.snapshot_seq),
        ),
    )
