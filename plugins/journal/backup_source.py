"""The journal's files as a backup takes them: opened at one moment, held against their checksums as they are read."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, NamedTuple
from zlib import crc32

from kernel import manifest as manifests
from kernel.manifest import Base, JournalManifest, ManifestDamaged, Segment
from kernel.regular_files import open_regular
from kernel.segments import LIVE
from plugins.journal import sums
from plugins.journal.errors import BackupUnusable
from plugins.journal.history import History
from plugins.journal.sums import StoredSums

_TRIES: Final = 10
"""How often they are opened, if one was sealed or renamed in that moment."""
PAUSE_S: Final = 0.02


class OpenedJournal(NamedTuple):
    """They stay what they are, whatever is renamed or removed from now on."""

    manifest: JournalManifest | None
    content: bytes
    """Of the manifest."""
    segments: Sequence[tuple[Base | Segment, IO[bytes]]]
    """What is before events.ndjson, oldest first."""
    events: IO[bytes]
    sums: StoredSums | None
    end: int
    """Where the last whole line of events.ndjson ends."""
    seq: int
    """The last event."""


@contextmanager
def opened(folder: Path) -> Iterator[OpenedJournal]:
    """Open all of the journal. Raises BackupUnusable, and OSError."""
    for _ in range(_TRIES):
        with ExitStack() as stack:
            found = _at_once(folder, stack)
            if found is not None:
                yield found
                return
        time.sleep(PAUSE_S)
    raise BackupUnusable(
        f"{folder}: its files do not fit {manifests.FILE}, so nothing was backed up. What is wrong: switchboard "
        f"journal verify --data {folder.parent}"
    )


def _at_once(folder: Path, stack: ExitStack) -> OpenedJournal | None:
    try:
        return _open(folder, stack)
    except FileNotFoundError:
        return None  # sealed or renamed in that moment, or gone for good


def _open(folder: Path, stack: ExitStack) -> OpenedJournal | None:
    """None where a file was renamed meanwhile. Raises FileNotFoundError for the same reason."""
    manifest = _manifest(folder)
    parts: list[Base | Segment] = list(manifest.segments) if manifest is not None else []
    if manifest is not None and manifest.base is not None:
        parts.insert(0, manifest.base)
    files = [(part, stack.enter_context(open_regular(folder / part.name))) for part in parts]
    events = stack.enter_context(open_regular(folder / LIVE))
    found = sums.read(folder / sums.FILE)  # before the journal's end is looked for, so that it is not ahead of it
    history = History(folder / LIVE, manifest.last if manifest is not None else 0)
    end, seq = history.end, history.last_seq()
    there, now = os.fstat(events.fileno()), (folder / LIVE).stat()
    if _manifest(folder) != manifest or (there.st_dev, there.st_ino) != (now.st_dev, now.st_ino):
        return None
    content = manifests.encode(manifest) if manifest is not None else b""
    return OpenedJournal(manifest, content, files, events, found, end, seq)


def _manifest(folder: Path) -> JournalManifest | None:
    try:
        return manifests.read(folder)
    except ManifestDamaged as error:
        raise BackupUnusable(f"{folder / manifests.FILE}: is damaged, so nothing was backed up: {error}") from error


class Summed:
    """A file whose CRC-32 is taken as it is read; `crc_there` is that of its first `there` bytes."""

    def __init__(self, file: IO[bytes], there: int) -> None:
        self.crc = self.crc_there = 0
        self._file = file
        self._rest = there

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        if self._rest:
            self.crc_there = crc32(piece[: self._rest], self.crc)
            self._rest = max(0, self._rest - len(piece))
        self.crc = crc32(piece, self.crc)
        return piece


class Checked:
    """A segment or a base, which has to be what was written."""

    def __init__(self, part: Base | Segment, file: IO[bytes]) -> None:
        self._part = part
        self._file = file
        self._digest = sha256()
        self._crc = 0

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self._digest.update(piece)
        self._crc = crc32(piece, self._crc)
        return piece

    def expect(self, folder: Path) -> None:
        """All of it has been read. Raises BackupUnusable where it is not what was written."""
        part = self._part
        if isinstance(part, Segment) and not part.is_sealed:
            is_good = self._crc == part.crc
        else:
            is_good = self._digest.hexdigest() == part.sha256
        if not is_good:
            raise BackupUnusable(
                f"{folder / part.name}: is not what was written, so nothing was backed up. What is wrong with it: "
                f"switchboard journal verify --data {folder.parent}"
            )
