"""A journal's folder as tests write and read it, without a running system."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from pathlib import Path
from typing import Final

from kernel.bus import Bus
from kernel.codec import decode_envelopes, encode
from kernel.commits import Commits
from kernel.events import Envelope
from kernel.recovery import Recovery
from kernel.segments import Segments
from kernel.snapshot import Snapshot
from kernel.state import State
from kernel.testing import ManualClock
from plugins.journal import identity as identities
from plugins.journal import sums
from plugins.journal.history import History
from plugins.journal.recovery import restore
from plugins.journal.snapshots import Snapshots
from plugins.journal.sums import NOTHING, SumFile

ONE_FILE: Final = {"journal": {"segment_mib": 0, "segment_daily": False}}
"""The config of a journal that stays one file, whatever the clock says."""


class Folder:
    """`path` is what a journal calls its `data_dir`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.events = path / "events.ndjson"
        self.snapshots = Snapshots(path)

    def write(self, envelopes: list[Envelope]) -> None:
        """Have exactly these events in the file."""
        self.events.write_bytes(b"".join(encode(envelope) + b"\n" for envelope in envelopes))

    def read(self) -> list[Envelope]:
        """All that there is, of every file."""
        return list(decode_envelopes(b"".join(Segments(self.path).lines())))

    def offset(self, seq: int) -> int:
        """Where the line of the event after `seq` begins."""
        return sum(map(len, self.events.read_bytes().splitlines(keepends=True)[:seq]))

    def snapshot(self, state: State, offset: int | None = None) -> Path:
        """Add one of that state, saying that it stands at `offset`, or where it does."""
        stands_at = self.offset(state.seq) if offset is None else offset
        return asyncio.run(self.snapshots.write(Snapshot.of(state), stands_at))

    def recovered(self) -> State:
        """What a start would find. Raises JournalUnusable."""
        return asyncio.run(self.recover())

    def history(self) -> History:
        """events.ndjson, which may be preceded by segments."""
        manifest = Segments(self.path).manifest
        return History(self.events, manifest.last if manifest is not None else 0)

    async def recover(self) -> State:
        """The same, for those who have a loop."""
        state = State()
        recovery = Recovery(state, Bus(state, ManualClock(), _raise), Commits())
        segments = Segments(self.path)
        await restore(recovery, self.history(), self.snapshots, segments, logging.getLogger("test"))
        return state


def new_sums(folder: Path, kind: type[SumFile] = SumFile) -> SumFile:
    """events.sum of a journal that is empty."""
    path, identity = folder / sums.FILE, identities.new()
    path.write_bytes(sums.encode(identity, []))
    return kind(path, identity, NOTHING)


def _raise(owner: str, where: str, error: BaseException, *, announce: bool = True) -> None:
    raise AssertionError(f"{owner}: {where}") from error


def contents(state: State) -> dict[str, object]:
    """Everything that the state says: the rows in their order, and what is derived from them."""
    rows = {table.name: list(table.items()) for table in state.tables}
    index = {name: _derived(value, state) for name, value in vars(state.index).items()}
    return {"seq": state.seq, "ts": state.ts, **rows, **index}


def _derived(index: object, state: State) -> object:
    """As it answers whoever asks: a bot that is gone, or one of whom there is nothing to say, answers with nothing."""
    if not isinstance(index, defaultdict):
        return index
    return {key: value for key, value in index.items() if value and (key in state.bots or not key.startswith("bot_"))}
