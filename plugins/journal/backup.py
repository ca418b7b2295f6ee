"""A data folder in one file, taken while the system runs, and brought back.

An archive is `tar` in zstd: `tar --zstd -tf FILE` lists it. Nobody is stopped for it: what is in the folder is either
append-only (events.ndjson, which is taken up to its last whole line) or replaced whole (all the rest). Snapshots and
sums are read before the journal's end is looked for, so none is ahead of it; the rest comes last, so that the secrets
of every bot in the journal are there. The events are held against their sums as they are read, and the last sum in the
archive covers all of them. Sealed segments are in it, or, where many backups are kept in one folder, beside it.
"""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Final, NamedTuple, Protocol, Self

import zstandard

from kernel import manifest as manifests
from kernel.disk import sync_folder
from kernel.manifest import Base, ManifestDamaged, Segment
from kernel.regular_files import expect_regular, open_regular, read_regular
from plugins.journal import sums
from plugins.journal.backup_source import Checked, Summed, opened
from plugins.journal.errors import BackupUnusable, SnapshotUnfit
from plugins.journal.history import History
from plugins.journal.segment_checks import fault_of, segment_faults
from plugins.journal.segment_store import SegmentStore
from plugins.journal.snapshots import Snapshots, content_of
from plugins.journal.sums import NOTHING, Sum

JOURNAL: Final = "journal"
EVENTS: Final = f"{JOURNAL}/events.ndjson"
SUMS: Final = f"{JOURNAL}/{sums.FILE}"
LEFT_OUT: Final = re.compile(
    r"(^|/)((lock|address|torn-[^/]*\.bin|[^/]*\.tmp|snapshot-[^/]*)$|aside-\d+/|repair\.tmp/)"
    rf"|^{JOURNAL}/((events|base)-\d+\.ndjson(\.zst)?|manifest\.json)$"
    r"|^live_shell/connection\.json$|^history/"
)
"""What belongs to a running process (the key of an open shell, too), is unfinished, is built anew from the
journal (the archive), or is taken apart from the rest."""
MEMBERS: Final = 100_000
"""Files that an archive may hold, and far more than one does."""
FREE_BYTES: Final = 64 * 1024**2
MOST_EXPANSION: Final = 250
"""An archive may unpack to FREE_BYTES, and beyond them to so many times its own size; a journal to some 20 times."""
LONGEST_HEADER: Final = 64 * 1024
"""Bytes of a long name or of other particulars of a member, which tar puts before it."""
_PIECE: Final = 1 << 20

Progress = Callable[[int, int], None]
"""Told the bytes done, and of how many; 0 where that is not known."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Taken(NamedTuple):
    """What an archive holds: the last event in it, the files, and their bytes."""

    seq: int
    files: int
    size: int


def take(data: Path, to: Path, progress: Progress = lambda done, total: None) -> Taken:
    """Write the archive, whole or not at all. Raises BackupUnusable, or OSError with what stands in the way."""
    _expect_journal(data)
    if to.exists():
        raise BackupUnusable(f"{to}: exists already, and is not written over; give another name.")
    return _take(data, lambda _: to, to.with_name(f".{to.name}.tmp"), None, progress)[1]


def take_into(data: Path, backups: Path, progress: Progress = lambda done, total: None) -> tuple[Path, Taken]:
    """Write an archive without sealed segments into a folder, and beside it those that are not there yet."""
    _expect_journal(data)
    backups.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = SegmentStore(backups)
    return _take(data, lambda seq: backups / f"backup-{seq:012}.tar.zst", backups / ".backup.tmp", store, progress)


def _expect_journal(data: Path) -> None:
    if not (data / EVENTS).exists() and not (data / JOURNAL / manifests.FILE).exists():
        raise BackupUnusable(f"{data}: holds no {EVENTS}; give the folder that `switchboard run --data` was given.")


def _take(
    data: Path, named: Callable[[int], Path], unfinished: Path, store: SegmentStore | None, progress: Progress
) -> tuple[Path, Taken]:
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            taken = _write(data, file, store, progress)
            file.flush()
            os.fsync(file.fileno())
        to = named(taken.seq)
        unfinished.replace(to)
        sync_folder(to.absolute().parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return to, taken


def _write(data: Path, to: IO[bytes], store: SegmentStore | None, progress: Progress) -> Taken:
    folder = data / JOURNAL
    with ExitStack() as stack:
        snapshots = []
        for _, path in Snapshots(folder).found():
            with _may_have_gone():
                snapshots.append((f"{JOURNAL}/{path.name}", stack.enter_context(open_regular(path))))
        journal = stack.enter_context(opened(folder))
        beside = {one.name for one, _ in journal.segments if store is not None and _is_sealed(one)}
        sizes = [os.fstat(file.fileno()).st_size for _, file in (*journal.segments, *snapshots)]
        counted = _Counted(journal.end + sum(sizes), progress)
        frame = stack.enter_context(
            zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(to, closefd=False)
        )
        archive = stack.enter_context(tarfile.open(fileobj=frame, mode="w|", format=tarfile.PAX_FORMAT))
        for part, file in journal.segments:
            if store is not None and isinstance(part, Segment) and part.name in beside:
                if not store.has(part):
                    store.put(part, file)
                continue
            checked = Checked(part, file)
            counted.add(archive, f"{JOURNAL}/{part.name}", checked, os.fstat(file.fileno()).st_size)
            checked.expect(folder)
        found = journal.sums
        newest = found.newest if found is not None else NOTHING
        summed = Summed(journal.events, newest.end)
        counted.add(archive, EVENTS, summed, journal.end)
        last = Sum(journal.seq, journal.end, summed.crc)
        if found is not None and found.identity is not None:
            if summed.crc_there != newest.crc:
                raise BackupUnusable(
                    f"{data / EVENTS}: is not what was written, so nothing was backed up. What is wrong with it: "
                    f"switchboard journal verify --data {data}"
                )
            content = sums.encode(found.identity, [*found.sums, last])
            counted.add(archive, SUMS, io.BytesIO(content), len(content))
        if journal.manifest is not None:
            counted.add(archive, f"{JOURNAL}/{manifests.FILE}", io.BytesIO(journal.content), len(journal.content))
        for name, file in snapshots:
            counted.add(archive, name, file, os.fstat(file.fileno()).st_size)
        for path in _others(data):
            with _may_have_gone():
                content = read_regular(path)  # at once: it may be replaced meanwhile
                counted.add(archive, path.relative_to(data).as_posix(), io.BytesIO(content), len(content))
        return Taken(journal.seq, counted.files, counted.done)


def _is_sealed(part: Base | Segment) -> bool:
    return isinstance(part, Segment) and part.is_sealed


def _others(data: Path) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        name = path.relative_to(data).as_posix()
        if path.is_file() and not path.is_symlink() and name not in (EVENTS, SUMS) and not LEFT_OUT.search(name):
            yield path


@contextmanager
def _may_have_gone() -> Iterator[None]:
    """A file that was removed since it was listed is not missed."""
    try:
        yield
    except FileNotFoundError:
        return


class _Counted:
    """Adds members and tells how far it has come."""

    def __init__(self, total: int, progress: Progress) -> None:
        self.done = self.files = 0
        self._total = total
        self._progress = progress

    def add(self, archive: tarfile.TarFile, name: str, file: _Readable, size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        archive.addfile(member, _Reader(file, self))  # type: ignore[arg-type]  # it only reads
        self.files += 1

    def went(self, count: int) -> None:
        self.done += count
        self._progress(self.done, max(self.done, self._total))


class _Reader:
    """A file that counts what is read of it."""

    def __init__(self, file: _Readable, counted: _Counted) -> None:
        self._file = file
        self._counted = counted

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self._counted.went(len(piece))
        return piece


def bring_back(archive: Path, data: Path, progress: Progress = lambda done, total: None) -> Taken:
    """Unpack into a new folder. Raises BackupUnusable, and leaves nothing, where the archive is not whole or ours."""
    if data.exists() and any(data.iterdir()):
        raise BackupUnusable(f"{data}: is not empty; a backup is brought back into a folder of its own.")
    made = data.with_name(f".{data.name}.restoring")
    if made.exists():
        raise BackupUnusable(f"{made}: is left from a restore that was broken off; remove it and try again.")
    made.mkdir(mode=0o700, parents=True)
    try:
        taken = _with_segments(archive, made, _unpack(archive, made, progress))
        if data.exists():
            data.rmdir()
        made.rename(data)
        sync_folder(data.absolute().parent)
    except BaseException:
        _remove(made)
        raise
    return taken


def _unpack(archive: Path, to: Path, progress: Progress) -> Taken:
    files = size = 0
    content = _Content(archive)
    try:
        with _opened(content) as members:
            for member in _members(members):
                file = members.extractfile(member) if member.isreg() and not member.issparse() else None
                if file is None or not _is_safe(member.name) or files >= MEMBERS:
                    raise BackupUnusable(f"{archive}: {member.name[:200]!r} does not belong into a backup.")
                _put(to / member.name, file)
                files, size = files + 1, size + member.size
                progress(size, 0)
        while content.read(_PIECE):
            pass  # the checksum stands at the end
    except (tarfile.TarError, zstandard.ZstdError, SnapshotUnfit, RecursionError, ValueError) as error:
        raise BackupUnusable(f"{archive}: is damaged, or no backup: {error}") from error
    if not (to / EVENTS).exists():
        raise BackupUnusable(f"{archive}: holds no {EVENTS}, so it is no backup.")
    return Taken(0, files, size)


def _with_segments(archive: Path, made: Path, taken: Taken) -> Taken:
    """Bring those back that lie beside the archive, and hold all of them against the manifest."""
    folder = made / JOURNAL
    store = SegmentStore(archive.absolute().parent)
    try:
        manifest = manifests.read(folder)
        for segment in manifest.segments if manifest is not None else ():
            if segment.is_sealed and not (folder / segment.name).exists():
                store.bring_back(segment, folder)
        faults = segment_faults(folder, manifest) if manifest is not None else []
        faults += (
            [fault for one in manifest.segments if (fault := fault_of(folder, one))] if manifest and not faults else []
        )
    except ManifestDamaged as error:
        raise BackupUnusable(f"{archive}: its {manifests.FILE} is damaged: {error}") from error
    if faults:
        raise BackupUnusable(f"{archive}: is damaged: {faults[0]}")
    return taken._replace(seq=History(made / EVENTS, manifest.last if manifest is not None else 0).last_seq())


class _Content:
    """An archive without its zstd, read as tar wants to. Raises BackupUnusable where it unpacks to too much."""

    def __init__(self, archive: Path) -> None:
        expect_regular(archive)
        self._archive = archive
        self._left = FREE_BYTES + MOST_EXPANSION * archive.stat().st_size
        self._pieces = content_of(archive)
        self._piece = memoryview(b"")

    def read(self, size: int) -> bytes:
        taken: list[memoryview] = []
        while size and (self._piece or self._next()):
            taken.append(self._piece[:size])
            self._piece = self._piece[size:]
            size -= len(taken[-1])
        return b"".join(taken)

    def _next(self) -> bool:
        for piece in self._pieces:
            self._left -= len(piece)
            if self._left < 0:
                raise BackupUnusable(
                    f"{self._archive}: unpacks to over {MOST_EXPANSION} times its size, so it is no backup."
                )
            self._piece = memoryview(piece)
            if piece:
                return True
        return False


class _Member(tarfile.TarInfo):
    """A member whose long name, or other particulars, are bounded before tarfile takes them into memory."""

    def _proc_member(self, archive: tarfile.TarFile) -> Self:
        if not self.isreg() and self.size > LONGEST_HEADER:
            raise tarfile.ReadError(f"{self.name[:200]!r} has a header of {self.size} bytes")
        member: Self = super()._proc_member(archive)  # type: ignore[misc]  # no part of what typeshed knows
        return member

    def _proc_gnusparse_10(self, *_: object) -> None:
        """Its map may be of any length, and takes the square of it."""
        raise tarfile.ReadError(f"{self.name[:200]!r} is a sparse file")


def _opened(content: _Content) -> tarfile.TarFile:
    return tarfile.open(fileobj=content, mode="r|", tarinfo=_Member)  # type: ignore[call-overload,no-any-return]


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """One after the other; tarfile itself would keep all of them."""
    while (member := archive.next()) is not None:
        yield member
        archive.members.clear()  # type: ignore[attr-defined]  # typeshed lacks it


def _is_safe(name: str) -> bool:
    """A path that stays within the folder."""
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and not {"\\", "\0"} & set(name)


def _put(path: Path, content: IO[bytes]) -> None:
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while piece := content.read(_PIECE):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
