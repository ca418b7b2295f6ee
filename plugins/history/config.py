"""The table `[history]`."""

from __future__ import annotations

from collections.abc import Iterable

from kernel.findings import Deployment, unwritable
from kernel.plugin import PluginConfig
from plugins.history.zones import zone_of


class HistoryConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[history]`."""

    zone: str = "UTC"
    """The time zone of the days in reports, such as `Europe/Berlin`. With another one the archive is built anew."""
    keep_days: float = 14.0
    """What has ended so long ago leaves the live state, once the archive has it on disk."""
    keep_rows: int = 1_000
    """Of more ended chats or tasks, or players that are left alone, the oldest leave earlier."""
    batch_seconds: float = 0.5
    """How often the archive takes what has happened; so much it is behind at most while it keeps up."""
    batch_events: int = 20_000
    """Events in one transaction at most."""
    readers: int = 2
    """Queries that run at once; others wait."""
    query_seconds: float = 5.0
    """What one query may take before it is ended."""
    export_rows: int = 100_000
    """Rows in one export at most."""

    def __post_init__(self) -> None:
        try:
            zone_of(self.zone)
        except ValueError as error:
            raise ValueError(f"zone: {error}") from None
        if not 0 <= self.keep_days <= 36_500:
            raise ValueError("keep_days: give 0 to 36500")
        if not 0 <= self.keep_rows <= 100_000:
            raise ValueError("keep_rows: give 0 to 100000")
        if not 0.05 <= self.batch_seconds <= 60:
            raise ValueError("batch_seconds: give 0.05 to 60")
        if not 100 <= self.batch_events <= 1_000_000:
            raise ValueError("batch_events: give 100 to 1000000")
        if not 1 <= self.readers <= 16:
            raise ValueError("readers: give 1 to 16")
        if not 0.1 <= self.query_seconds <= 50:
            raise ValueError("query_seconds: give 0.1 to 50; a request ends after 60 s whatever it does")
        if not 1 <= self.export_rows <= 1_000_000:
            raise ValueError("export_rows: give 1 to 1000000")

    def findings(self, deployment: Deployment) -> Iterable[str]:
        folder = deployment.folder("history")
        objection = unwritable(folder) if folder is not None else None
        if objection is not None:
            yield f"the archive has no place: {objection}"
