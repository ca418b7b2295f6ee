"""Sealed segments beside backups: each is copied once, under its SHA-256, however many backups need it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from kernel.disk import sync_folder
from kernel.manifest import Segment
from kernel.regular_files import open_regular
from plugins.journal.errors import BackupUnusable

FOLDER: Final = "segments"
_PIECE: Final = 1 << 20


class SegmentStore:
    """The folder `segments` of a folder of backups."""

    def __init__(self, backups: Path) -> None:
        self._folder = backups / FOLDER

    def path(self, segment: Segment) -> Path:
        return self._folder / f"{segment.sha256}.ndjson.zst"

    def has(self, segment: Segment) -> bool:
        """Whether it need not be copied; what it holds is looked at when it is brought back."""
        path = self.path(segment)
        return path.is_file() and path.stat().st_size == segment.packed

    def put(self, segment: Segment, file: IO[bytes]) -> None:
        """Copy it. Raises BackupUnusable where the file is not what was written, and OSError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        path = self.path(segment)
        _copy(_pieces(file), path, segment, f"{segment.name}: is not what was written, so nothing was backed up")
        sync_folder(self._folder.parent)

    def bring_back(self, segment: Segment, to: Path) -> None:
        """Put it in a folder. Raises BackupUnusable where it is not there or damaged, and OSError."""
        path = self.path(segment)
        events = f"events {segment.first} to {segment.last}"
        if not path.is_file():
            raise BackupUnusable(
                f"{path}: is missing, which has {events}. The backup must lie in the folder that `switchboard backup "
                "--into` wrote it to."
            )
        with open_regular(path) as file:
            _copy(_pieces(file), to / segment.name, segment, f"{path}: is damaged ({events})")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _copy(pieces: Iterator[bytes], path: Path, segment: Segment, fault: str) -> None:
    draft = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    digest = sha256()
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if digest.hexdigest() != segment.sha256:
        draft.unlink()
        raise BackupUnusable(f"{fault}: its SHA-256 is another than the manifest says.")
    draft.replace(path)
    sync_folder(path.parent)
