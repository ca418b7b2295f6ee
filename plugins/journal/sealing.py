"""Segments compressed by a thread, in steps, each of which a start finds and goes on from.

The lines go to `events-FIRST.ndjson.zst.tmp`, which is read back, synced and renamed; the manifest takes its SHA-256;
the plain file is removed. Until then the plain one is the segment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import BinaryIO, Final
from zlib import crc32

import msgspec

from kernel.disk import sync_folder
from kernel.manifest import Segment
from kernel.regular_files import open_regular
from kernel.seekable import frames, last_line, packed, unpacked
from plugins.journal.errors import SegmentChanged
from plugins.journal.manifest_file import ManifestFile

_PIECE: Final = 1 << 20


class SealingStopped(Exception):
    """It was broken off, and goes on at the next start."""


def seal(manifest: ManifestFile, segment: Segment, stopped: Event) -> Segment:
    """Compress one segment, whose plain file is on disk. Raises SegmentChanged, SealingStopped, and OSError."""
    folder = manifest.folder
    plain, whole = folder / segment.plain_name, folder / segment.packed_name
    draft = whole.with_name(f"{whole.name}.tmp")
    try:
        size, digest = _written(draft, plain, segment, stopped)
    except BaseException:  # raised again: what is there of it is of no use
        with suppress(OSError):
            draft.unlink()
        raise
    draft.replace(whole)
    sync_folder(folder)
    sealed = msgspec.structs.replace(segment, packed=size, sha256=digest)
    manifest.replace(sealed)
    forget_plain(folder, sealed)
    return sealed


def _written(draft: Path, plain: Path, segment: Segment, stopped: Event) -> tuple[int, str]:
    """Its length and its SHA-256, once it is whole and on disk."""
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+b") as file, open_regular(plain) as source:
        for piece in packed(_PlainFile(segment, plain).lines(source, stopped)):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
        _read_back(file, segment, draft, stopped)
        return _digest(file)


def forget_plain(folder: Path, segment: Segment) -> None:
    """Remove the plain file of one that is sealed. Raises OSError."""
    (folder / segment.plain_name).unlink(missing_ok=True)
    sync_folder(folder)


class _PlainFile:
    """The plain file, which has to be what was written."""

    def __init__(self, segment: Segment, path: Path) -> None:
        self._segment = segment
        self._path = path

    def lines(self, source: BinaryIO, stopped: Event) -> Iterator[bytes]:
        crc = size = lines = 0
        while piece := source.read(_PIECE):
            if stopped.is_set():
                raise SealingStopped
            crc, size, lines = crc32(piece, crc), size + len(piece), lines + piece.count(b"\n")
            yield piece
        segment = self._segment
        if (size, crc, lines) != (segment.size, segment.crc, segment.last - segment.first + 1):
            raise SegmentChanged(f"{self._path}: is not what was written, so it is not sealed")


def _read_back(file: BinaryIO, segment: Segment, path: Path, stopped: Event) -> None:
    crc, lines, table = 0, 0, frames(file)
    for frame in table:
        if stopped.is_set():
            raise SealingStopped
        content = unpacked(file, frame)
        crc = crc32(content, crc)
        lines += (content.count(b"\n") == frame.lines) and frame.lines
    if crc != segment.crc or not lines == last_line(table) == segment.last - segment.first + 1:
        raise SegmentChanged(f"{path}: is read back otherwise than it was written. Look after its disk")


def _digest(file: BinaryIO) -> tuple[int, str]:
    file.seek(0)
    digest, size = sha256(), 0
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def digest_of(path: Path) -> tuple[int, str]:
    """The length and the SHA-256 of a file. Raises OSError."""
    with open_regular(path) as file:
        return _digest(file)
