"""What the journal counts of its own work."""

from __future__ import annotations

from msgspec import Struct


class Stats(Struct, kw_only=True):
    """Since the start of this run; read it whenever you like, on the loop's thread."""

    events: int = 0
    """Events that came to disk."""
    bytes: int = 0
    commits: int = 0
    """Writes with their syncs; each took everything that had come while the one before ran."""
    commit_s: float = 0.0
    """Seconds from hand-over to durable, summed over batches: one for each tick of the loop that published."""
    batches: int = 0
    slowest_commit_s: float = 0.0
    failures: int = 0
    """Outages: how many times writing began to fail."""
    snapshots: int = 0
    snapshot_seq: int = 0
    """The event that the newest snapshot stands at."""
