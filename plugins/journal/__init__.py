"""events.ndjson with group commit, snapshots on disk, and the recovery of both."""

from plugins.journal.plugin import Journal as Journal
