"""Segments written anew without a person, in steps, each of which a start finds and goes on from.

1. Each segment that has lines about them is written beside the old one, as `….new`, and synced; so is the base.
2. The manifest names all of them as they will be (`rewritten`). From here on it is carried out.
3. They are renamed into the places of the old ones; the manifest takes them over.

The events keep their numbers: line n of the whole stays event n. Before this begins, no snapshot may be left that has
the person's rows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Final
from zlib import crc32

import msgspec

from kernel.bus import Bus
from kernel.commits import Commits
from kernel.disk import sync_folder
from kernel.forgetting import ForgottenPersons
from kernel.machine_clock import SystemClock
from kernel.manifest import Base, JournalManifest, Segment
from kernel.plugin_tables import StoredRows
from kernel.recovery import Recovery
from kernel.regular_files import open_regular
from kernel.rows import Chat, Player, Row, Task
from kernel.seekable import frames, last_line, packed, unpacked
from kernel.segments import Segments
from kernel.snapshot import Snapshot
from kernel.state import State
from plugins.journal.identity import Identity
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.recovery import load
from plugins.journal.scrubbing import Scrubbing
from plugins.journal.sealing import SealingStopped, digest_of
from plugins.journal.snapshots import SnapshotFile, Snapshots, read

NEW: Final = ".new"


def rewrite(file: ManifestFile, persons: ForgottenPersons, upto: int, stopped: Event) -> list[str]:
    """Take these persons out of all events up to that one, which are in sealed segments. Returns the files' names.

    Raises EventsUnreadable, ValueError, SealingStopped and OSError; then nothing has changed, or it goes on at a start.
    """
    finish_rewriting(file)
    folder, manifest = file.folder, file.manifest
    scrubbing = Scrubbing(persons)
    for lines in Segments(folder).lines(manifest.before, min(upto, manifest.last)):
        _expect_going(stopped)
        scrubbing.learn(lines)
    base = _learn_base(folder, manifest, scrubbing)
    old = (segment for segment in manifest.segments if segment.first <= upto)
    new = (_written(folder, segment, scrubbing, upto, stopped) for segment in old)
    drafts = tuple(segment for segment in new if segment is not None)
    new_base = _base_written(folder, manifest, base, scrubbing) if base is not None else None
    if not drafts and new_base is None:
        return []
    sync_folder(folder)
    file.change(lambda found: msgspec.structs.replace(found, rewritten=drafts, rewritten_base=new_base))
    finish_rewriting(file)
    return [*(one.name for one in drafts), *([new_base.name] if new_base is not None else [])]


def finish_rewriting(file: ManifestFile) -> None:
    """Carry to its end what the manifest says, and remove drafts that it does not know of. Raises OSError."""
    folder, manifest = file.folder, file.manifest
    bases = (manifest.rewritten_base,) if manifest.rewritten_base is not None else ()
    for one in (*manifest.rewritten, *bases):
        draft = folder / f"{one.name}{NEW}"
        if draft.exists():
            draft.replace(folder / one.name)
    for draft in folder.glob(f"*{NEW}"):
        draft.unlink()
    if not manifest.rewritten and not bases:
        return
    sync_folder(folder)
    file.change(_taken_over)


def _taken_over(manifest: JournalManifest) -> JournalManifest:
    new = {one.first: one for one in manifest.rewritten}
    return msgspec.structs.replace(
        manifest,
        segments=tuple(new.get(one.first, one) for one in manifest.segments),
        base=manifest.rewritten_base or manifest.base,
        rewritten=(),
        rewritten_base=None,
    )


def _expect_going(stopped: Event) -> None:
    if stopped.is_set():
        raise SealingStopped


def _written(folder: Path, segment: Segment, scrubbing: Scrubbing, upto: int, stopped: Event) -> Segment | None:
    """The segment as it will be, whose draft is on disk; None where it has nothing about these persons."""
    path = folder / segment.name
    with open_regular(path) as source:
        table = frames(source)
        if not any(scrubbing.concerns(unpacked(source, frame)) for frame in table if not stopped.is_set()):
            _expect_going(stopped)
            return None
        size = crc = 0

        def contents() -> Iterator[bytes]:
            nonlocal size, crc
            for frame in table:
                _expect_going(stopped)
                content = _scrubbed(unpacked(source, frame), segment.first + frame.before, upto, scrubbing)
                size, crc = size + len(content), crc32(content, crc)
                yield content

        draft = folder / f"{segment.name}{NEW}"
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            for piece in packed(contents()):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            lines = last_line(frames(file))
    if lines != segment.last - segment.first + 1:
        raise ValueError(f"{draft}: has {lines} lines, and should have {segment.last - segment.first + 1}")
    length, digest = digest_of(draft)
    return msgspec.structs.replace(segment, size=size, crc=crc, packed=length, sha256=digest)


def _scrubbed(content: bytes, first: int, upto: int, scrubbing: Scrubbing) -> bytes:
    """Lines from event `first` on; those behind `upto` stay."""
    count = content.count(b"\n")
    if first + count - 1 <= upto:
        return scrubbing.scrub(content)
    if first > upto:
        return content
    lines = content.splitlines(keepends=True)
    return scrubbing.scrub(b"".join(lines[: upto - first + 1])) + b"".join(lines[upto - first + 1 :])


def _learn_base(folder: Path, manifest: JournalManifest, scrubbing: Scrubbing) -> SnapshotFile | None:
    """What the base knows of the persons' chats and tasks, whose beginning was pruned."""
    if manifest.base is None:
        return None
    base = read(folder / manifest.base.name)
    traces = {trace.player: trace for trace in scrubbing.traces}
    for row in (row for _, rows in base.tables for row in rows):
        if isinstance(row, Chat | Task) and row.player in traces:
            traces[row.player].ids.add(row.id)
        elif isinstance(row, Player) and row.steam_id64 in traces and row.persona is not None and row.persona.name:
            traces[row.steam_id64].names.add(row.persona.name)
    return base


def _base_written(folder: Path, manifest: JournalManifest, base: SnapshotFile, scrubbing: Scrubbing) -> Base | None:
    """The base as it will be, whose draft is on disk; None where nothing is different."""
    assert manifest.base is not None
    tables = [(name, [_row(row, scrubbing) for row in rows]) for name, rows in base.tables]
    plugin_rows = [_own_rows(piece, scrubbing) for piece in base.plugin_rows]
    state = State()
    recovery = Recovery(state, Bus(state, SystemClock(), _raise), Commits())
    load(recovery, base._replace(tables=tables, plugin_rows=plugin_rows))
    same = tables == base.tables and plugin_rows == base.plugin_rows
    state.begin()
    for trace in scrubbing.traces:
        known = state.remembered.get(trace.player)
        same = same and known is None and not any((one, trace.player) in state.met for one in state.met.frozen())
        state.met.drop(trace.player)
        if known is not None:
            state.remembered.drop(trace.player)
            state.remembered.put(trace.pseudonym, known)
    state.commit()
    if same:
        return None
    draft = folder / f"{manifest.base.name}{NEW}"
    first = base.header.first
    asyncio.run(Snapshots(folder, Identity(manifest.identity)).write_to(draft, Snapshot.of(state), 0, first))
    length, digest = digest_of(draft)
    return msgspec.structs.replace(manifest.base, packed=length, sha256=digest)


def _row(row: Row, scrubbing: Scrubbing) -> Row:
    """The same row, or another where it has something about these persons: words go from the rows that are theirs."""
    found = msgspec.to_builtins(row)
    whose = found.get("steamId64" if isinstance(row, Player) else "playerSteamId64")
    scrubbed = scrubbing.value(found, whose=[whose])
    return row if scrubbed == found else msgspec.convert(scrubbed, type=type(row))


def _own_rows(piece: StoredRows, scrubbing: Scrubbing) -> StoredRows:
    rows = [msgspec.Raw(scrubbing.scrub_row(bytes(row))) for row in piece.rows]
    return msgspec.structs.replace(piece, rows=rows) if rows != piece.rows else piece


def _raise(owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
    raise AssertionError(f"{owner}: {where}") from error
