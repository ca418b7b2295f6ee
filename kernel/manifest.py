"""journal/manifest.json: which files the journal consists of beside the one that is being written.

It is replaced whole and has its own checksum: `{"manifest":{…},"sha256":"…"}`, the latter of the bytes of the former.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from kernel.regular_files import read_regular

FILE: Final = "manifest.json"
FORMAT: Final = 1
PACKED: Final = ".ndjson.zst"
PLAIN: Final = ".ndjson"


class ManifestDamaged(Exception):
    """It is not what was written, or of a newer version."""


class Segment(Struct, frozen=True, kw_only=True, rename="camel"):
    """The events `first` to `last`, which nobody adds to any more.

    Plain (`events-FIRST.ndjson`) until it is sealed; then it is compressed, and has a length and a SHA-256 as such.
    """

    first: int
    last: int
    ts: int
    """When its first event was, by the clock of that moment."""
    last_ts: int
    size: int
    """Bytes of its lines."""
    crc: int
    """CRC-32 of its lines."""
    packed: int | None = None
    """Bytes of the compressed file."""
    sha256: str | None = None
    """Of the compressed file."""

    @property
    def is_sealed(self) -> bool:
        return self.sha256 is not None

    @property
    def plain_name(self) -> str:
        return f"events-{self.first:012}{PLAIN}"

    @property
    def packed_name(self) -> str:
        return f"events-{self.first:012}{PACKED}"

    @property
    def name(self) -> str:
        """Of the file that holds it now."""
        return self.packed_name if self.is_sealed else self.plain_name


class Base(Struct, frozen=True, kw_only=True, rename="camel"):
    """The state at event `seq`, in the form of a snapshot: the events up to there were pruned."""

    seq: int
    ts: int
    packed: int
    sha256: str
    pruned_at: int

    @property
    def name(self) -> str:
        return f"base-{self.seq:012}{PACKED}"


class JournalManifest(Struct, frozen=True, kw_only=True, rename="camel"):
    """What the folder's journal consists of, oldest first. The file that is being written follows the last one."""

    format: int = FORMAT
    identity: str
    """The data folder's."""
    base: Base | None = None
    segments: tuple[Segment, ...] = ()
    pruned: tuple[Segment, ...] = ()
    """Those that a prune removes or moves just now; they are part of the journal no more."""
    moved_to: str | None = None
    """Where to; None: they are removed."""

    rewritten: tuple[Segment, ...] = ()
    """Segments as they are about to be: each takes the place of the one that begins with the same event."""
    rewritten_base: Base | None = None

    @property
    def before(self) -> int:
        """The last event that was pruned; 0 when none was."""
        return self.base.seq if self.base is not None else 0

    @property
    def last(self) -> int:
        """The last event that is not in the file being written."""
        return self.segments[-1].last if self.segments else self.before


class _Sealed(Struct, frozen=True):
    manifest: msgspec.Raw
    sha256: str


class _Format(Struct, frozen=True):
    format: int


def encode(manifest: JournalManifest) -> bytes:
    """The whole file."""
    content = msgspec.json.encode(manifest)
    return b'{"manifest":%s,"sha256":"%s"}\n' % (content, sha256(content).hexdigest().encode())


def decode(content: bytes) -> JournalManifest:
    """Raises ManifestDamaged."""
    try:
        sealed = msgspec.json.decode(content, type=_Sealed)
        if sha256(sealed.manifest).hexdigest() != sealed.sha256:
            raise ManifestDamaged("its checksum is another")
        version = msgspec.json.decode(sealed.manifest, type=_Format).format
        if version > FORMAT:
            raise ManifestDamaged(f"a newer version has written it (format {version}): start that one again")
        return msgspec.json.decode(sealed.manifest, type=JournalManifest)
    except ValueError as error:
        raise ManifestDamaged(str(error)) from error


def read(folder: Path) -> JournalManifest | None:
    """That of a journal's folder; None where there is none. Raises ManifestDamaged, and OSError."""
    try:
        return decode(read_regular(folder / FILE))
    except FileNotFoundError:
        return None
