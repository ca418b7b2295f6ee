"""Snapshots on disk: the state at one event, as JSON lines in one zstd frame with a checksum.

The first line is a Header; each further one holds some rows of one table, `{"table":"bots","rows":[…]}`; those of
`pluginRows` hold rows of plugins' own, those of `remembered` and `met` what stays of rows that have left. So
`zstdcat FILE | head -1` says what a snapshot is, and `zstd -t FILE` whether it is whole.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any, Final, NamedTuple, Union

import msgspec
import zstandard

from kernel.codec import encode
from kernel.disk import sync_folder
from kernel.lifts import MEMORY_VERSIONS, VERSIONS, Fields, lifted
from kernel.memory import StoredMeetings, StoredPlayers
from kernel.plugin_tables import StoredRows
from kernel.regular_files import open_regular
from kernel.rows import Row
from kernel.snapshot import Snapshot
from kernel.state import State
from plugins.journal.errors import JournalTooNew, SnapshotOutdated, SnapshotUnfit
from plugins.journal.identity import Identity
from plugins.journal.lines import whole_lines

FORMAT: Final = 2
KEPT: Final = 2
SLICE_S: Final = 0.001
"""How long the loop is held at a time."""
_ROWS_PER_LINE: Final = 16
"""A chat of 500 messages takes a fifth of a millisecond, so that a line of them still keeps within a few."""
_PIECE: Final = 1 << 20
_COMPRESSED_PIECE: Final = 1 << 10
"""Taken in at a time: it unpacks to 32 MiB at most, as a block of four bytes may be one of 128 KiB."""
_SUFFIX: Final = ".ndjson.zst"

_ROWS: Final[dict[str, Any]] = {table.name: table.row_type for table in State().tables}


def _block(name: str, row: Any) -> type[Any]:
    """A line of the file: some rows of one table."""
    fields = [("rows", list[row])]
    return msgspec.defstruct(f"Block_{name}", fields, tag=name, tag_field="table", forbid_unknown_fields=True)


_BLOCKS: Final = {name: _block(name, row) for name, row in _ROWS.items()}
_PLUGINS_BLOCK: Final = _block("pluginRows", StoredRows)
"""Rows that plugins bring themselves: each piece says whose they are, and of what version."""
_PLAYERS_BLOCK: Final = _block("remembered", StoredPlayers)
_MEETINGS_BLOCK: Final = _block("met", StoredMeetings)
_OTHERS: Final = (_PLUGINS_BLOCK, _PLAYERS_BLOCK, _MEETINGS_BLOCK)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot says of itself."""

    format: int
    seq: int
    """The last event folded into it."""
    ts: int
    offset: int
    """Where the event after it begins in events.ndjson, in bytes, as the file was then."""
    first: int = 1
    """The first event that was in events.ndjson then."""
    tables: dict[str, int] = msgspec.field(default_factory=dict)
    """The version of each table's rows (`kernel/lifts.py`); empty in the first format, which had none."""
    rows: int
    identity: str = ""
    """The folder's; early versions knew none."""


class SnapshotFile(NamedTuple):
    """One that has been read whole and found good."""

    header: Header
    tables: list[tuple[str, list[Row]]]
    plugin_rows: list[StoredRows]
    players: list[StoredPlayers]
    meetings: list[StoredMeetings]


class Snapshots:
    """The snapshots of one folder; `write` makes one more and forgets all but the newest KEPT."""

    def __init__(self, folder: Path, identity: Identity | None = None) -> None:
        """`identity`: the folder's, written into each and asked of each; None where it has none yet."""
        self.folder = folder
        self.identity = identity

    def found(self) -> list[tuple[int, Path]]:
        """Each with the event that it stands at, the newest first."""
        numbers = ((path.name.removesuffix(_SUFFIX).removeprefix("snapshot-"), path) for path in self._paths())
        return sorted(((int(number), path) for number, path in numbers if number.isdecimal()), reverse=True)

    def _paths(self) -> list[Path]:
        return list(self.folder.glob(f"snapshot-*{_SUFFIX}"))

    async def write(self, snapshot: Snapshot, offset: int, first: int = 1) -> Path:
        """Bring it to disk, in slices of about SLICE_S of the loop's time. Raises OSError, and leaves nothing.

        `offset` is where the next event begins in the file of events that begins with event `first`. Only for a
        snapshot whose events are on disk already: a snapshot must never be ahead of the journal.
        """
        path = self.folder / f"snapshot-{snapshot.seq:015}{_SUFFIX}"
        await self.write_to(path, snapshot, offset, first)
        await asyncio.to_thread(self._forget_old)
        return path

    async def write_to(self, path: Path, snapshot: Snapshot, offset: int, first: int) -> None:
        """The same under another name, and nothing is forgotten."""
        rows = sum(map(len, snapshot.tables.values())) + len(snapshot.plugin_rows) + len(snapshot.memory)
        identity = self.identity or ""
        header = Header(
            format=FORMAT,
            seq=snapshot.seq,
            ts=snapshot.ts,
            offset=offset,
            first=first,
            tables={**VERSIONS, **MEMORY_VERSIONS},
            rows=rows,
            identity=identity,
        )
        file = _File(path)
        with _a_thread() as in_thread:
            try:
                await in_thread(file.open)
                for piece in _pieces(header, snapshot):
                    # the thread compresses while the loop does something else, and is never more than a piece behind
                    await in_thread(file.write, piece)
                await in_thread(file.finish)
            except BaseException:
                in_thread(file.discard)
                raise

    def _forget_old(self) -> None:
        for _, path in self.found()[KEPT:]:
            path.unlink(missing_ok=True)

    def forget_before(self, seq: int) -> None:
        """Remove all that stand at an earlier event. Raises OSError."""
        for stands_at, path in self.found():
            if stands_at < seq:
                path.unlink(missing_ok=True)
        sync_folder(self.folder)

    def is_foreign(self, header: Header) -> bool:
        """Whether it is of another folder. One without an identity is of a time before there were any."""
        return bool(self.identity and header.identity and header.identity != self.identity)


@contextmanager
def _a_thread() -> Iterator[Callable[..., asyncio.Future[Any]]]:
    """A thread for the block, which does one thing after another, and the way to have it do one."""
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal snapshot")
    try:
        yield partial(asyncio.get_running_loop().run_in_executor, executor)
    finally:
        executor.shutdown(wait=False)


def header_of(path: Path) -> Header:
    """What a snapshot says of itself, by its first line alone. Raises SnapshotUnfit."""
    with _as_unfit():
        first, _, _ = next(whole_lines(content_of(path)), b"").partition(b"\n")
        return msgspec.json.decode(first, type=Header)


def read(path: Path) -> SnapshotFile:
    """Read a snapshot whole, before any of it is used. Raises SnapshotUnfit with the reason."""
    with _as_unfit():
        lines = whole_lines(content_of(path))
        first, _, rest = next(lines, b"").partition(b"\n")
        header = msgspec.json.decode(first, type=Header)
        if header.format < FORMAT:
            raise SnapshotOutdated(f"its format is {header.format}, and this version reads {FORMAT}")
        known = {**VERSIONS, **MEMORY_VERSIONS}
        newer = [name for name, version in header.tables.items() if version > known.get(name, 0)]
        if header.format > FORMAT or newer:
            what = f"its {', '.join(newer)} are" if newer else "it is"
            raise JournalTooNew(f"{path}: {what} of a newer version than this one. Start that one again.")
        older = {name for name, version in VERSIONS.items() if header.tables.get(name, 0) < version}
        decoder = _decoder(frozenset(older))
        tables: list[tuple[str, list[Row]]] = []
        others: dict[type[Any], list[Any]] = {block: [] for block in _OTHERS}
        for piece in (rest, *lines):
            for block in decoder.decode_lines(piece):
                if type(block) in others:
                    others[type(block)] += block.rows
                    continue
                name = block.__struct_config__.tag
                rows = _lifted(name, header.tables.get(name, 0), block.rows) if name in older else block.rows
                tables.append((name, rows))
    count = sum(len(rows) for _, rows in tables) + sum(map(len, others.values()))
    if count != header.rows:
        raise SnapshotUnfit(f"it holds {count} rows and should hold {header.rows}")
    return SnapshotFile(header, tables, *others.values())


@cache
def _decoder(older: frozenset[str]) -> msgspec.json.Decoder[Any]:
    """Reads rows as what they are today, and those of `older` tables as they stand there."""
    blocks = [_block(name, dict[str, Any]) if name in older else block for name, block in _BLOCKS.items()]
    return msgspec.json.Decoder(Union[(*blocks, *_OTHERS)])


def _lifted(name: str, version: int, rows: list[Fields]) -> list[Row]:
    shape = _ROWS[name]
    return [msgspec.convert(lifted(name, version, row), type=shape) for row in rows]


@contextmanager
def _as_unfit() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SnapshotUnfit(f"it cannot be read: {error.strerror}") from error
    except zstandard.ZstdError as error:
        raise SnapshotUnfit(f"it is damaged: {error}") from error
    except ValueError as error:
        raise SnapshotUnfit(f"its contents make no sense: {error}") from error


def content_of(path: Path) -> Iterator[bytes]:
    """What is in a file of one zstd frame, piece by piece. Raises SnapshotUnfit where the file is not whole."""
    frame = zstandard.ZstdDecompressor().decompressobj()
    with open_regular(path) as file:
        gathered = bytearray()
        while piece := file.read(_COMPRESSED_PIECE):
            gathered += frame.decompress(piece)
            if frame.eof:
                break
            if len(gathered) >= _PIECE:
                yield bytes(gathered)
                gathered.clear()
        yield bytes(gathered)
        if not frame.eof or frame.unused_data or file.read(1):
            raise SnapshotUnfit("it ends too early" if not frame.eof else "something follows its end")


def _pieces(header: Header, snapshot: Snapshot) -> Iterator[bytes]:
    """The content, as much at a time as SLICE_S suffices for."""
    lines = [encode(header)]
    until = time.perf_counter() + SLICE_S
    for name, rows in snapshot.tables.items():
        block = _BLOCKS[name]
        for start in range(0, len(rows), _ROWS_PER_LINE):
            lines.append(encode(block(rows=rows[start : start + _ROWS_PER_LINE])))
            if time.perf_counter() >= until:
                yield b"\n".join((*lines, b""))
                lines.clear()
                until = time.perf_counter() + SLICE_S
    others = (snapshot.plugin_rows, snapshot.memory.players(), snapshot.memory.meetings())
    for block, stored in ((block, row) for block, rows in zip(_OTHERS, others, strict=True) for row in rows):
        lines.append(encode(block(rows=[stored])))
        if time.perf_counter() >= until:
            yield b"\n".join((*lines, b""))
            lines.clear()
            until = time.perf_counter() + SLICE_S
    yield b"\n".join((*lines, b"")) if lines else b""


class _File:
    """A snapshot being written, under another name until it is whole and on disk. For the thread's hands only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._unfinished = path.with_name(path.name + ".tmp")
        self._frame = zstandard.ZstdCompressor(level=1, write_checksum=True).compressobj()

    def open(self) -> None:
        descriptor = os.open(self._unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, piece: bytes) -> None:
        self._file.write(self._frame.compress(piece))

    def finish(self) -> None:
        self._file.write(self._frame.flush())
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._unfinished.replace(self.path)
        sync_folder(self.path.parent)

    def discard(self) -> None:
        if hasattr(self, "_file"):
            self._file.close()
        self._unfinished.unlink(missing_ok=True)
