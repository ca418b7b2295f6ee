"""The journal as a plugin: recovers the state, records every event, and takes snapshots."""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from kernel import manifest as manifests
from kernel.clock import MINUTE
from kernel.codec import CODEC
from kernel.commits import Commits
from kernel.context import Context
from kernel.diagnosis import FolderFacts
from kernel.errors import CommitFailed
from kernel.events import ErrorLogged
from kernel.forgetting import ForgottenPersons
from kernel.hookspecs import Health, hookimpl
from kernel.manifest import JournalManifest, Segment
from kernel.measures import Measure
from kernel.plugin import Plugin, PluginConfig
from kernel.recovery import Recovery
from kernel.segments import Segments
from plugins.journal import command_line, diagnosis, forgetting
from plugins.journal.appender import Appender
from plugins.journal.errors import JournalUnusable
from plugins.journal.folder import forget_drafts
from plugins.journal.history import History, recall
from plugins.journal.inspection import EVENTS, Inspected, check_bytes, inspect, marks, settle
from plugins.journal.layout import CLOSED, bring_up, stands_at
from plugins.journal.lock import Lock
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.pruning import JOURNAL
from plugins.journal.recorder import STALL_S, Recorder
from plugins.journal.recovery import Restored, restore
from plugins.journal.rewriting import finish_rewriting
from plugins.journal.rotation import Rotation, RotationLimits, finish_broken_off, first_ts
from plugins.journal.sealer import Sealer
from plugins.journal.segment_checks import check_segments
from plugins.journal.snapshots import Snapshots
from plugins.journal.stats import JournalStats, measures

LAST_SNAPSHOT_S: Final = 8.0
LAST_EVENTS_S: Final = 5.0
"""What a stop may take: without the last snapshot the next start is slower, and without the last events it forgets."""


SMALLEST_MIB: Final = 0.01
LARGEST_MIB: Final = 1_024.0


class JournalConfig(PluginConfig, frozen=True, kw_only=True):
    """The table `[journal]`."""

    snapshot_events: int = 250_000
    """Take a snapshot after so many events; a start folds at most about as many."""
    snapshot_minutes: float = 5.0
    """Take one after so long, too, if anything has happened."""
    backlog_mib: int = 64
    """Events that may wait in memory for a disk that fails. When it is full, nothing is carried out until a restart."""

    segment_mib: float = 64.0
    """Seal events.ndjson, and begin a new one, when it is so long; 0 for never."""
    segment_daily: bool = True
    """Seal it with the first event of the next UTC day, too."""

    def __post_init__(self) -> None:
        if self.snapshot_events < 1:
            raise ValueError("snapshot_events: must be at least 1")
        if self.snapshot_minutes <= 0:
            raise ValueError("snapshot_minutes: must be above 0")
        if self.backlog_mib < 1:
            raise ValueError("backlog_mib: must be at least 1")
        if self.segment_mib and not SMALLEST_MIB <= self.segment_mib <= LARGEST_MIB:
            raise ValueError(f"segment_mib: must be 0, or from {SMALLEST_MIB} to {LARGEST_MIB:,.0f}")


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
        self._segments = Segments(self._folder)
        self._sealer: Sealer | None = None
        self._unchecked: Sequence[Segment] = ()
        """Segments whose bytes the start has not looked at."""
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
        self._segments = Segments(folder)
        self._lock = Lock(folder)
        self._lock.take()
        bring_up(folder, self.ctx.log, until=CLOSED)
        found = await asyncio.to_thread(marks, folder)
        if found.manifest is not None and finish_broken_off(folder, found.manifest):
            found = await asyncio.to_thread(marks, folder)
        if found.manifest is not None and (found.manifest.rewritten or found.manifest.rewritten_base):
            await asyncio.to_thread(finish_rewriting, ManifestFile(folder, found.manifest))
            found = await asyncio.to_thread(marks, folder)
        history = History(folder / EVENTS, found.before)
        remains = () if history.size else tuple(self.ctx.hooks.remains())
        inspected = inspect(history, found, stands_at(folder), remains)
        snapshots = self._snapshots = Snapshots(folder, inspected.identity)
        seq, snapshot_seq = await self._restore(recovery, history, inspected, snapshots, found.manifest)
        torn = history.size - history.end
        if (aside := history.cut_torn_end()) is not None:
            self.ctx.log.warning("the last write was torn by a crash: %d bytes were moved to %s", torn, aside)
        forget_drafts(folder)
        await asyncio.to_thread(bring_up, folder, self.ctx.log)
        snapshots.identity, sum_file = await asyncio.to_thread(settle, history, inspected, self.ctx.log)
        self.stats.snapshot_seq = self._tried = snapshot_seq
        manifest = await asyncio.to_thread(manifests.read, folder)
        assert manifest is not None  # a step to this layout has made it
        self._sealer = Sealer(ManifestFile(folder, manifest), self.stats, self.ctx.clock, self.ctx.log, self._told)
        limits = RotationLimits(int(self.config.segment_mib * (1 << 20)), self.config.segment_daily)
        rotation = Rotation(self._sealer.manifest, limits, self.appender, first_ts=first_ts(history))
        self._recorder = Recorder(
            self.appender(history.path, history.end),
            sum_file,
            recovery.commits,
            seq,
            self.stats,
            backlog=self.config.backlog_mib << 20,
            alarm=self._alarm,
            taken=self._taken,
            rotation=rotation,
            rotated=self._sealer.wake,
            before=history.before,
            stall_s=self.stall_s,
        )
        self._stop_recording = recovery.record(self._recorder.record, owner=self.ctx.name)
        recovery.commits.take_charge(seq)
        self._commits = recovery.commits

    async def _restore(
        self,
        recovery: Recovery,
        history: History,
        inspected: Inspected,
        snapshots: Snapshots,
        manifest: JournalManifest | None,
    ) -> Restored:
        """Bring the state back while a thread holds the files' bytes against their sums: both have to agree."""
        history.leave_out_holes(inspected.newest.end)
        stopped = threading.Event()
        needed = max((seq for seq, _ in snapshots.found()), default=0)

        def check() -> None:
            check_bytes(history, inspected.sums, stopped)
            if manifest is not None:
                self._unchecked = check_segments(self._folder, manifest, needed, stopped)

        checking = asyncio.ensure_future(asyncio.to_thread(check))
        try:
            restored = await restore(recovery, history, snapshots, self._segments, self.ctx.log)
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
        if self._sealer is not None:
            self.ctx.spawn(self._sealer.run(self._unchecked), "sealing of segments")
        self._taken(self.ctx.state.seq)

    def rotate(self) -> None:
        """Let events.ndjson become a segment within a second, however short it is; it is sealed after that."""
        if self._recorder is not None:
            self._recorder.rotate()

    async def stop(self) -> None:
        if self._sealer is not None:
            await self._sealer.close()
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
        said = problem or self._recorder.unsummed or (self._sealer.fault if self._sealer is not None else None)
        waiting = f"{self._recorder.lag} events wait for the disk"
        return Health(self.ctx.name, ok=problem is None, detail=f"{said} ({waiting})" if said else waiting)

    @hookimpl
    def recall(self, kind: str) -> Iterator[bytes]:
        reached = self._commits.reached if self._commits is not None else 0
        return recall(self._segments, CODEC.earlier_kinds(kind), reached)

    @hookimpl
    def events_after(self, seq: int, upto: int | None) -> Iterator[bytes] | None:
        if self._commits is None:
            return None
        reached = self._commits.reached
        return self._segments.lines(seq, reached if upto is None else min(upto, reached))

    @hookimpl
    def measures(self) -> Sequence[Measure]:
        if self._recorder is None:
            return ()
        return measures(self.stats, size=self._recorder.size, seq=self._recorder.seq)

    @classmethod
    def diagnose(cls, folder: Path, *, running: bool) -> FolderFacts:
        """Its part of a report; see `kernel.diagnosis.Diagnosed`."""
        return diagnosis.look(folder, running=running)

    @hookimpl
    async def forget(self, persons: ForgottenPersons, seq: int) -> None:
        """Take these persons out of snapshots first, which would bring their rows back, and then out of segments.

        Raises CommitFailed, EventsUnreadable, ValueError and OSError.
        """
        if self._recorder is None or self._sealer is None or self._snapshots is None:
            return
        await self._snapshot(self._recorder)
        if self.stats.snapshot_seq < seq:
            raise CommitFailed("no snapshot could be written, and those that are there have the person's rows")
        await asyncio.to_thread(self._snapshots.forget_before, seq)
        for path in self._folder.glob("torn-*.bin"):
            path.unlink(missing_ok=True)
        if self._sealer.manifest.manifest.last < seq:
            self._recorder.rotate()
        files = await self._sealer.rewrite(persons, seq)
        self.ctx.log.info("%d files of the journal are written anew without %d persons", len(files), len(persons))

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
                place = recorder.place(snapshot.seq, offset)
                path = await self._snapshots.write(snapshot, place.offset, place.first)
            except CommitFailed as error:
                self.ctx.log.warning("no snapshot while the journal cannot write: %s", error)
            except OSError as error:
                self.ctx.contain("snapshot", error)
            else:
                self.stats.snapshots += 1
                self.stats.snapshot_seq = snapshot.seq
                self.ctx.log.info("%s written in %.2f s", path.name, time.perf_counter() - began)

    def _told(self, fault: str) -> None:
        """A segment is damaged, though all that is needed to go on is there. Called on any thread."""
        self.ctx.log.error("%s. See switchboard journal verify --data %s", fault, self._folder.parent)

    def _alarm(self, why: str | None) -> None:
        if why is None:
            self.ctx.log.warning("events come to disk again, and none is missing")
            return
        self.ctx.log.error("events do not come to disk: %s", why)
        message = "Events do not come to disk, so commands are refused."
        self.ctx.publish(ErrorLogged(source=self.ctx.name, message=message, detail=why[:500]))

    @classmethod
    def expect_idle(cls, data: Path) -> None:
        """Raises DataInUse where a system runs on that folder, and OSError."""
        lock = Lock(data / JOURNAL)
        lock.take()
        lock.release()

    @classmethod
    def forget_in(cls, data: Path, persons: ForgottenPersons) -> list[str]:
        """Take these persons out of the journal of a folder whose system has stopped; see `forgetting.forget`."""
        return forgetting.forget(data, persons)

    @classmethod
    def cli(cls, subcommands: argparse._SubParsersAction[Any]) -> None:
        command_line.add_to(subcommands)
