"""What the journal raises on purpose; the class says who has to act.

kernel.errors.PluginFailed
└── JournalUnusable        the start is refused; a person acts on what the message says
    ├── DataInUse          another process writes here: stop it, or give this one a folder of its own
    ├── JournalDamaged     events are missing or unreadable: bring the file back from a backup, or cut it knowingly
    └── JournalTooNew      written by a newer version: install that one
OSError
└── FileTouched            somebody moved, cut or wrote to the file under us: refuse commits, and try again
IdentityDamaged            the file cannot be used: what it says is in events.sum too
BackupUnusable             a backup cannot be taken or brought back: the message says what to do
SegmentChanged             a segment that is to be sealed is not what was written: it stays as it is, and is told
SnapshotUnfit              a snapshot cannot be used: take the one before, or fold the whole journal
└── SnapshotOutdated       it is whole, and of another version of Switchboard
"""

from __future__ import annotations

from kernel.errors import PluginFailed


class JournalUnusable(PluginFailed):
    """The journal cannot be taken up, and the system does not start without it. Nothing was changed on disk."""


class DataInUse(JournalUnusable):
    """Two processes on one folder would write over each other."""


class JournalDamaged(JournalUnusable):
    """An event is missing, unreadable, changed, or not allowed where it stands, or files do not belong together.

    To start all the same would lose it silently. `place` is the offset in events.ndjson of the first line that cannot
    be used, where there is one.
    """

    def __init__(self, message: str, *, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


class JournalTooNew(JournalUnusable):
    """An event is of a kind that this version does not know."""


class FileTouched(OSError):
    """Another program moved, cut or wrote to events.ndjson while it was in use."""


class IdentityDamaged(Exception):
    """The file `identity` does not hold what was written. It is made anew from events.sum."""


class SegmentChanged(Exception):
    """A segment that is to be sealed is not what was written. It stays as it is."""


class BackupUnusable(Exception):
    """A backup was not written, or not unpacked; nothing was changed."""


class SnapshotUnfit(Exception):
    """A snapshot is broken, of another format, or not of this journal. The journal itself is not in doubt."""


class SnapshotOutdated(SnapshotUnfit):
    """A snapshot of another version: nothing is wrong with it."""
