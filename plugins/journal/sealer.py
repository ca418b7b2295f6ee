"""The loop's side of sealing: segments that are full go to a thread, one after another, and what is wrong is told."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final, NamedTuple

from kernel.clock import Clock
from kernel.forgetting import ForgottenPersons
from kernel.manifest import Segment
from kernel.segments import EventsUnreadable
from plugins.journal.errors import SegmentChanged
from plugins.journal.manifest_file import ManifestFile
from plugins.journal.pruning import finish
from plugins.journal.rewriting import finish_rewriting, rewrite
from plugins.journal.sealing import SealingStopped, forget_plain, seal
from plugins.journal.segment_checks import fault_of
from plugins.journal.stats import JournalStats

RETRY_MS: Final = 60_000
"""After a disk that would not take a segment. It stays plain meanwhile, and everything can be read."""


class _Rewrite(NamedTuple):
    """Persons to be taken out of the events up to that one, and who waits for it."""

    persons: ForgottenPersons
    upto: int
    done: asyncio.Future[list[str]]
    files: list[str]


Told = Callable[[str], None]
"""Told what is wrong with a segment, for people."""


class Sealer:
    """`fault` says what is wrong with a segment, if anything is; nothing else depends on it."""

    def __init__(
        self, manifest: ManifestFile, stats: JournalStats, clock: Clock, log: logging.Logger, told: Told
    ) -> None:
        self.manifest = manifest
        self.fault: str | None = None
        self._stats = stats
        self._clock = clock
        self._log = log
        self._told = told
        self._due = asyncio.Event()
        self._stopped = Event()
        self._under_way: asyncio.Future[None] | None = None
        self._rewrites: list[_Rewrite] = []
        self._given_up: set[int] = set()
        """First events of those that are not what was written."""

    def wake(self) -> None:
        """There may be something to seal."""
        self._due.set()

    async def rewrite(self, persons: ForgottenPersons, upto: int) -> list[str]:
        """Take these persons out of the events up to that one, once those are sealed; see `rewriting`. Returns the
        names of the files that were written anew. Raises what that raises."""
        wanted = _Rewrite(persons, upto, asyncio.get_running_loop().create_future(), [])
        self._rewrites.append(wanted)
        self._due.set()
        return await wanted.done

    async def run(self, unchecked: Sequence[Segment]) -> None:
        """Seal what is full, now and whenever woken. `unchecked` are those that the start has not read; they are first
        cleared of what a crash has left, and then held against their checksums."""
        await self._in_thread(self._clear)
        self._due.set()
        checked = list(unchecked)
        while True:
            if self._due.is_set():
                self._due.clear()
                if not await self._seal_all():
                    await self._clock.sleep(RETRY_MS)
                    self._due.set()
                await self._rewrite_all()
            elif checked:
                await self._in_thread(self._check, checked.pop(0))
            else:
                await self._due.wait()

    async def close(self) -> None:
        """Break off what is under way; the next start goes on with it."""
        self._stopped.set()
        if self._under_way is not None:
            await asyncio.wait((self._under_way,))

    async def _seal_all(self) -> bool:
        """False when the disk would not take one."""
        for segment in self.manifest.unsealed:
            if segment.first in self._given_up or self._stopped.is_set():
                continue
            began = time.perf_counter()
            try:
                await self._in_thread(self._seal, segment)
            except SealingStopped:
                return True
            except SegmentChanged as error:
                self._given_up.add(segment.first)
                self._tell(str(error))
                continue
            except OSError as error:
                self._log.warning("%s is not sealed: %s; it is tried again", segment.plain_name, error)
                return False
            took = time.perf_counter() - began
            self._stats.sealed += 1
            self._log.info("events %d to %d are sealed, in %.2f s", segment.first, segment.last, took)
        return True

    async def _rewrite_all(self) -> None:
        """Those that are asked for, and whose events are sealed by now."""
        for wanted in [one for one in self._rewrites if self.manifest.manifest.last >= one.upto]:
            if self.manifest.unsealed or wanted.done.done():
                continue
            self._rewrites.remove(wanted)

            def carry_out(wanted: _Rewrite = wanted) -> None:
                found = rewrite(self.manifest, wanted.persons, wanted.upto, self._stopped)
                wanted.files.extend(found)

            try:
                await self._in_thread(carry_out)
            except (SealingStopped, EventsUnreadable, ValueError, OSError) as error:
                wanted.done.set_exception(error)
            else:
                wanted.done.set_result(wanted.files)

    async def _in_thread(self, work: Callable[..., None], *arguments: object) -> None:
        """A cancelled task leaves the thread behind, which has to end before the folder is given up."""
        self._under_way = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
        await asyncio.shield(self._under_way)

    def _seal(self, segment: Segment) -> None:
        seal(self.manifest, segment, self._stopped)

    def _clear(self) -> None:
        """What a crash has left: the rest of a prune, and the plain form of what is sealed."""
        try:
            finish_rewriting(self.manifest)
            for sentence in finish(self.manifest):
                self._log.warning("%s", sentence)
            for segment in self.manifest.manifest.segments:
                if segment.is_sealed and (self.manifest.folder / segment.plain_name).exists():
                    forget_plain(self.manifest.folder, segment)
        except OSError as error:
            where = error.filename or self.manifest.folder
            self._log.warning(
                "%s: %s; what was sealed or pruned is still there, until the next start", where, error.strerror
            )

    def _check(self, segment: Segment) -> None:
        if self._stopped.is_set():
            return
        try:
            fault = fault_of(self.manifest.folder, segment, self._stopped)
        except OSError as error:
            fault = f"{self.manifest.folder / segment.name}: cannot be read: {error.strerror}"
        if fault is not None:
            self._tell(fault)

    def _tell(self, fault: str) -> None:
        self.fault = fault
        self._told(fault)
