"""The journal as a plugin: recovers the state, records every event, and takes snapshots."""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from kernel.clock import MINUTE
from kernel.codec import CODEC
from kernel.commits import Commits
from kernel.context import Context
from kernel.diagnosis import FolderFacts
from kernel.errors import CommitFailed
from kernel.events import ErrorLogged
from kernel.hookspecs import Health, hookimpl
from kernel.measures import Measure
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.segments import Segments
from plugins.journal import command_line, diagnosis
from plugins.journal.appender import Appender
from plugins.journal.errors import JournalUnusable
from plugins.journal.history import History, recall
from plugins.journal.inspection import EVENTS, Inspected, check_bytes, inspect, marks, settle
from plugins.journal.layout import CLOSED, bring_up, stands_at
from plugins.journal.lock import Lock
from plugins.journal.recorder import STALL_S, Recorder
from plugins.journal.recovery import Restored, restore
from plugins.journal.snapshots import Snapshots
from plugins.journal.stats import JournalStats, measures

LAST_SNAPSHOT_S: Final = 8.0
LAST_EVENTS_S: Final = 5.0
"""What a stop may take: without the last snapshot the next start is slower, and without the last events it forgets."""


class JournalConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[journal]`."""

    snapshot_events: int = 250_000
    """Take a snapshot after so many events; a start folds at most about as many."""
    snapshot_minutes: float = 5.0
    """Take one after so long, too, if anything has happened."""
    backlog_mib: int = 64
    """Events that may wait in memory for a disk that fails. When it is full, nothing is carried out until a restart."""

    def __post_init__(self) -> None:
        if self.snapshot_events < 1:
            raise ValueError("snapshot_events: must be at least 1")
        if self.snapshot_minutes <= 0:
            raise ValueError("snapshot_minutes: must be above 0")
        if self.backlog_mib < 1:
            raise ValueError("backlog_mib: must be at least 1")


class Journal(Plugin[JournalConfig]):
    """`stats` counts what was done."""

    Config = JournalConfig
    essential = True
    appender: ClassVar[type[Appender]] = Appender
    """Opens the file; tests put a bad disk there."""
    stall_s: ClassVar[float] = STALL_S

    def __init__(self, ctx: Context, config: JournalConfig) -> None:
        super().__init__(ctx, config)
        self.stats = JournalStats()
        self._recorder: Recorder | None = None
        self._snapshots: Snapshots | None = None
        self._lock: Lock | None = None
        self._commits: Commits | None = None
        """Says how far events are on disk; None until the journal answers for it."""
        self._folder = Path()
        """Asked for once: to ask again would make a data folder anew that somebody has renamed."""
        self._due = asyncio.Event()
        self._one_at_a_time = asyncio.Lock()
        self._tried = 0

    @hookimpl
    async def recover(self, recovery: Recovery) -> None:
        try:
            await self._recover(recovery)
        except OSError as error:
            raise JournalUnusable(f"{error.filename or self.ctx.data_dir}: {error.strerror or error}") from error

    async def _recover(self, recovery: Recovery) -> None:
        folder = self._folder = self.ctx.data_dir
        self._lock = Lock(folder)
        self._lock.take()
        bring_up(folder, self.ctx.log, until=CLOSED)
        history = History(folder / EVENTS)
        remains = () if history.size else tuple(self.ctx.hooks.remains())
        found = await asyncio.to_thread(marks, folder)
        inspected = inspect(history, found, stands_at(folder), remains)
        snapshots = self._snapshots = Snapshots(folder, inspected.identity)
        seq, snapshot_seq = await self._restore(recovery, history, inspected, snapshots)
        torn = history.size - history.end
        if (aside := history.cut_torn_end()) is not None:
            self.ctx.log.warning("the last write was torn by a crash: %d bytes were moved to %s", torn, aside)
        snapshots.forget_unfinished()
        await asyncio.to_thread(bring_up, folder, self.ctx.log)
        snapshots.identity, sum_file = await asyncio.to_thread(settle, history, inspected, self.ctx.log)
        self.stats.snapshot_seq = self._tried = snapshot_seq
        self._recorder = Recorder(
            self.appender(history.path, history.end),
            sum_file,
            recovery.commits,
            seq,
            self.stats,
            backlog=self.config.backlog_mib << 20,
            alarm=self._alarm,
            taken=self._taken,
            stall_s=self.stall_s,
        )
        self._stop_recording = recovery.record(self._recorder.record, owner=self.ctx.name)
        recovery.commits.take_charge(seq)
        self._commits = recovery.commits

    async def _restore(
        self, recovery: Recovery, history: History, inspected: Inspected, snapshots: Snapshots
    ) -> Restored:
        """Bring the state back while a thread holds the file's bytes against their sums: both have to agree."""
        history.leave_out_holes(inspected.newest.end)
        stopped = threading.Event()
        checking = asyncio.ensure_future(asyncio.to_thread(check_bytes, history, inspected.sums, stopped))
        try:
            restored = await restore(recovery, history, snapshots, self.ctx.log)
        except JournalUnusable:
            await checking  # what it says is more exact: it knows what was written
            raise
        except BaseException:  # raised again: the thread must not keep the process
            stopped.set()
            raise
        await checking
        return restored

    async def start(self) -> None:
        self.ctx.spawn(self._snapshot_when_due(), "snapshots")
        self.ctx.spawn(self._remind(), "snapshot reminder")
        self._taken(self.ctx.state.seq)

    async def stop(self) -> None:
        if self._recorder is not None and not await self._stop_recorder(self._recorder):
            return  # the thread may still write: the lock goes with the process
        if self._lock is not None:
            self._lock.release()

    async def _stop_recorder(self, recorder: Recorder) -> bool:
        try:
            async with asyncio.timeout(LAST_SNAPSHOT_S):
                await self._snapshot(recorder)
        except TimeoutError:
            self.ctx.log.warning("no snapshot within %s s: the next start folds more events", LAST_SNAPSHOT_S)
        finally:
            self._stop_recording()
            ended = await recorder.close(LAST_EVENTS_S)
            if recorder.lag:
                self.ctx.log.error("%d events were not written; nobody was told that they were", recorder.lag)
        return ended

    @hookimpl
    def health(self) -> Health:
        if self._recorder is None:
            return Health(self.ctx.name, ok=False, detail="the state has not been recovered")
        problem = self._recorder.problem
        said = problem or self._recorder.unsummed
        waiting = f"{self._recorder.lag} events wait for the disk"
        return Health(self.ctx.name, ok=problem is None, detail=f"{said} ({waiting})" if said else waiting)

    @hookimpl
    def recall(self, kind: str) -> Iterator[bytes]:
        return recall(self._folder / EVENTS, CODEC.earlier_kinds(kind))

    @hookimpl
    def events_after(self, seq: int, upto: int | None) -> Iterator[bytes] | None:
        if self._commits is None:
            return None
        reached = self._commits.reached
        return Segments(self._folder).lines(seq, reached if upto is None else min(upto, reached))

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        if self._recorder is None:
            return ()
        return measures(self.stats, size=self._recorder.offset, seq=self._recorder.seq)

    @classmethod
    def diagnose(cls, folder: Path, *, running: bool) -> FolderFacts:
        """Its part of a report; see `kernel.diagnosis.Diagnosed`."""
        return diagnosis.look(folder, running=running)

    def _taken(self, seq: int) -> None:
        if seq - self._tried >= self.config.snapshot_events:
            self._due.set()

    async def _remind(self) -> None:
        while True:
            await self.ctx.clock.sleep(int(self.config.snapshot_minutes * MINUTE))
            if self.ctx.state.seq > self._tried:
                self._due.set()

    async def _snapshot_when_due(self) -> None:
        while self._recorder is not None:
            await self._due.wait()
            self._due.clear()
            await self._snapshot(self._recorder)

    async def _snapshot(self, recorder: Recorder) -> None:
        """Make one of the state as it is now. A failure is contained: the journal holds everything that it would."""
        async with self._one_at_a_time:
            recorder.hand_over()
            snapshot, offset = self.ctx.snapshot(), recorder.offset
            self._tried = snapshot.seq
            if snapshot.seq == self.stats.snapshot_seq or snapshot.seq != recorder.seq or self._snapshots is None:
                return  # nothing new; or the recorder has given up, and what is in the state will never be on disk
            began = time.perf_counter()
            try:
                await self.ctx.committed(snapshot.seq)  # a snapshot is never ahead of the journal
                path = await self._snapshots.write(snapshot, offset)
            except CommitFailed as error:
                self.ctx.log.warning("no snapshot while the journal cannot write: %s", error)
            except OSError as error:
                self.ctx.contain("snapshot", error)
            else:
                self.stats.snapshots += 1
                self.stats.snapshot_seq = snapshot.seq
                self.ctx.log.info("%s written in %.2f s", path.name, time.perf_counter() - began)

    def _alarm(self, why: str | None) -> None:
        if why is None:
            self.ctx.log.warning("events come to disk again, and none is missing")
            return
        self.ctx.log.error("events do not come to disk: %s", why)
        message = "Events do not come to disk, so commands are refused."
        self.ctx.publish(ErrorLogged(source=self.ctx.name, message=message, detail=why[:500]))

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)
